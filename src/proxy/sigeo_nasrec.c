/*
 * sigeo-nasrec and zico-nasrec: what the authors' code for recommender models computes (spec of the
 * proxies, section 3.3; the pass is in ctr_nasrec.c). Of the last layer's weight and bias,
 *   term_zico  sum over the two of ln r, r = mean_b|g_b| / std_b(g_b), the deviation unbiased, of
 *              the first coordinate alone that deviates: they index by one row of a list too many
 *   term_fr    ln( |<sum_b g_b, theta_k> over both| + 1e-10 )
 *   term_loss  the last mini-batch's loss, before its step
 * Default weights: (1,1,0) cold and (1,1,1) warm, as the paper. The authors' switch for ZiCo keeps
 * the loss's weight of 1, so that zico-nasrec is (1,0,1).
 * DEVIATES: where no coordinate deviates the original dies; here the term is NaN.
 */
#include <math.h>

#include "proxy/ctr_measure.h"

static void fill(struct sgeo_score *score, const struct sgeo_evidence *evidence,
                 const struct sgeo_lambda *lambda)
{
    double dot = 0.0, zico = 0.0;
    for (size_t g = 0; g < evidence->n_path_layers; g++) {
        zico += log(evidence->path_inner[g]);
        dot += evidence->path_dot[g];
    }
    *score = (struct sgeo_score){.term_zico = zico,
                                 .term_fr = log(fabs(dot) + 1e-10),
                                 .term_loss = evidence->path_losses[evidence->k - 1],
                                 .seconds_cpu = evidence->seconds_path};
    score->value = sgeo_recombine(score, lambda);
}

static void score_sigeo(struct sgeo_score *score, const struct sgeo_evidence *evidence, bool warm,
                        const struct sgeo_lambda *lambda)
{
    const struct sgeo_lambda standard = sgeo_ctr_default_lambda(warm);
    fill(score, evidence, lambda == NULL ? &standard : lambda);
}

static void score_zico(struct sgeo_score *score, const struct sgeo_evidence *evidence, bool warm,
                       const struct sgeo_lambda *lambda)
{
    static const struct sgeo_lambda standard = {1.0, 0.0, 1.0};
    (void)warm;
    fill(score, evidence, lambda == NULL ? &standard : lambda);
}

const struct sgeo_proxy sgeo_proxy_sigeo_nasrec = {
    .name = "sigeo-nasrec",
    .formula =
        "ln r_w + ln r_b + l2 * ln(|<sum_b g_b, theta_k>| + 1e-10) - l3 * last loss, last layer",
    .passes = SGEO_PASS_NASREC,
    .score = score_sigeo,
    .has_terms = true,
};

const struct sgeo_proxy sgeo_proxy_zico_nasrec = {
    .name = "zico-nasrec",
    .formula = "ln r_w + ln r_b - last loss, one coordinate each of the last layer",
    .passes = SGEO_PASS_NASREC,
    .score = score_zico,
    .has_terms = true,
};
