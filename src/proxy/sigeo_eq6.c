/*
 * sigeo-eq6: the paper's equation (6) with its equation (5) taken at its word.
 *   term_zico  ZiCo at a fixed theta
 *   term_fr    ln FR,  FR = (1/N) sum_n (d l_n((1+a) theta) / da)^2: theta' F theta with the
 * empirical Fisher F of per-image gradients, over the weights of L, all k*batch images, each in the
 * batch statistics of its own mini-batch term_loss  mean of the k losses DEVIATES: no SGD path,
 * because equation (2) names no step size.
 */
#include <math.h>

#include "proxy/proxy.h"

static void score(struct sgeo_score *score, const struct sgeo_evidence *evidence, bool warm,
                  const struct sgeo_lambda *lambda)
{
    size_t images = evidence->k * evidence->batch;
    double squares = 0.0, losses = 0.0;
    for (size_t n = 0; n < images; n++) {
        squares += evidence->dloss_dalpha[n] * evidence->dloss_dalpha[n];
    }
    for (size_t b = 0; b < evidence->k; b++) {
        losses += evidence->losses[b];
    }
    const struct sgeo_lambda weights = lambda == NULL ? sgeo_default_lambda(warm) : *lambda;
    *score =
        (struct sgeo_score){.term_zico = sgeo_zico_term(evidence->inner, evidence->n_layers),
                            .term_fr = log(squares / (double)images),
                            .term_loss = losses / (double)evidence->k,
                            .seconds_cpu = evidence->seconds_fixed + evidence->seconds_tangent};
    score->value = sgeo_recombine(score, &weights);
}

const struct sgeo_proxy sgeo_proxy_sigeo_eq6 = {
    .name = "sigeo-eq6",
    .formula = "zico + l2 * ln((1/N) sum_n (d l_n / d alpha)^2) - l3 * mean loss, at a fixed theta",
    .passes = SGEO_PASS_FIXED | SGEO_PASS_TANGENT,
    .score = score,
    .has_terms = true,
};
