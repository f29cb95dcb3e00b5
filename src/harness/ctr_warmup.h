/*
 * Warming up the supernet of a click-through search (spec nasrec, sections 1.3 and 1.4), with a
 * checkpoint every few minutes and at the end: OUT/checkpoints/SPACE-TASK-wLEVEL-sSEED.ckpt.
 */
#ifndef SGEO_HARNESS_CTR_WARMUP_H
#define SGEO_HARNESS_CTR_WARMUP_H

#include "harness/ctr_set.h"
#include "harness/schedule.h"
#include "space/ctr_supernet.h"

struct sgeo_ctr_warmup {
    enum sgeo_nasrec_space space;
    const struct sgeo_ctr_set *clicks;
    const struct sgeo_ctr_recipe *recipe;
    const struct sgeo_options *options; /* seed, out */
    sgeo_progress_fn progress;          /* jobs are steps; may be NULL */
    void *progress_context;
    const atomic_bool *stop; /* once set the training ends with SGEO_INTERRUPTED; NULL: never */
};

/*
 * The supernet at the recipe's level: from its checkpoint, trained on where that is of an earlier
 * step; at level 0 as it starts. The caller owns *supernet, backend outlives it. SGEO_CHECK_FAILED
 * when the training diverges, SGEO_INTERRUPTED once *stop is set, SGEO_IO for a damaged checkpoint
 * or one of other settings.
 */
enum sgeo_status sgeo_ctr_warm_up(struct sgeo_ctr_supernet **supernet, struct sgeo_backend *backend,
                                  const struct sgeo_ctr_warmup *warmup);

#endif
