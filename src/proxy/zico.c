/*
 * ZiCo: sum over layers of ln sum_i mean_b|g_bi| / std_b(g_bi), gradients of k mini-batches at one
 * theta, population deviation, coordinates without deviation and layers without any dropped.
 * Source: Li et al., ICLR 2023; the spec of the proxies, section 2.
 */
#include <math.h>

#include "proxy/proxy.h"

double sgeo_zico_term(const double *inner, size_t n_layers)
{
    double sum = 0.0;
    for (size_t l = 0; l < n_layers; l++) {
        if (inner[l] != 0.0) { /* exactly: no coordinate of the layer deviates */
            sum += log(inner[l]);
        }
    }
    return sum;
}

static void score(struct sgeo_score *score, const struct sgeo_evidence *evidence, bool warm,
                  const struct sgeo_lambda *lambda)
{
    (void)warm;
    (void)lambda;
    double zico = sgeo_zico_term(evidence->inner, evidence->n_layers);
    *score = (struct sgeo_score){.value = zico,
                                 .term_zico = zico,
                                 .term_fr = (double)NAN,
                                 .term_loss = (double)NAN,
                                 .seconds_cpu = evidence->seconds_fixed};
}

const struct sgeo_proxy sgeo_proxy_zico = {
    .name = "zico",
    .formula = "sum_l ln sum_i mean_b|g_bi| / std_b(g_bi) at a fixed theta",
    .passes = SGEO_PASS_FIXED,
    .score = score,
};
