/*
 * sigeo-eq6-head: equation (6) as sigeo-eq6 has it, of the last layer of a recommender model alone:
 * the formula where the authors' code looks. What it and sigeo-nasrec disagree in is the formula,
 * what it and sigeo-eq6 disagree in is which parameters are looked at.
 */
#include "proxy/ctr_measure.h"

static void score(struct sgeo_score *score, const struct sgeo_evidence *evidence, bool warm,
                  const struct sgeo_lambda *lambda)
{
    const struct sgeo_lambda standard = sgeo_ctr_default_lambda(warm);
    sgeo_proxy_sigeo_eq6.score(score, evidence, warm, lambda == NULL ? &standard : lambda);
}

const struct sgeo_proxy sgeo_proxy_sigeo_eq6_head = {
    .name = "sigeo-eq6-head",
    .formula = "sigeo-eq6 of the last layer's parameters alone",
    .passes = SGEO_PASS_HEAD,
    .score = score,
    .has_terms = true,
};
