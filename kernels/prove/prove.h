/*
 * The prover: one kernel of one bundle against the reference, on inputs made to find what tests of
 * the usual kind miss. Shared by the tests, the benchmarks (nothing is timed that was not proven)
 * and --check.
 *
 * Every case runs both kernels on the same inputs: sizes around the tile, buffers that end at or
 * start behind an unmapped page or lie 4 bytes off a cache line, destinations full of poison,
 * normal, tiny, denormal, huge and signed-zero values, NaN and infinity, means far above
 * deviations, and the aliases that the contracts allow. Sources and surroundings must stay as they
 * were, and the upper halves of the vector registers clean.
 */
#ifndef SGEO_KERNELS_PROVE_PROVE_H
#define SGEO_KERNELS_PROVE_PROVE_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "kernels/dispatch/dispatch.h"

#define SGEO_LABEL_BYTES 192

enum sgeo_proof_verdict {
    SGEO_PROVEN,
    SGEO_WRONG,   /* a result outside the bound, or a write where none is allowed */
    SGEO_CRASHED, /* a fault: an access outside the buffers, or an illegal instruction */
    SGEO_STUCK    /* a case took more than SGEO_CASE_CPU_SECONDS */
};

/* CPU time of one case: thousands of times what any takes, emulated or instrumented. */
#define SGEO_CASE_CPU_SECONDS 10

const char *sgeo_proof_verdict_name(enum sgeo_proof_verdict verdict); /* "proven", "wrong", ... */

struct sgeo_proof {
    enum sgeo_proof_verdict verdict;
    uint64_t seed;                /* of samples: of the worst error, or of the failure */
    size_t cases;                 /* that ran, the failing one included */
    double bound;                 /* from kernels.inc */
    double worst_error;           /* largest error of all cases, in the terms of the bound */
    char where[SGEO_LABEL_BYTES]; /* the case of the worst error, or the one that failed */
    char failure[128];            /* what was wrong; "" when proven */
};

/* Kernels of the registry, and the name of one (index < sgeo_prove_count()). */
size_t sgeo_prove_count(void);
const char *sgeo_prove_op(size_t index);

/*
 * Prove `candidate`'s kernel `op` with inputs drawn from `seed`. It runs in a child process, so
 * that a crash or an endless loop is a verdict. SGEO_USAGE for an unknown op, SGEO_IO when the
 * child cannot be set up; *proof is untouched then.
 */
enum sgeo_status sgeo_prove(struct sgeo_proof *proof, const char *op,
                            const struct sgeo_kernels *candidate, uint64_t seed);

/*
 * Samples of a proof, for the bounds: each of the n_seeds seeds from `seed` on draws one case, its
 * variant, its placement and, every other time, another kind of values than ordinary ones. Seeds
 * are independent of each other: the worst error of two ranges is the larger of theirs. Ends at
 * the first failure.
 */
enum sgeo_status sgeo_prove_samples(struct sgeo_proof *proof, const char *op,
                                    const struct sgeo_kernels *candidate, uint64_t seed,
                                    uint64_t n_seeds);

/* sgeo_prove without buffers that end where the page does: emulators read a whole register for an
 * instruction that reads one element. */
enum sgeo_status sgeo_prove_emulated(struct sgeo_proof *proof, const char *op,
                                     const struct sgeo_kernels *candidate, uint64_t seed);

#endif
