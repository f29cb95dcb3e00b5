#include "proxy/proxy.h"

#include <math.h>
#include <string.h>

static const struct sgeo_proxy *const proxies[] = {
    &sgeo_proxy_zico,
    &sgeo_proxy_sigeo_naslib,
    &sgeo_proxy_sigeo_eq6,
    &sgeo_proxy_params,
    &sgeo_proxy_flops,
    &sgeo_proxy_grad_norm,
    &sgeo_proxy_snip,
    &sgeo_proxy_plain,
    &sgeo_proxy_l2_norm,
    &sgeo_proxy_fisher,
    &sgeo_proxy_grasp,
    &sgeo_proxy_meco,
    &sgeo_proxy_meco_opt,
    &sgeo_proxy_naswot,
    &sgeo_proxy_jacov,
    &sgeo_proxy_epe_nas,
    &sgeo_proxy_zen,
    &sgeo_proxy_synflow,
    NULL,
};

const char *sgeo_convention_name(enum sgeo_convention convention)
{
    return convention == SGEO_CONVENTION_OURS ? "ours" : "suite";
}

struct sgeo_score sgeo_plain_score(double value, double seconds_cpu)
{
    double nan = (double)NAN;
    return (struct sgeo_score){value, nan, nan, nan, seconds_cpu, false};
}

const struct sgeo_proxy *const *sgeo_proxy_all(void)
{
    return proxies;
}

const struct sgeo_proxy *sgeo_proxy_find(const char *name)
{
    if (strcmp(name, "sigeo") == 0) {
        return &sgeo_proxy_sigeo_naslib;
    }
    for (size_t i = 0; proxies[i] != NULL; i++) {
        if (strcmp(proxies[i]->name, name) == 0) {
            return proxies[i];
        }
    }
    return NULL;
}

struct sgeo_lambda sgeo_default_lambda(bool warm)
{
    return warm ? (struct sgeo_lambda){1.0, 50.0, 1.0} : (struct sgeo_lambda){1.0, 1.0, 0.0};
}

/* A weight of 0 drops its term, also where the term is infinite. */
static double weighted(double weight, double term)
{
    return weight == 0.0 ? 0.0 : weight * term;
}

double sgeo_recombine(const struct sgeo_score *terms, const struct sgeo_lambda *lambda)
{
    return weighted(lambda->zico, terms->term_zico) + weighted(lambda->fr, terms->term_fr) -
           weighted(lambda->loss, terms->term_loss);
}
