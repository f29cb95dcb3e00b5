/* Stand-ins made from CIFAR-10. */
#include "data/standin.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "data/cifar.h"

/* An image's place in the order within its class. */
struct brightness {
    uint64_t luminance; /* a thousand times the sum over the pixels */
    size_t image;
    uint16_t label;
};

/*
 * Sum of the luminance 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601) over a planar image, times 1000:
 * exact in integers.
 */
static uint64_t sum_luminance(const uint8_t *image, size_t plane)
{
    static const uint64_t weight[3] = {299, 587, 114};
    uint64_t sum = 0;
    for (size_t c = 0; c < 3; c++) {
        uint64_t channel = 0;
        for (size_t i = 0; i < plane; i++) {
            channel += image[c * plane + i];
        }
        sum += weight[c] * channel;
    }
    return sum;
}

static int compare_brightness(const void *a, const void *b)
{
    const struct brightness *x = a;
    const struct brightness *y = b;
    if (x->label != y->label) {
        return x->label < y->label ? -1 : 1;
    }
    if (x->luminance != y->luminance) {
        return x->luminance < y->luminance ? -1 : 1;
    }
    return (x->image > y->image) - (x->image < y->image);
}

/* Label the images of one class, sorted from dark to bright. */
static void label_class(uint16_t *labels, const struct brightness *sorted, size_t count,
                        size_t parts)
{
    for (size_t rank = 0; rank < count; rank++) {
        labels[sorted[rank].image] = (uint16_t)(sorted[rank].label * parts + rank * parts / count);
    }
}

enum sgeo_status sgeo_standin_split_classes(struct sgeo_images *images, size_t parts)
{
    struct brightness *order = sgeo_calloc(images->n, sizeof(*order));
    if (order == NULL) {
        return sgeo_fail_memory("order of the stand-in");
    }
    size_t stride = sgeo_images_stride(images);
    for (size_t i = 0; i < images->n; i++) {
        order[i].image = i;
        order[i].label = images->labels[i];
        order[i].luminance = sum_luminance(images->pixels + i * stride, stride / 3);
    }
    qsort(order, images->n, sizeof(*order), compare_brightness);
    for (size_t first = 0, end = 0; first < images->n; first = end) {
        while (end < images->n && order[end].label == order[first].label) {
            end++;
        }
        label_class(images->labels, order + first, end - first, parts);
    }
    images->classes *= parts;
    sgeo_free(order);
    return SGEO_OK;
}

/*
 * One plane (h, w) to (h/2, w/2); dst may be src or lie before it, because reading runs ahead of
 * writing.
 */
static void halve_plane(uint8_t *dst, const uint8_t *src, size_t height, size_t width)
{
    for (size_t y = 0; y < height / 2; y++) {
        const uint8_t *upper = src + 2 * y * width;
        const uint8_t *lower = upper + width;
        for (size_t x = 0; x < width / 2; x++) {
            unsigned sum = 0u + upper[2 * x] + upper[2 * x + 1] + lower[2 * x] + lower[2 * x + 1];
            dst[y * (width / 2) + x] = (uint8_t)((sum + 2) / 4);
        }
    }
}

void sgeo_standin_halve(struct sgeo_images *images)
{
    size_t plane = images->height * images->width;
    for (size_t p = 0; p < images->n * images->channels; p++) {
        halve_plane(images->pixels + p * (plane / 4), images->pixels + p * plane, images->height,
                    images->width);
    }
    images->height /= 2;
    images->width /= 2;
}

enum sgeo_status sgeo_standin_soften(struct sgeo_images *images, size_t parts)
{
    size_t classes = images->classes;
    double *rows = sgeo_calloc(classes * classes, sizeof(*rows));
    if (rows == NULL) {
        return sgeo_fail_memory("soft labels of the stand-in");
    }
    for (size_t label = 0; label < classes; label++) {
        double *row = rows + label * classes;
        size_t part = label % parts;
        row[label] = 0.5;
        row[part > 0 ? label - 1 : label] += 0.25;
        row[part + 1 < parts ? label + 1 : label] += 0.25;
    }
    sgeo_free(images->soft_rows);
    images->soft_rows = rows;
    return SGEO_OK;
}

static const struct {
    const char *name;
    size_t parts; /* sub-classes a class */
} standins[] = {[SGEO_STANDIN_CIFAR100] = {"cifar100", 10},
                [SGEO_STANDIN_IMAGENET16] = {"imagenet16-120", 12},
                [SGEO_STANDIN_TASKONOMY] = {"taskonomy", 10}};

static enum sgeo_status convert(struct sgeo_images *images, enum sgeo_standin which)
{
    /* Ranks are taken on the full-size images, so that all stand-ins order a class alike. */
    size_t parts = standins[which].parts;
    enum sgeo_status status = sgeo_standin_split_classes(images, parts);
    if (status == SGEO_OK && which == SGEO_STANDIN_TASKONOMY) {
        status = sgeo_standin_soften(images, parts);
    }
    if (status != SGEO_OK) {
        return status;
    }
    if (which == SGEO_STANDIN_IMAGENET16) {
        sgeo_standin_halve(images);
    }
    memset(images->name, 0, sizeof(images->name));
    strncpy(images->name, standins[which].name, sizeof(images->name) - 1);
    images->stand_in = true;
    return SGEO_OK;
}

enum sgeo_status sgeo_standin_load(struct sgeo_images *train, struct sgeo_images *test,
                                   enum sgeo_standin which, const char *data_dir)
{
    struct sgeo_images new_train = {0};
    struct sgeo_images new_test = {0};
    enum sgeo_status status = sgeo_cifar_load(&new_train, &new_test, SGEO_CIFAR_10, data_dir);
    if (status == SGEO_OK) {
        status = convert(&new_train, which);
    }
    if (status == SGEO_OK) {
        status = convert(&new_test, which);
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
