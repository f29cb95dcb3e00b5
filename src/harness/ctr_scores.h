/* Many scores of one click-through candidate at once: each pass that some of them need is measured
 * once, with the numbers that the candidate inherits. */
#ifndef SGEO_HARNESS_CTR_SCORES_H
#define SGEO_HARNESS_CTR_SCORES_H

#include "data/ctr_fields.h"
#include "harness/ctr_scorer.h"

/*
 * scores (n) of an architecture by proxies (n), with default weights of their terms: those of
 * ctr_measure.h, params (of the stand-alone model, without embedding tables) and flops (its
 * multiply-accumulates on one row, as NASRec's authors count). bench->judge: supernet, draw, warm,
 * and one_shot where oneshot is among them. SGEO_USAGE for another proxy, else as
 * sgeo_ctr_bench_open, sgeo_ctr_measure and sgeo_ctr_one_shot.
 */
enum sgeo_status sgeo_ctr_scores(struct sgeo_score *scores, const struct sgeo_ctr_bench *bench,
                                 const struct sgeo_ctr_schema *schema,
                                 const struct sgeo_nasrec_arch *arch,
                                 const struct sgeo_proxy *const *proxies, size_t n);

/* Whether it has the proxy. */
bool sgeo_ctr_scores_has(const struct sgeo_proxy *proxy);

#endif
