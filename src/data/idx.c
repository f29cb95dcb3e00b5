/* idx files: MNIST and Fashion-MNIST. */
#include "data/idx.h"

#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"

enum { IMAGE_RANK = 3, LABEL_RANK = 1, TYPE_UNSIGNED_BYTE = 8, CLASSES = 10 };

/* MNIST's training images are 47 MB unpacked. */
static const size_t file_limit = (size_t)256 << 20;

static const char hint_again[] = "get the file again from the data set's own distribution";

static size_t read_be32(const unsigned char *bytes)
{
    return (size_t)bytes[0] << 24 | (size_t)bytes[1] << 16 | (size_t)bytes[2] << 8 |
           (size_t)bytes[3];
}

static enum sgeo_status check_magic(size_t rank, const unsigned char *bytes, size_t n_bytes,
                                    const char *origin)
{
    if (n_bytes < 4 + 4 * rank) {
        return sgeo_fail(SGEO_IO, hint_again, "%s: %zu bytes are too few for an idx%zu header",
                         origin, n_bytes, rank);
    }
    if (bytes[0] != 0 || bytes[1] != 0 || bytes[2] != TYPE_UNSIGNED_BYTE) {
        return sgeo_fail(SGEO_IO, hint_again, "%s: not an idx file of unsigned bytes", origin);
    }
    if (bytes[3] != rank) {
        return sgeo_fail(SGEO_IO, "images are idx3 files, labels idx1 files",
                         "%s: an idx%u file where idx%zu is expected", origin, (unsigned)bytes[3],
                         rank);
    }
    return SGEO_OK;
}

enum sgeo_status sgeo_idx_parse(struct sgeo_idx *idx, size_t rank, const unsigned char *bytes,
                                size_t n_bytes, const char *origin)
{
    enum sgeo_status status = check_magic(rank, bytes, n_bytes, origin);
    if (status != SGEO_OK) {
        return status;
    }
    size_t header = 4 + 4 * rank;
    struct sgeo_idx parsed = {.values = bytes + header, .rank = rank};
    size_t expected = 1;
    for (size_t d = 0; d < rank; d++) {
        parsed.dims[d] = read_be32(bytes + 4 + 4 * d);
        if (parsed.dims[d] == 0 || !sgeo_size_mul(expected, parsed.dims[d], &expected)) {
            return sgeo_fail(SGEO_IO, hint_again, "%s: dimension %zu cannot be %zu", origin, d,
                             parsed.dims[d]);
        }
    }
    if (n_bytes - header != expected) {
        return sgeo_fail(SGEO_IO, hint_again, "%s: %zu values follow the header, it promises %zu",
                         origin, n_bytes - header, expected);
    }
    *idx = parsed;
    return SGEO_OK;
}

/* A file of a split, read and parsed; idx borrows from bytes. */
struct source {
    unsigned char *bytes;
    struct sgeo_idx idx;
    char path[1024];
    char digest[SGEO_SHA256_HEX];
};

static enum sgeo_status find_file(struct source *source, const char *folder, const char *file)
{
    static const char *const endings[] = {"", ".gz"};
    struct sgeo_text path = {0};
    for (size_t e = 0; e < 2; e++) {
        sgeo_text_clear(&path);
        sgeo_text_append(&path, "%s/%s%s", folder, file, endings[e]);
        if (path.failed || path.length >= sizeof(source->path)) {
            sgeo_text_clear(&path);
            return sgeo_fail(SGEO_IO, "use a shorter path", "path of %s is too long", file);
        }
        memcpy(source->path, path.bytes, path.length + 1);
        if (sgeo_file_exists(source->path)) {
            break;
        }
    }
    /* A missing file is reported by the reader, under its .gz name. */
    sgeo_text_clear(&path);
    return SGEO_OK;
}

