/*
 * grasp: -sum over the weights of L of W (H g), H the Hessian of the loss of one mini-batch, batch
 * statistics differentiated too. H is symmetric, so this is -<g, H W>, and H W is the tangent of
 * the backward pass along theta: no finite differences. Source: Wang et al., ICLR 2020 (sign as
 * NAS-Bench-Suite-Zero); the spec of the proxies, section 1.1.
 *
 * Conventions: the leading minus is the suite's; ours has the paper's sign, sum W (H g).
 */
#include "proxy/proxy.h"

static void score(struct sgeo_score *score, const struct sgeo_evidence *evidence, bool warm,
                  const struct sgeo_lambda *lambda)
{
    (void)warm;
    (void)lambda;
    double sign = evidence->convention == SGEO_CONVENTION_OURS ? -1.0 : 1.0;
    *score = sgeo_plain_score(sign * evidence->suite.grasp, evidence->suite.seconds_hessian);
}

const struct sgeo_proxy sgeo_proxy_grasp = {
    .name = "grasp",
    .formula = "-sum_l <W, H g>, H the Hessian of one mini-batch's loss",
    .passes = SGEO_PASS_BATCH | SGEO_PASS_HESSIAN,
    .score = score,
    .ours = "without the minus",
};
