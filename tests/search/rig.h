/* What the tests of this room share: an evaluator with a planted best architecture. */
#ifndef SGEO_TESTS_SEARCH_RIG_H
#define SGEO_TESTS_SEARCH_RIG_H

#include <math.h>

#include "base/hash.h"
#include "base/memory.h"
#include "base/suite.h"
#include "search/evolution.h"
#include "search/random_search.h"

#define RIG_TARGET "criteo-full"

struct rig {
    struct sgeo_nasrec_arch target;
    bool negate;         /* scores where higher is better */
    bool backwards;      /* score a batch from its end */
    double bad_fraction; /* of candidates whose score is not finite */
    size_t stop_after;   /* evaluations until the stop request; 0: none */
    atomic_bool stop;
    size_t n; /* evaluations so far */
};

static inline size_t rig_place(const uint16_t *dims, uint16_t dim)
{
    size_t place = 0;
    while (dims[place] != dim) {
        place++;
    }
    return place;
}

static inline double rig_bits(unsigned a, unsigned b)
{
    double n = 0.0;
    for (unsigned different = a ^ b; different != 0; different &= different - 1) {
        n += 1.0;
    }
    return n;
}

/* Choices that differ from the target, dims by their distance in the list. */
static inline double rig_distance(const struct sgeo_nasrec_arch *a,
                                  const struct sgeo_nasrec_arch *b)
{
    double sum = 0.0;
    for (size_t i = 0; i < SGEO_NASREC_BLOCKS; i++) {
        const struct sgeo_nasrec_block *x = &a->blocks[i], *y = &b->blocks[i];
        sum += fabs((double)rig_place(sgeo_nasrec_dense_dims, x->dense_dim) -
                    (double)rig_place(sgeo_nasrec_dense_dims, y->dense_dim));
        sum += fabs((double)rig_place(sgeo_nasrec_sparse_dims, x->sparse_dim) -
                    (double)rig_place(sgeo_nasrec_sparse_dims, y->sparse_dim));
        sum += (x->dense_op != y->dense_op) + (x->sparse_op != y->sparse_op);
        sum += (x->dense_to_sparse != y->dense_to_sparse) + (x->fm != y->fm);
        sum += (x->left != y->left) + (x->right != y->right);
        sum += rig_bits(x->dense_inputs, y->dense_inputs);
        sum += rig_bits(x->sparse_inputs, y->sparse_inputs);
    }
    return sum;
}

/* A loss: the distance, and a little that tells equal distances apart. */
static inline double rig_score(const struct rig *rig, const struct sgeo_nasrec_arch *arch)
{
    static const double bad[] = {(double)NAN, (double)INFINITY, -(double)INFINITY};
    char token[SGEO_NASREC_TOKEN_MAX];
    sgeo_nasrec_token(token, arch);
    uint64_t key = sgeo_fnv1a(token);
    if (sgeo_hash_uniform(key, 0) < rig->bad_fraction) {
        return bad[key % 3];
    }
    double loss = rig_distance(arch, &rig->target) + 0.01 * sgeo_hash_uniform(key, 1);
    return rig->negate ? -loss : loss;
}

static inline enum sgeo_status rig_evaluate(struct sgeo_candidate *const *candidates, size_t n,
                                            void *context)
{
    struct rig *rig = context;
    for (size_t i = 0; i < n; i++) {
        struct sgeo_candidate *candidate = candidates[rig->backwards ? n - 1 - i : i];
        if (atomic_load(&rig->stop)) {
            return sgeo_fail(SGEO_INTERRUPTED, NULL, "interrupted");
        }
        ck_assert(!candidate->scored);
        candidate->score = rig_score(rig, &candidate->arch);
        candidate->seconds_cpu = 0.25;
        candidate->scored = true;
        rig->n++;
        if (rig->n == rig->stop_after) {
            atomic_store(&rig->stop, true);
        }
    }
    return SGEO_OK;
}

static inline struct rig rig_create(void)
{
    struct rig rig = {0};
    ck_assert_int_eq(sgeo_nasrec_parse(&rig.target, RIG_TARGET), SGEO_OK);
    return rig;
}

static inline struct sgeo_search *rig_search(struct rig *rig, uint64_t seed, size_t n_max)
{
    const struct sgeo_search_settings settings = {.space = SGEO_NASREC_FULL,
                                                  .seed = seed,
                                                  .higher_is_better = rig->negate,
                                                  .evaluate = rig_evaluate,
                                                  .context = rig,
                                                  .stop = &rig->stop};
    struct sgeo_search *search = NULL;
    ck_assert_int_eq(sgeo_search_create(&search, &settings, n_max), SGEO_OK);
    return search;
}

static inline void ok(enum sgeo_status status)
{
    ck_assert_msg(status == SGEO_OK, "%s", sgeo_error_text());
}

#endif
