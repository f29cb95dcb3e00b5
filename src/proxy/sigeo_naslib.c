/*
 * sigeo-naslib: what the authors' image code computes (spec of the proxies, section 3.2).
 *   gradients and losses along plain SGD steps with lr 1, one after each mini-batch;
 *   term_zico  as ZiCo, on these gradients
 *   term_fr    2 ln( sum over layers that the first term keeps of |<sum_b g_b, W_k>| + 1e-5 )
 *   term_loss  the last mini-batch's loss, before its step
 * For a convolution in front of a batch norm <W, g> is 0 at one theta, so its inner product is half
 * the squared gradient norm that the steps accumulated: it exists only because of the path.
 */
#include <math.h>

#include "proxy/proxy.h"

static void score(struct sgeo_score *score, const struct sgeo_evidence *evidence, bool warm,
                  const struct sgeo_lambda *lambda)
{
    double sum = 0.0;
    for (size_t l = 0; l < evidence->n_layers; l++) {
        if (evidence->path_inner[l] != 0.0) { /* exactly as in the first term */
            sum += fabs(evidence->path_dot[l]);
        }
    }
    const struct sgeo_lambda weights = lambda == NULL ? sgeo_default_lambda(warm) : *lambda;
    *score =
        (struct sgeo_score){.term_zico = sgeo_zico_term(evidence->path_inner, evidence->n_layers),
                            .term_fr = 2.0 * log(sum + 1e-5),
                            .term_loss = evidence->path_losses[evidence->k - 1],
                            .seconds_cpu = evidence->seconds_path};
    score->value = sgeo_recombine(score, &weights);
}

const struct sgeo_proxy sgeo_proxy_sigeo_naslib = {
    .name = "sigeo-naslib",
    .formula =
        "zico along an lr-1 SGD path + l2 * 2 ln(sum_l |<sum_b g_b, W_k>| + 1e-5) - l3 * last loss",
    .passes = SGEO_PASS_PATH,
    .score = score,
    .has_terms = true,
};
