/* CIFAR-10 and CIFAR-100 binary files. */
#include "data/cifar.h"

#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"

enum { MOST_FILES = 5, MOST_LABELS = 2 };

/* What tells the two formats apart. */
struct format {
    const char *name;   /* of the data set */
    const char *title;  /* in messages */
    const char *folder; /* under the data folder */
    const char *train_files[MOST_FILES];
    size_t n_train_files;
    const char *test_file;
    size_t n_labels;                   /* label bytes in front of the pixels; the last one counts */
    unsigned label_limit[MOST_LABELS]; /* labels are below this */
    const char *hint_other;            /* when a file looks like the other format */
};

static const struct format formats[] = {
    [SGEO_CIFAR_10] = {"cifar10",
                       "CIFAR-10",
                       "cifar-10-batches-bin",
                       {"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin",
                        "data_batch_4.bin", "data_batch_5.bin"},
                       5,
                       "test_batch.bin",
                       1,
                       {10, 0},
                       "this looks like a CIFAR-100 file; those belong into cifar-100-binary/"},
    [SGEO_CIFAR_100] = {"cifar100",
                        "CIFAR-100",
                        "cifar-100-binary",
                        {"train.bin", NULL, NULL, NULL, NULL},
                        1,
                        "test.bin",
                        2,
                        {20, 100},
                        "this looks like a CIFAR-10 file; those belong into cifar-10-batches-bin/"},
};

static const char hint_again[] = "unpack the file again from the binary version of the data set";

/* No file of either set is larger than CIFAR-100's 150 MB train.bin. */
static const size_t file_limit = (size_t)256 << 20;

static size_t record_bytes(enum sgeo_cifar_kind kind)
{
    return formats[kind].n_labels + SGEO_CIFAR_PIXELS;
}

static enum sgeo_cifar_kind other_kind(enum sgeo_cifar_kind kind)
{
    return kind == SGEO_CIFAR_10 ? SGEO_CIFAR_100 : SGEO_CIFAR_10;
}

static const char *hint_for_size(enum sgeo_cifar_kind kind, size_t n_bytes)
{
    bool fits_other = n_bytes > 0 && n_bytes % record_bytes(other_kind(kind)) == 0;
    return fits_other ? formats[kind].hint_other : hint_again;
}

enum sgeo_status sgeo_cifar_count(size_t *n_records, enum sgeo_cifar_kind kind, size_t n_bytes,
                                  const char *origin)
{
    size_t size = record_bytes(kind);
    if (n_bytes == 0 || n_bytes % size != 0) {
        return sgeo_fail(SGEO_IO, hint_for_size(kind, n_bytes),
                         "%s: %zu bytes are not a whole number of %s records of %zu bytes", origin,
                         n_bytes, formats[kind].title, size);
    }
    *n_records = n_bytes / size;
    return SGEO_OK;
}

enum sgeo_status sgeo_cifar_unpack(uint8_t *pixels, uint16_t *labels, enum sgeo_cifar_kind kind,
                                   const unsigned char *bytes, size_t n_records, const char *origin)
{
    const struct format *format = &formats[kind];
    size_t size = record_bytes(kind);
    for (size_t r = 0; r < n_records; r++) {
        const unsigned char *record = bytes + r * size;
        for (size_t l = 0; l < format->n_labels; l++) {
            if (record[l] >= format->label_limit[l]) {
                return sgeo_fail(SGEO_IO, hint_for_size(kind, n_records * size),
                                 "%s: record %zu has label %u, %s labels here are 0..%u", origin, r,
                                 (unsigned)record[l], format->title, format->label_limit[l] - 1);
            }
        }
        labels[r] = record[format->n_labels - 1];
        memcpy(pixels + r * SGEO_CIFAR_PIXELS, record + format->n_labels, SGEO_CIFAR_PIXELS);
    }
    return SGEO_OK;
}

/* Where the records of one file go: file `index` of n_files that together make up *images. */
struct part {
    struct sgeo_images *images;
    enum sgeo_cifar_kind kind;
    size_t index;
    size_t n_files;
};

/* The first file sizes the whole set, so that pixels are held once; the others must match it. */
static enum sgeo_status make_room(const struct part *part, size_t n_records, const char *path)
{
    static const size_t shape[3] = {3, 32, 32};
    const struct format *format = &formats[part->kind];
    if (part->index == 0) {
        return sgeo_images_create(part->images, format->name, n_records * part->n_files, shape,
                                  format->label_limit[format->n_labels - 1]);
    }
    size_t expected = part->images->n / part->n_files;
    if (n_records == expected) {
        return SGEO_OK;
    }
    return sgeo_fail(SGEO_IO, hint_again, "%s: %zu records, but the first batch has %zu", path,
                     n_records, expected);
}

static enum sgeo_status unpack_part(const struct part *part, const unsigned char *bytes,
                                    size_t n_bytes, const char *path)
{
    size_t n_records = 0;
    enum sgeo_status status = sgeo_cifar_count(&n_records, part->kind, n_bytes, path);
    if (status == SGEO_OK) {
        status = make_room(part, n_records, path);
    }
    if (status != SGEO_OK) {
        return status;
    }
    size_t first = part->index * n_records;
    return sgeo_cifar_unpack(part->images->pixels + first * SGEO_CIFAR_PIXELS,
                             part->images->labels + first, part->kind, bytes, n_records, path);
}

static enum sgeo_status read_part(const struct part *part, const char *path,
                                  char digest[SGEO_SHA256_HEX])
{
    unsigned char *bytes = NULL;
    size_t n_bytes = 0;
    enum sgeo_status status = sgeo_file_read(path, file_limit, &bytes, &n_bytes);
    if (status != SGEO_OK) {
        return status;
    }
    sgeo_sha256(digest, bytes, n_bytes);
    status = unpack_part(part, bytes, n_bytes, path);
    sgeo_free(bytes);
    return status;
}

static enum sgeo_status read_split(struct sgeo_images *images, enum sgeo_cifar_kind kind,
                                   const char *data_dir, const char *const *files, size_t n_files)
{
    char digests[MOST_FILES][SGEO_SHA256_HEX];
    enum sgeo_status status = SGEO_OK;
    for (size_t f = 0; f < n_files && status == SGEO_OK; f++) {
        struct part part = {images, kind, f, n_files};
        struct sgeo_text path = {0};
        sgeo_text_append(&path, "%s/%s/%s", data_dir, formats[kind].folder, files[f]);
        status = path.failed ? sgeo_fail_memory("path") : read_part(&part, path.bytes, digests[f]);
        sgeo_text_clear(&path);
    }
    if (status == SGEO_OK) {
        sgeo_images_sign(images, (const char(*)[SGEO_SHA256_HEX])digests, n_files);
    } else {
        sgeo_images_destroy(images);
    }
    return status;
}

enum sgeo_status sgeo_cifar_load(struct sgeo_images *train, struct sgeo_images *test,
                                 enum sgeo_cifar_kind kind, const char *data_dir)
{
    const struct format *format = &formats[kind];
    struct sgeo_images new_train = {0};
    struct sgeo_images new_test = {0};
    enum sgeo_status status =
        read_split(&new_train, kind, data_dir, format->train_files, format->n_train_files);
    if (status == SGEO_OK) {
        status = read_split(&new_test, kind, data_dir, &format->test_file, 1);
    }
    if (status != SGEO_OK) {
        sgeo_images_destroy(&new_train);
        return status;
    }
    *train = new_train;
    *test = new_test;
    return SGEO_OK;
}
