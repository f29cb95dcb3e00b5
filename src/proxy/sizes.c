/*
 * params and flops: trainable numbers and tensorwatch's FLOPs of one image, in millions, as
 * NAS-Bench-Suite-Zero stores them (spec of the proxies, section 1.1).
 *
 * Conventions: tensorwatch counts a global average as C (H+1)(W+1) where it is a module, one pixel
 * too many in both directions, and as nothing where it is a function (nb101). Ours counts C H W.
 */
#include "proxy/proxy.h"

static struct sgeo_score millions(size_t count)
{
    return sgeo_plain_score((double)count / 1e6, 0.0);
}

static void params(struct sgeo_score *score, const struct sgeo_evidence *evidence, bool warm,
                   const struct sgeo_lambda *lambda)
{
    (void)warm;
    (void)lambda;
    *score = millions(evidence->counts.params);
}

static void flops(struct sgeo_score *score, const struct sgeo_evidence *evidence, bool warm,
                  const struct sgeo_lambda *lambda)
{
    (void)warm;
    (void)lambda;
    bool ours = evidence->convention == SGEO_CONVENTION_OURS;
    *score = millions(ours ? evidence->counts.flops : evidence->counts.tensorwatch_flops);
}

const struct sgeo_proxy sgeo_proxy_params = {
    .name = "params",
    .formula = "trainable parameters / 1e6",
    .score = params,
};
const struct sgeo_proxy sgeo_proxy_flops = {
    .name = "flops",
    .formula = "tensorwatch FLOPs of one image / 1e6",
    .score = flops,
    .ours = "a global average counts its input's pixels",
};
