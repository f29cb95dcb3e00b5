/*
 * grad-norm: sum over the weights of L of the L2 norm of the gradient of one mini-batch.
 * Source: the spec of the proxies, section 1.1 (NAS-Bench-Suite-Zero).
 */
#include "proxy/proxy.h"

static void score(struct sgeo_score *score, const struct sgeo_evidence *evidence, bool warm,
                  const struct sgeo_lambda *lambda)
{
    (void)warm;
    (void)lambda;
    *score = sgeo_plain_score(evidence->suite.grad_norm, evidence->suite.seconds_batch);
}

const struct sgeo_proxy sgeo_proxy_grad_norm = {
    .name = "grad-norm",
    .formula = "sum_l ||g_l||",
    .passes = SGEO_PASS_BATCH,
    .score = score,
};
