/*
 * params and flops: trainable numbers and tensorwatch's FLOPs of one image, in millions, as
 * NAS-Bench-Suite-Zero stores them (spec of the proxies, section 1.1).
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
    *score = millions(evidence->counts.tensorwatch_flops);
}

const struct sgeo_proxy sgeo_proxy_params = {"params", "trainable parameters / 1e6", 0, params,
                                             false};
const struct sgeo_proxy sgeo_proxy_flops = {"flops", "tensorwatch FLOPs of one image / 1e6", 0,
                                            flops, false};
