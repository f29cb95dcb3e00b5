/*
 * synflow: ln S, S = sum over the weights of L of sum |W dR/dW|, R the summed logits of one image
 * of ones through absolute weights and biases, batch norms passed by. In double: S reaches 1e200.
 * S = 0 (no path) gives 0, as NAS-Bench-Suite-Zero stores it.
 * Source: Tanaka et al., NeurIPS 2020; the spec of the proxies, section 1.1.
 */
#include <math.h>

#include "proxy/proxy.h"

static void score(struct sgeo_score *score, const struct sgeo_evidence *evidence, bool warm,
                  const struct sgeo_lambda *lambda)
{
    (void)warm;
    (void)lambda;
    double sum = evidence->suite.synflow;
    *score = sgeo_plain_score(sum == 0.0 ? 0.0 : log(sum), evidence->suite.seconds_synflow);
}

const struct sgeo_proxy sgeo_proxy_synflow = {
    "synflow", "ln sum_l sum |W dR/dW| of absolute weights, without batch norms", SGEO_PASS_SYNFLOW,
    score, false};
