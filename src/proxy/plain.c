/*
 * plain: sum over the weights of L of sum W g, signed. Weights in front of a batch norm contribute
 * nothing but rounding (scale invariance).
 * Source: the spec of the proxies, section 1.1 (NAS-Bench-Suite-Zero).
 */
#include "proxy/proxy.h"

static void score(struct sgeo_score *score, const struct sgeo_evidence *evidence, bool warm,
                  const struct sgeo_lambda *lambda)
{
    (void)warm;
    (void)lambda;
    *score = sgeo_plain_score(evidence->suite.plain, evidence->suite.seconds_batch);
}

const struct sgeo_proxy sgeo_proxy_plain = {
    .name = "plain",
    .formula = "sum_l sum W g",
    .passes = SGEO_PASS_BATCH,
    .score = score,
};
