/*
 * synflow: ln S, S = sum over the weights of L of sum |W dR/dW|, R the summed logits of one image
 * of ones through absolute weights and biases, batch norms passed by. In double: S reaches 1e200.
 * S = 0 (no path) gives 0, as NAS-Bench-Suite-Zero stores it.
 * Source: Tanaka et al., NeurIPS 2020; the spec of the proxies, section 1.1.
 *
 * Conventions: that 0 is the suite's, and ties with a network of S = 1. Ours is ln 0 = -inf.
 */
#include <math.h>

#include "proxy/proxy.h"

static void score(struct sgeo_score *score, const struct sgeo_evidence *evidence, bool warm,
                  const struct sgeo_lambda *lambda)
{
    (void)warm;
    (void)lambda;
    double sum = evidence->suite.synflow;
    bool no_path = sum == 0.0; /* exactly: every term is absolute */
    double value = no_path && evidence->convention == SGEO_CONVENTION_SUITE ? 0.0 : log(sum);
    *score = sgeo_plain_score(value, evidence->suite.seconds_synflow);
}

const struct sgeo_proxy sgeo_proxy_synflow = {
    .name = "synflow",
    .formula = "ln sum_l sum |W dR/dW| of absolute weights, without batch norms",
    .passes = SGEO_PASS_SYNFLOW,
    .score = score,
    .ours = "-inf, not 0, without a path",
};
