/* The logistic function and its complement, both to full relative precision. */
#ifndef SGEO_KERNELS_SCALAR_LOGISTIC_H
#define SGEO_KERNELS_SCALAR_LOGISTIC_H

#include "kernels/scalar/exp.h"

/* s = 1 / (1 + e^-x) and 1 - s, and what they come from: decay = e^-|x|. */
struct sgeo_logistic {
    float s, complement, decay;
};

/* The smaller of the two is decay / (1 + decay), never 1 minus the larger one. */
SGEO_INLINE struct sgeo_logistic sgeo_logistic_f32(float x)
{
    float decay = sgeo_exp_nonpositive_f32(-fabsf(x));
    float larger = 1.0f / (1.0f + decay), smaller = decay * larger;
    return (struct sgeo_logistic){.s = x > 0.0f ? larger : smaller,
                                  .complement = x > 0.0f ? smaller : larger,
                                  .decay = decay};
}

#endif
