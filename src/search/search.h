/*
 * What the searches share: candidates in the order of their evaluation, who scores them, and the
 * choice of the best. They search nasrec; the searches of the other rows of Table 3 (AutoCTR,
 * PROFIT, DNAS: spec nasrec, section 5) belong into this room too.
 *
 * A search is a function of its settings and of the scores: candidate i is drawn from streams named
 * by its index or its generation, and from the scores before its generation. So its whole state is
 * the list of scores. To go on after an interruption, hand the known ones in (sgeo_search_recall)
 * and run the search again: it asks for the others only.
 */
#ifndef SGEO_SEARCH_SEARCH_H
#define SGEO_SEARCH_SEARCH_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "space/nasrec.h"

struct sgeo_candidate {
    size_t index;      /* in the order of evaluation, from 0 */
    size_t generation; /* 0: drawn at random; else the evolution's, from 1 */
    struct sgeo_nasrec_arch arch;
    double score;
    double seconds_cpu; /* of its evaluation */
    bool scored;
};

/*
 * Score candidates: set score, seconds_cpu and then scored of each, in any order, on any number of
 * threads; a score must not depend on the others of the batch. NaN and infinities are scores. On
 * failure those that are scored stay so.
 */
typedef enum sgeo_status (*sgeo_evaluate_fn)(struct sgeo_candidate *const *candidates, size_t n,
                                             void *context);

struct sgeo_search_settings {
    enum sgeo_nasrec_space space;
    uint64_t seed;
    bool higher_is_better; /* proxies; false: losses */
    sgeo_evaluate_fn evaluate;
    void *context;
    const atomic_bool *stop; /* NULL: never. Looked at before each batch; evaluate looks itself */
};

struct sgeo_search {
    struct sgeo_search_settings settings;
    struct sgeo_candidate *candidates; /* (n_max) */
    size_t n;                          /* drawn so far; all scored once a run is over */
    size_t n_max;                      /* evaluations of the whole search */
    struct sgeo_candidate **batch;     /* (n_max) scratch */
};

/* A search of at most n_max evaluations. The caller owns *search; stop and context outlive it. */
enum sgeo_status sgeo_search_create(struct sgeo_search **search,
                                    const struct sgeo_search_settings *settings, size_t n_max);
void sgeo_search_destroy(struct sgeo_search *search);

/*
 * Hand in a score of an earlier run of the same search, before this one; known->index, arch, score
 * and seconds_cpu count. SGEO_USAGE when the search has no such evaluation or another one in its
 * place; a wrong architecture is found when the search arrives at it.
 */
enum sgeo_status sgeo_search_recall(struct sgeo_search *search, const struct sgeo_candidate *known);

/*
 * For the searches: draw the next candidate (arch); then score those drawn that are not. Placing
 * fails with SGEO_USAGE when another architecture was recalled for its index, scoring as evaluate
 * does, and with SGEO_INTERRUPTED once *stop is set.
 */
enum sgeo_status sgeo_search_place(struct sgeo_search *search, const struct sgeo_nasrec_arch *arch,
                                   size_t generation);
enum sgeo_status sgeo_search_score(struct sgeo_search *search);

/* Candidate i of a random draw, from the stream (seed, "search:draw", i): the same in all searches
 * of a seed. */
void sgeo_search_draw(struct sgeo_nasrec_arch *arch, const struct sgeo_search *search, size_t i);

/* Whether a comes before b: a finite score before others, then the better, then the earlier. */
bool sgeo_search_before(const struct sgeo_search *search, const struct sgeo_candidate *a,
                        const struct sgeo_candidate *b);

/* Scores so far that are not finite. */
size_t sgeo_search_count_degenerate(const struct sgeo_search *search);

/* Scores this close are one and the same candidate's in the list of the best. */
#define SGEO_SEARCH_SAME_SCORE 1e-6

/*
 * Sort `from` (n, in place) by sgeo_search_before and copy the first of them to `best` (at most
 * n_best) whose score is finite and differs from the one before by more than
 * SGEO_SEARCH_SAME_SCORE. Returns how many.
 */
size_t sgeo_search_best(const struct sgeo_candidate **best, size_t n_best,
                        const struct sgeo_candidate **from, size_t n,
                        const struct sgeo_search *search);

#endif
