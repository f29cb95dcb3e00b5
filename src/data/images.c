/* Image sets: storage, and the table of what can be loaded under which name. */
#include "data/images.h"

#include <assert.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "data/cifar.h"
#include "data/idx.h"
#include "data/standin.h"

/* Where Debian's package dataset-fashion-mnist puts its four files. */
static const char fashion_mnist_system_dir[] = "/usr/share/datasets/fashion-mnist";

enum sgeo_status sgeo_images_create(struct sgeo_images *images, const char *name, size_t n,
                                    const size_t shape[3], size_t classes)
{
    size_t n_bytes = n;
    for (size_t d = 0; d < 3; d++) {
        if (!sgeo_size_mul(n_bytes, shape[d], &n_bytes)) {
            return sgeo_fail_memory(name);
        }
    }
    uint8_t *pixels = sgeo_calloc(n_bytes, sizeof(*pixels));
    uint16_t *labels = sgeo_calloc(n, sizeof(*labels));
    if (pixels == NULL || labels == NULL) {
        sgeo_free(pixels);
        sgeo_free(labels);
        return sgeo_fail_memory(name);
    }
    *images = (struct sgeo_images){.pixels = pixels,
                                   .labels = labels,
                                   .n = n,
                                   .channels = shape[0],
                                   .height = shape[1],
                                   .width = shape[2],
                                   .classes = classes};
    strncpy(images->name, name, sizeof(images->name) - 1);
    return SGEO_OK;
}

void sgeo_images_destroy(struct sgeo_images *images)
{
    if (images == NULL) {
        return;
    }
    sgeo_free(images->pixels);
    sgeo_free(images->labels);
    sgeo_free(images->soft_rows);
    *images = (struct sgeo_images){0};
}

size_t sgeo_images_stride(const struct sgeo_images *images)
{
    return images->channels * images->height * images->width;
}

void sgeo_images_sign(struct sgeo_images *images, const char digests[][SGEO_SHA256_HEX],
                      size_t n_files)
{
    enum { HEX_DIGITS = SGEO_SHA256_HEX - 1, MOST_FILES = 8 };
    char joined[HEX_DIGITS * MOST_FILES];
    size_t length = 0;
    assert(n_files <= MOST_FILES);
    for (size_t f = 0; f < n_files; f++, length += HEX_DIGITS) {
        memcpy(joined + length, digests[f], HEX_DIGITS);
    }
    sgeo_sha256(images->sha256, joined, length);
}

typedef enum sgeo_status (*loader)(struct sgeo_images *train, struct sgeo_images *test,
                                   const char *data_dir);

static enum sgeo_status join_path(struct sgeo_text *path, const char *dir, const char *folder)
{
    sgeo_text_append(path, "%s/%s", dir, folder);
    return path->failed ? sgeo_fail_memory("path") : SGEO_OK;
}

static enum sgeo_status load_cifar10(struct sgeo_images *train, struct sgeo_images *test,
                                     const char *data_dir)
{
    return sgeo_cifar_load(train, test, SGEO_CIFAR_10, data_dir);
}

static enum sgeo_status load_cifar100(struct sgeo_images *train, struct sgeo_images *test,
                                      const char *data_dir)
{
    struct sgeo_text folder = {0};
    enum sgeo_status status = join_path(&folder, data_dir, "cifar-100-binary");
    /* Only a missing folder calls for the stand-in: damaged files must not silently become one. */
    if (status == SGEO_OK) {
        status = sgeo_file_exists(folder.bytes)
                     ? sgeo_cifar_load(train, test, SGEO_CIFAR_100, data_dir)
                     : sgeo_standin_load(train, test, SGEO_STANDIN_CIFAR100, data_dir);
    }
    sgeo_text_clear(&folder);
    return status;
}

static enum sgeo_status load_imagenet16(struct sgeo_images *train, struct sgeo_images *test,
                                        const char *data_dir)
{
    return sgeo_standin_load(train, test, SGEO_STANDIN_IMAGENET16, data_dir);
}

static enum sgeo_status load_taskonomy(struct sgeo_images *train, struct sgeo_images *test,
                                       const char *data_dir)
{
    return sgeo_standin_load(train, test, SGEO_STANDIN_TASKONOMY, data_dir);
}

static enum sgeo_status load_mnist(struct sgeo_images *train, struct sgeo_images *test,
                                   const char *data_dir)
{
    struct sgeo_text folder = {0};
    enum sgeo_status status = join_path(&folder, data_dir, "mnist");
    if (status == SGEO_OK) {
        status = sgeo_idx_load(train, test, "mnist", folder.bytes);
    }
    sgeo_text_clear(&folder);
    return status;
}

static enum sgeo_status load_fashion_mnist(struct sgeo_images *train, struct sgeo_images *test,
                                           const char *data_dir)
{
    struct sgeo_text folder = {0};
    enum sgeo_status status = SGEO_OK;
    if (data_dir != NULL) {
        status = join_path(&folder, data_dir, "fashion-mnist");
    }
    if (status == SGEO_OK) {
        bool own_copy = folder.bytes != NULL && sgeo_file_exists(folder.bytes);
        status = sgeo_idx_load(train, test, "fashion-mnist",
                               own_copy ? folder.bytes : fashion_mnist_system_dir);
    }
    sgeo_text_clear(&folder);
    return status;
}

static const struct {
    const char *name;
    loader load;
    bool needs_data_dir;
} datasets[] = {
    {"cifar10", load_cifar10, true},
    {"cifar100", load_cifar100, true},
    {"imagenet16-120", load_imagenet16, true},
    {"taskonomy", load_taskonomy, true},
    {"mnist", load_mnist, true},
    {"fashion-mnist", load_fashion_mnist, false},
};

enum sgeo_status sgeo_images_load(struct sgeo_images *train, struct sgeo_images *test,
                                  const char *dataset, const char *data_dir)
{
    for (size_t i = 0; i < sizeof(datasets) / sizeof(datasets[0]); i++) {
        if (strcmp(datasets[i].name, dataset) != 0) {
            continue;
        }
        if (data_dir == NULL && datasets[i].needs_data_dir) {
            return sgeo_fail(SGEO_IO, "give the data folder with --data DIR or SIGEO_DATA",
                             "cannot load %s: no data folder was given", dataset);
        }
        return datasets[i].load(train, test, data_dir);
    }
    return sgeo_fail(SGEO_USAGE, "--list datasets shows the known names",
                     "unknown image data set '%s'", dataset);
}
