#include "bench/registry.h"

#include <string.h>

#include "base/text.h"

static const struct sgeo_bench_kernel kernels[] = {
#define SGEO_KERNEL(op, ...) {#op, &sgeo_load_##op},
#include "kernels/kernels.inc"
#undef SGEO_KERNEL
};

size_t sgeo_bench_kernel_count(void)
{
    return sizeof kernels / sizeof *kernels;
}

const struct sgeo_bench_kernel *sgeo_bench_kernel_at(size_t index)
{
    return &kernels[index];
}

static const char *nearest_op(const char *op)
{
    const char *nearest = NULL;
    size_t least = SIZE_MAX;
    for (size_t i = 0; i < sgeo_bench_kernel_count(); i++) {
        size_t distance = sgeo_edit_distance(op, kernels[i].op);
        if (distance < least) {
            least = distance;
            nearest = kernels[i].op;
        }
    }
    return nearest;
}

enum sgeo_status sgeo_bench_kernel_find(const struct sgeo_bench_kernel **kernel, const char *op)
{
    for (size_t i = 0; i < sgeo_bench_kernel_count(); i++)
        if (strcmp(kernels[i].op, op) == 0) {
            *kernel = &kernels[i];
            return SGEO_OK;
        }
    struct sgeo_text hint = {0};
    sgeo_text_append(&hint, "did you mean %s?", nearest_op(op));
    enum sgeo_status status = sgeo_fail(SGEO_USAGE, hint.bytes, "unknown kernel '%s'", op);
    sgeo_text_clear(&hint);
    return status;
}
