/* What an architecture search on click-through rows will cost, or a training from scratch, before
 * it starts. */
#ifndef SGEO_HARNESS_CTR_COST_H
#define SGEO_HARNESS_CTR_COST_H

#include "harness/ctr_named.h"
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

/* CPU seconds of a training and its evaluations, roughly: of an AVX-512 core. Fails as building the
 * model does. */
enum sgeo_status sgeo_ctr_final_cost(double *seconds, const struct sgeo_ctr_schema *schema,
                                     const struct sgeo_ctr_named *model,
                                     const struct sgeo_ctr_final_recipe *recipe);

#endif
