/*
 * snip: sum over the weights of L of sum |W g|, g the gradient of one mini-batch.
 * Source: Lee et al., ICLR 2019; the spec of the proxies, section 1.1 (NAS-Bench-Suite-Zero).
 */
#include "proxy/proxy.h"

static void score(struct sgeo_score *score, const struct sgeo_evidence *evidence, bool warm,
                  const struct sgeo_lambda *lambda)
{
    (void)warm;
    (void)lambda;
    *score = sgeo_plain_score(evidence->suite.snip, evidence->suite.seconds_batch);
}

const struct sgeo_proxy sgeo_proxy_snip = {
    .name = "snip",
    .formula = "sum_l sum |W g|",
    .passes = SGEO_PASS_BATCH,
    .score = score,
};
