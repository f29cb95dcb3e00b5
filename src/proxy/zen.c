/*
 * zen: ln mean_n sum |phi(x) - phi(x + 0.01 dx)| + sum over batch norms of ln sqrt(mean running
 * variance), phi the map before the global mean, weights, x and dx Gaussian, statistics after both
 * forwards.
 * Source: Lin et al., ICCV 2021; the spec of the proxies, section 1.1 (one repeat).
 *
 * Conventions: the suite's running variances are still 0.81 of the 1 they start at. Ours takes the
 * variances of the batch x, and passes over batch norms of a zero tensor, which have none. (The
 * method's authors repeat 32 times; both conventions draw once.)
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
    .name = "zen",
    .formula = "ln mean_n |phi(x) - phi(x + 0.01 dx)| + sum_bn ln sigma, Gaussian weights",
    .passes = SGEO_PASS_ZEN,
    .score = score,
    .ours = "sigma of the batch, not of running statistics",
};
