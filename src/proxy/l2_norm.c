/*
 * l2-norm: sum over the weights of L of their L2 norm at initialisation.
 * Source: the spec of the proxies, section 1.1 (NAS-Bench-Suite-Zero).
 */
#include "proxy/proxy.h"

static void score(struct sgeo_score *score, const struct sgeo_evidence *evidence, bool warm,
                  const struct sgeo_lambda *lambda)
{
    (void)warm;
    (void)lambda;
    *score = sgeo_plain_score(evidence->suite.l2_norm, evidence->suite.seconds_batch);
}

const struct sgeo_proxy sgeo_proxy_l2_norm = {
    .name = "l2-norm",
    .formula = "sum_l ||W_l||",
    .passes = SGEO_PASS_BATCH,
    .score = score,
};
