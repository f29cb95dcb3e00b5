/*
 * A zero-cost proxy: which passes it needs, and how it reads their evidence. One file per proxy,
 * its formula and source at the top.
 */
#ifndef SGEO_PROXY_PROXY_H
#define SGEO_PROXY_PROXY_H

#include <stdbool.h>
#include <stddef.h>

#include "proxy/session.h"

/* Weights of SiGeo's three terms: score = zico * term_zico + fr * term_fr - loss * term_loss. */
struct sgeo_lambda {
    double zico, fr, loss;
};

struct sgeo_score {
    double value;
    double term_zico, term_fr, term_loss; /* NaN where the proxy has no such term */
    double seconds_cpu;                   /* of the passes it needed, as if it had run alone */
    bool degenerate; /* made of rounding noise: the number is there, and means nothing */
};

struct sgeo_proxy {
    const char *name;
    const char *formula; /* one line for --list proxies */
    unsigned passes;     /* union of enum sgeo_pass */
    /* warm: theta comes from a warm-up; it decides the default weights. lambda NULL: those. */
    void (*score)(struct sgeo_score *score, const struct sgeo_evidence *evidence, bool warm,
                  const struct sgeo_lambda *lambda);
    bool has_terms;   /* whether a lambda applies */
    const char *ours; /* what the name stands for in our convention; NULL: the same */
};

extern const struct sgeo_proxy sgeo_proxy_zico, sgeo_proxy_sigeo_naslib, sgeo_proxy_sigeo_eq6,
    sgeo_proxy_params, sgeo_proxy_flops, sgeo_proxy_grad_norm, sgeo_proxy_snip, sgeo_proxy_plain,
    sgeo_proxy_l2_norm, sgeo_proxy_fisher, sgeo_proxy_grasp, sgeo_proxy_meco, sgeo_proxy_meco_opt,
    sgeo_proxy_naswot, sgeo_proxy_jacov, sgeo_proxy_epe_nas, sgeo_proxy_zen, sgeo_proxy_synflow;

/* Of recommender models alone (ctr_measure.h). */
extern const struct sgeo_proxy sgeo_proxy_sigeo_nasrec, sgeo_proxy_zico_nasrec,
    sgeo_proxy_sigeo_eq6_head, sgeo_proxy_oneshot;

/* A score without terms. */
struct sgeo_score sgeo_plain_score(double value, double seconds_cpu);

/* By name; NULL when unknown. `sigeo` is sigeo-naslib on the vision tasks. */
const struct sgeo_proxy *sgeo_proxy_find(const char *name);
/* All proxies, NULL-terminated. */
const struct sgeo_proxy *const *sgeo_proxy_all(void);

/* Eigenvalues (batch), ascending, of the correlations between the images' gradients;
 * SGEO_CHECK_FAILED when an image has none. */
enum sgeo_status sgeo_jacov_spectrum(double *values, const struct sgeo_suite_evidence *suite);

/* sum over layers of ln(inner), layers with inner exactly 0 skipped: the ZiCo term of any pass. */
double sgeo_zico_term(const double *inner, size_t n_layers);

/* The weighted sum of the terms of a score: how a stored score is recombined under another lambda.
 */
double sgeo_recombine(const struct sgeo_score *terms, const struct sgeo_lambda *lambda);

/* The weights the authors use for images: (1,1,0) cold, (1,50,1) warm. */
struct sgeo_lambda sgeo_default_lambda(bool warm);

#endif
