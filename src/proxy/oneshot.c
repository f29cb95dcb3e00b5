/*
 * oneshot: what NASRec's own search judges by, minus the validation log loss of a candidate with
 * inherited numbers after its last layer was tuned (space/ctr_one_shot.h), so that higher is better
 * as everywhere. Not a zero-cost proxy: what those are compared with.
 */
#include "proxy/proxy.h"

static void score(struct sgeo_score *score, const struct sgeo_evidence *evidence, bool warm,
                  const struct sgeo_lambda *lambda)
{
    (void)warm;
    (void)lambda;
    *score = sgeo_plain_score(-evidence->one_shot_loss, evidence->seconds_one_shot);
}

const struct sgeo_proxy sgeo_proxy_oneshot = {
    .name = "oneshot",
    .formula = "- validation log loss after the last layer was tuned",
    .passes = SGEO_PASS_ONE_SHOT,
    .score = score,
};
