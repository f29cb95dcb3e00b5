/* dst (n) = src (n) to the nearest bf16: the choice between the two neighbours, in double. */
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "kernels/symbols.h"

#define INFINITE_BITS UINT32_C(0x7f80)

/* The value of a magnitude's bits; those of infinity stand for the number that would come next. */
static double value_of(uint32_t magnitude)
{
    uint32_t bits = magnitude << 16;
    float value;
    if (magnitude == INFINITE_BITS)
        return 0x1p128;
    memcpy(&value, &bits, sizeof value);
    return (double)value;
}

/* The neighbour below is what is left of the bits without the lower half. */
static uint32_t nearest(uint32_t below, double magnitude)
{
    double over = magnitude - value_of(below), under = value_of(below + 1) - magnitude;
    bool up = over > under || (over == under && below % 2 == 1);
    return below + up;
}

void sgeo_f32_to_bf16__ref(uint16_t *dst, const float *src, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t bits, sign;
        memcpy(&bits, &src[i], sizeof bits);
        sign = bits >> 31 << 15;
        bits = bits >> 16 & UINT32_C(0x7fff);
        if (isnan(src[i]))
            bits |= UINT32_C(0x40);
        else if (isfinite(src[i]))
            bits = nearest(bits, fabs((double)src[i]));
        dst[i] = (uint16_t)(sign | bits);
    }
}
