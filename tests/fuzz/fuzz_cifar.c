/*
 * Any bytes as a CIFAR file: the first byte chooses the kind. What is accepted is unpacked whole,
 * labels in range.
 */
#include <stdlib.h>

#include "data/cifar.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void unpack(enum sgeo_cifar_kind kind, const uint8_t *bytes, size_t n)
{
    unsigned classes = kind == SGEO_CIFAR_10 ? 10 : 100;
    uint8_t *pixels = malloc(n * SGEO_CIFAR_PIXELS);
    uint16_t *labels = malloc(n * sizeof(*labels));
    if (pixels == NULL || labels == NULL) {
        abort();
    }
    if (sgeo_cifar_unpack(pixels, labels, kind, bytes, n, "input") == SGEO_OK) {
        for (size_t i = 0; i < n; i++) {
            if (labels[i] >= classes) {
                abort();
            }
        }
    }
    free(pixels);
    free(labels);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t n = 0;
    if (size == 0) {
        return 0;
    }
    enum sgeo_cifar_kind kind = data[0] % 2 == 0 ? SGEO_CIFAR_10 : SGEO_CIFAR_100;
    if (sgeo_cifar_count(&n, kind, size - 1, "input") == SGEO_OK) {
        unpack(kind, data + 1, n);
    }
    return 0;
}
