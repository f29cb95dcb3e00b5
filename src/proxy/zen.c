/*
 * zen: ln mean_n sum |phi(x) - phi(x + 0.01 dx)| + sum over batch norms of ln sqrt(mean running
 * variance), phi the map before the global mean, weights, x and dx Gaussian, statistics after both
 * forwards.
 * Source: Lin et al., ICCV 2021; the spec of the proxies, section 1.1 (one repeat).
 */
#include "proxy/proxy.h"

static void score(struct sgeo_score *score, const struct sgeo_evidence *evidence, bool warm,
                  const struct sgeo_lambda *lambda)
{
    (void)warm;
    (void)lambda;
    *score = sgeo_plain_score(evidence->suite.zen_log_difference + evidence->suite.zen_log_norms,
                              evidence->suite.seconds_zen);
}

const struct sgeo_proxy sgeo_proxy_zen = {
    "zen", "ln mean_n |phi(x) - phi(x + 0.01 dx)| + sum_bn ln sigma, Gaussian weights",
    SGEO_PASS_ZEN, score, false};
