/* What the proofs of all kernels share: cases, buffers in pairs, values, comparison. */
#ifndef SGEO_KERNELS_PROVE_PROVER_H
#define SGEO_KERNELS_PROVE_PROVER_H

#include <stdbool.h>

#include "base/rng.h"
#include "kernels/prove/guard.h"
#include "kernels/prove/prove.h"

#define SGEO_PROVER_BUFFERS                                                                        \
    48 /* terms of a sum in bf16, their coefficients and values, and some                          \
        */

#define SGEO_EVERY_CASE SIZE_MAX
#define SGEO_NO_CASE    (SIZE_MAX - 1)

/* What the sources of a case hold. */
enum sgeo_values {
    SGEO_ORDINARY,  /* uniform in -2..2 */
    SGEO_OFFSET,    /* 1000 +- 0.01: a mean far above the deviation */
    SGEO_TINY,      /* around 1e-30 */
    SGEO_DENORMAL,  /* around 1e-40 */
    SGEO_ZEROS,     /* +0, -0, 1 and -1, many of them equal */
    SGEO_NONFINITE, /* ordinary, with NaN and infinities among them */
    SGEO_HUGE,      /* around 1e30: products of two overflow f32 */
    SGEO_VALUES
};

/* What an element is, and what a candidate may do with the buffer. */
enum sgeo_element {
    SGEO_FLOATS,
    SGEO_DOUBLES,
    SGEO_BYTES,
    SGEO_HALVES, /* 16 bits: bf16 */
    SGEO_INTS,   /* 32 bits */
    SGEO_LONGS,  /* 64 bits */
    SGEO_ELEMENTS
};
enum sgeo_role { SGEO_SOURCE, SGEO_INOUT, SGEO_OUTPUT };

/* A buffer for the candidate between guard pages, and its twin for the reference. */
struct sgeo_buffer {
    struct sgeo_guard guard;
    void *twin;
    enum sgeo_element element;
    enum sgeo_role role;
    size_t count;
};

struct sgeo_prover {
    struct sgeo_proof *proof;
    const struct sgeo_kernels *candidate;
    struct sgeo_kernels ref;
    struct sgeo_rng rng;
    size_t tile;
    bool sees_upper_halves; /* of vector registers, whether a kernel left something there */
    enum sgeo_placement placement;
    enum sgeo_values values;
    size_t turn;   /* counts cases, in each pass from another number on; picks variants in turn */
    size_t passed; /* cases of the pass so far, those left out included */
    size_t chosen; /* the one of them that runs; SGEO_EVERY_CASE: all do */
    struct sgeo_buffer buffers[SGEO_PROVER_BUFFERS];
    size_t n_buffers; /* in use by the current case */
    double *magnitudes;
    char *label; /* of the current case, SGEO_LABEL_BYTES */
};

/* Map the buffers; false when there is no memory. */
bool sgeo_prover_init(struct sgeo_prover *prover);

/* Start a case: its buffers are gone, its label is printf's. False: this pass leaves it out, go on
 * with the next. */
bool sgeo_prover_case(struct sgeo_prover *prover, const char *format, ...) SGEO_PRINTF(2, 3);

/*
 * A buffer of `count` elements: sources and inouts hold values of the case, the same in both twins,
 * outputs poison. NULL is never returned; the buffer belongs to the case.
 */
struct sgeo_buffer *sgeo_prover_buffer(struct sgeo_prover *prover, enum sgeo_element element,
                                       enum sgeo_role role, size_t count);

/*
 * A buffer with the given content, the same in both twins: indices, offsets, codes, or floats that
 * a contract restricts.
 */
struct sgeo_buffer *sgeo_prover_copy(struct sgeo_prover *prover, enum sgeo_element element,
                                     enum sgeo_role role, size_t count, const void *content);

/* A buffer of floats that are sums of squares, to be added to: not negative. */
struct sgeo_buffer *sgeo_prover_accumulator(struct sgeo_prover *prover, size_t count);

/* The two sides of a buffer. */
void *sgeo_candidate_data(const struct sgeo_buffer *buffer);
void *sgeo_ref_data(const struct sgeo_buffer *buffer);

