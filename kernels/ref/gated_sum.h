/* dst (count) = (gate > 0 ? sum_t gated_t : 0) + sum_t plain_t, in double. */
#ifndef SGEO_KERNELS_REF_GATED_SUM_H
#define SGEO_KERNELS_REF_GATED_SUM_H

#include "kernels/ref/elem.h"

static inline double sgeo_ref_sum_of(const sgeo_elem *const *sources, size_t n_sources, size_t i)
{
    double sum = 0.0;
    for (size_t t = 0; t < n_sources; t++)
        sum += sgeo_ref_value(sources[t][i]);
    return sum;
}

static inline void sgeo_ref_gated_sum(sgeo_elem *dst, const sgeo_elem *gate,
                                      const sgeo_elem *const *gated, size_t n_gated,
                                      const sgeo_elem *const *plain, size_t n_plain, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        double open =
            n_gated > 0 && sgeo_ref_value(gate[i]) > 0.0 ? sgeo_ref_sum_of(gated, n_gated, i) : 0.0;
        dst[i] = sgeo_ref_elem(open + sgeo_ref_sum_of(plain, n_plain, i));
    }
}

#endif
