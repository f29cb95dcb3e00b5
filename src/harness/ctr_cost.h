/* What an architecture search on click-through rows will cost, before it starts. */
#ifndef SGEO_HARNESS_CTR_COST_H
#define SGEO_HARNESS_CTR_COST_H

#include "harness/ctr_scorer.h"
#include "harness/ctr_task.h"
#include "space/nasrec_supernet.h"

/* CPU seconds, roughly: of an AVX-512 core. */
struct sgeo_ctr_cost {
    double warmup;
    double evaluation; /* of one candidate, in the mean */
};

/* From the sizes of the supernet's full path and of a few candidates that the search draws first.
 * Fails as building them does. */
enum sgeo_status sgeo_ctr_cost(struct sgeo_ctr_cost *cost, const struct sgeo_nasrec_supernet *shape,
                               const struct sgeo_ctr_recipe *recipe,
                               const struct sgeo_ctr_judge *judge, uint64_t seed);

#endif