static enum sgeo_status read_source(struct source *source, size_t rank, const char *folder,
                                    const char *file)
{
    size_t n_bytes = 0;
    enum sgeo_status status = find_file(source, folder, file);
    if (status == SGEO_OK) {
        status = sgeo_file_read(source->path, file_limit, &source->bytes, &n_bytes);
    }
    if (status != SGEO_OK) {
        return status;
    }
    sgeo_sha256(source->digest, source->bytes, n_bytes);
    return sgeo_idx_parse(&source->idx, rank, source->bytes, n_bytes, source->path);
}

static enum sgeo_status copy_labels(struct sgeo_images *images, const struct source *labels)
{
    for (size_t i = 0; i < images->n; i++) {
        if (labels->idx.values[i] >= CLASSES) {
            return sgeo_fail(SGEO_IO, hint_again, "%s: label %u of image %zu is not in 0..9",
                             labels->path, (unsigned)labels->idx.values[i], i);
        }
        images->labels[i] = labels->idx.values[i];
    }
    return SGEO_OK;
}

static enum sgeo_status join_sources(struct sgeo_images *images, const char *name,
                                     const struct source *pictures, const struct source *labels)
{
    const size_t *dims = pictures->idx.dims;
    if (labels->idx.dims[0] != dims[0]) {
        return sgeo_fail(SGEO_IO, hint_again, "%s: %zu labels for the %zu images of %s",
                         labels->path, labels->idx.dims[0], dims[0], pictures->path);
    }
    const size_t shape[3] = {1, dims[1], dims[2]};
    enum sgeo_status status = sgeo_images_create(images, name, dims[0], shape, CLASSES);
    if (status != SGEO_OK) {
        return status;
    }
    memcpy(images->pixels, pictures->idx.values, dims[0] * dims[1] * dims[2]);
    status = copy_labels(images, labels);
    if (status != SGEO_OK) {
        sgeo_images_destroy(images);
        return status;
    }
    char digests[2][SGEO_SHA256_HEX];
    memcpy(digests[0], pictures->digest, sizeof(digests[0]));
    memcpy(digests[1], labels->digest, sizeof(digests[1]));
    sgeo_images_sign(images, (const char(*)[SGEO_SHA256_HEX])digests, 2);
    return SGEO_OK;
}

static enum sgeo_status read_split(struct sgeo_images *images, const char *name, const char *folder,
                                   const char *images_file, const char *labels_file)
{
    struct source pictures = {0};
    struct source labels = {0};
    enum sgeo_status status = read_source(&pictures, IMAGE_RANK, folder, images_file);
    if (status == SGEO_OK) {
        status = read_source(&labels, LABEL_RANK, folder, labels_file);
    }
    if (status == SGEO_OK) {
        status = join_sources(images, name, &pictures, &labels);
    }
    sgeo_free(pictures.bytes);
    sgeo_free(labels.bytes);
    return status;
}

static enum sgeo_status check_same_size(const struct sgeo_images *train,
                                        const struct sgeo_images *test, const char *folder)
{
    if (train->height == test->height && train->width == test->width) {
        return SGEO_OK;
    }
    return sgeo_fail(SGEO_IO, hint_again, "%s: training images are %zux%zu, test images %zux%zu",
                     folder, train->height, train->width, test->height, test->width);
}

enum sgeo_status sgeo_idx_load(struct sgeo_images *train, struct sgeo_images *test,
                               const char *name, const char *folder)
{
    struct sgeo_images new_train = {0};
    struct sgeo_images new_test = {0};
    enum sgeo_status status =
        read_split(&new_train, name, folder, "train-images-idx3-ubyte", "train-labels-idx1-ubyte");
    if (status == SGEO_OK) {
        status =
            read_split(&new_test, name, folder, "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte");
    }
    if (status == SGEO_OK) {
        status = check_same_size(&new_train, &new_test, folder);
    }
    if (status != SGEO_OK) {
        sgeo_images_destroy(&new_train);
        sgeo_images_destroy(&new_test);
        return status;
    }
    *train = new_train;
    *test = new_test;
    return SGEO_OK;
}
