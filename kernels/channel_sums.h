/* The double sums of one strip of channels, lane by lane, and how they become results. */
#ifndef SGEO_KERNELS_CHANNEL_SUMS_H
#define SGEO_KERNELS_CHANNEL_SUMS_H

#include "kernels/strip.h"

/* moments: sums of d and d^2;  dots: sums of d and d * (x - center) */
struct sgeo_channel_sums {
    double origin[SGEO_LANES]; /* what is subtracted: shift or center */
    double first[SGEO_LANES], second[SGEO_LANES];
};

/* Sum over the lanes that hold the strip's channel `c` (0..period-1), in lane order. */
SGEO_INLINE double sgeo_channel_fold(const double *lanes, const struct sgeo_strip *strip, size_t c)
{
    double sum = 0.0;
    for (size_t j = c; j < SGEO_LANES; j += strip->period)
        sum += lanes[j];
    return sum;
}

/* mean (C), var (C) of one strip: sums of d = x - origin and d^2 over count elements a channel. */
SGEO_INLINE void sgeo_channel_sums_to_moments(double *mean, double *var,
                                              const struct sgeo_channel_sums *sums,
                                              const struct sgeo_strip *strip, double count)
{
    for (size_t c = 0; c < strip->period; c++) {
        double shift = sgeo_channel_fold(sums->first, strip, c) / count;
        double square = sgeo_channel_fold(sums->second, strip, c) / count;
        double spread = square - shift * shift;
        mean[strip->first + c] = sums->origin[c] + shift;
        var[strip->first + c] = spread < 0.0 ? 0.0 : spread; /* rounding; a NaN stays */
    }
}

/* sum (C), dot (C) of one strip. */
SGEO_INLINE void sgeo_channel_sums_to_dots(double *sum, double *dot,
                                           const struct sgeo_channel_sums *sums,
                                           const struct sgeo_strip *strip)
{
    for (size_t c = 0; c < strip->period; c++) {
        sum[strip->first + c] = sgeo_channel_fold(sums->first, strip, c);
        dot[strip->first + c] = sgeo_channel_fold(sums->second, strip, c);
    }
}

/* Zeros for all channels: the results without elements. */
SGEO_INLINE void sgeo_channel_zero(double *a, double *b, const struct sgeo_layout *layout)
{
    for (size_t c = 0; c < layout->groups * layout->lanes; c++)
        a[c] = b[c] = 0.0;
}

#endif