/* Shorthands: a source of floats, which both kernels read; and the two sides of a buffer. */
const float *sgeo_prover_source(struct sgeo_prover *prover, size_t count);
float *sgeo_candidate_floats(const struct sgeo_buffer *buffer);
float *sgeo_ref_floats(const struct sgeo_buffer *buffer);

/* The numbers in a buffer of floats or bf16, as the kernels find them: call it before they run. */
const float *sgeo_prover_values(struct sgeo_prover *prover, const struct sgeo_buffer *buffer);

/* Floats that only the reference sees, in the reference's side. */
struct sgeo_buffer *sgeo_prover_scratch(struct sgeo_prover *prover, size_t count);

/*
 * |source| for the reference alone, and non-negative results as magnitudes: what a sum of products
 * makes of the absolute values of its operands is the magnitude of what it makes of the operands.
 */
const float *sgeo_prover_absolute(struct sgeo_prover *prover, const float *source, size_t count);
const double *sgeo_prover_magnitudes(struct sgeo_prover *prover, const float *results,
                                     size_t count);

/*
 * Whether the candidate has left the upper halves of the vector registers clean; a failure is
 * recorded. The comparisons below ask first: call it before anything else of the case but them.
 */
bool sgeo_prover_is_clean(struct sgeo_prover *prover);

/* How results that are not finite compare. */
enum sgeo_strictness {
    SGEO_STRICT, /* NaN where the reference has NaN, an infinity where it has the same */
    SGEO_LOOSE   /* not finite where the reference is not */
};

/*
 * Compare a buffer with its twin: |difference| <= bound * magnitude for each element; magnitudes
 * NULL: the reference's own; bound 0: the same number, denormals and signs of zeros included. What
 * the reference left poisoned must be poisoned. Of huge values, a float whose given magnitude is
 * beyond f32 may be infinite or NaN, and must be where the reference's is; a double likewise if
 * its magnitude is infinite. False after a failure, which is recorded.
 */
bool sgeo_prover_compare(struct sgeo_prover *prover, const struct sgeo_buffer *buffer,
                         const double *magnitudes, enum sgeo_strictness strictness);

/*
 * The same for a buffer of bf16. `exact` has what the reference on floats makes of the same values,
 * and poison where nothing is to be written. A bf16 stands for all numbers that are rounded to it:
 * the nearest of them to the exact one is compared with that. So the bound is that of a sum before
 * it is rounded, and a wrong rounding is far beyond it. magnitudes NULL: those of the exact ones.
 */
bool sgeo_prover_compare_rounded(struct sgeo_prover *prover, const struct sgeo_buffer *buffer,
                                 const struct sgeo_buffer *exact, const double *magnitudes);

/* The same for one number, e.g. of a returned struct. */
bool sgeo_prover_compare_value(struct sgeo_prover *prover, double got, double expected,
                               double magnitude, enum sgeo_strictness strictness);

/* x, a magnitude of something on the way to a result: infinite where f32 cannot hold it. */
double sgeo_prover_in_f32(double x);

/* Record a failure of the current case. */
bool sgeo_prover_fail(struct sgeo_prover *prover, const char *format, ...) SGEO_PRINTF(2, 3);

/* End a case: sources and surroundings must be intact. False after any failure of the case. */
bool sgeo_prover_end(struct sgeo_prover *prover);

/* Lengths around the tile, from nothing to several tiles and a rest; SIZE_MAX behind the last. */
size_t sgeo_prover_length(const struct sgeo_prover *prover, size_t i);

/* A draw in 0..bound-1, and a coin. */
size_t sgeo_prover_below(struct sgeo_prover *prover, size_t bound);
bool sgeo_prover_coin(struct sgeo_prover *prover);

/* Names for labels. */
const char *sgeo_values_name(enum sgeo_values values);
const char *sgeo_placement_name(enum sgeo_placement placement);

/* One proof a kernel: run all cases for the prover's values and placement; false on a failure. */
#define SGEO_KERNEL(op, ...) bool sgeo_prove_##op(struct sgeo_prover *prover);
#include "kernels/kernels.inc"
#undef SGEO_KERNEL

#endif
