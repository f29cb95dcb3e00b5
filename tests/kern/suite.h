/* What the tests of this room share. */
#ifndef SGEO_TESTS_KERN_SUITE_H
#define SGEO_TESTS_KERN_SUITE_H

#include <check.h>
#include <stdlib.h>

#include "kernels/prove/prove.h"

/* Seed of the proofs: fixed, so that a failure repeats; printed with it. */
#define PROOF_SEED UINT64_C(20240521)

typedef enum sgeo_status prove_fn(struct sgeo_proof *, const char *, const struct sgeo_kernels *,
                                  uint64_t);

/* Fail the test unless every kernel of a bundle is proven, by sgeo_prove or its like. */
static inline void assert_proven_by(prove_fn *prove, const struct sgeo_kernels *kernels,
                                    const char *bundle)
{
    for (size_t i = 0; i < sgeo_prove_count(); i++) {
        struct sgeo_proof proof;
        ck_assert_int_eq(prove(&proof, sgeo_prove_op(i), kernels, PROOF_SEED), SGEO_OK);
        ck_assert_msg(proof.verdict == SGEO_PROVEN, "%s of %s, seed %llu, case %zu (%s): %s",
                      sgeo_prove_op(i), bundle, (unsigned long long)proof.seed, proof.cases,
                      proof.where, proof.failure);
        ck_assert_uint_gt(proof.cases, 100);
    }
}

static inline void assert_proven(const struct sgeo_kernels *kernels, const char *bundle)
{
    assert_proven_by(sgeo_prove, kernels, bundle);
}

/* Run a suite; the result is the program's exit code. */
static inline int run_suite(Suite *suite)
{
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* The same for the tests of one case. */
static inline int run_case(const char *name, TCase *tcase)
{
    Suite *suite = suite_create(name);
    tcase_set_timeout(tcase, 300);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}

#endif
