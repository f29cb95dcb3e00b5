#include "harness/ctr_cost.h"

enum { DRAWN = 16 };

#define SECONDS_A_MAC 4e-11 /* of the matrix products that nearly all of it is */
#define BACKWARD      2.0   /* of a gradient's cost, in forwards; a tangent is one more */
#define EVALUATED     0.1   /* of a training's cost: its curve, validation and test rows */

static enum sgeo_status count(double *macs, enum sgeo_status built, struct sgeo_graph *graph)
{
    struct sgeo_counts counts;
    if (built == SGEO_OK) {
        sgeo_graph_count(&counts, graph);
        *macs += (double)counts.macs;
        sgeo_graph_destroy(graph);
    }
    return built;
}

static enum sgeo_status count_full(double *macs, const struct sgeo_nasrec_supernet *shape)
{
    struct sgeo_graph *graph = NULL;
    enum sgeo_status built = sgeo_nasrec_supernet_build(&graph, shape);
    return count(macs, built, graph);
}

/* The mean candidate, sliced. */
static enum sgeo_status count_candidates(double *macs, const struct sgeo_nasrec_supernet *shape,
                                         uint64_t seed)
{
    enum sgeo_status status = SGEO_OK;
    for (size_t i = 0; status == SGEO_OK && i < DRAWN; i++) {
        struct sgeo_rng rng = sgeo_rng_stream(seed, "search:draw", i);
        struct sgeo_nasrec_arch arch;
        struct sgeo_nasrec_slices *slices = NULL;
        struct sgeo_graph *graph = NULL;
        sgeo_nasrec_sample(&arch, shape->space, &rng);
        const struct sgeo_nasrec_path path = sgeo_nasrec_path_of(&arch);
        enum sgeo_status built = sgeo_nasrec_sliced_build(&graph, &slices, shape, &path);
        status = count(macs, built, graph);
        sgeo_nasrec_slices_destroy(slices);
    }
    *macs /= DRAWN;
    return status;
}

/* Rows times forwards of one evaluation. */
static double forwards_of(const struct sgeo_ctr_judge *judge, const struct sgeo_ctr_recipe *recipe)
{
    const struct sgeo_ctr_one_shot *one_shot = &judge->one_shot;
    if (judge->proxy == NULL) { /* nothing but the last layer goes backward */
        return (double)(one_shot->steps * one_shot->batch + one_shot->valid.rows);
    }
    double rows = (double)(judge->draw->k * recipe->proxy_batch);
    bool fixed = (judge->proxy->passes & SGEO_PASS_FIXED) != 0;
    bool tangent = (judge->proxy->passes & SGEO_PASS_TANGENT) != 0;
    return rows * (1.0 + (fixed ? BACKWARD : 0.0) + (tangent ? 1.0 : 0.0));
}

enum sgeo_status sgeo_ctr_cost(struct sgeo_ctr_cost *cost, const struct sgeo_nasrec_supernet *shape,
                               const struct sgeo_ctr_recipe *recipe,
                               const struct sgeo_ctr_judge *judge, uint64_t seed)
{
    double full = 0.0, candidate = 0.0, full_steps = 0.0;
    enum sgeo_status status = count_full(&full, shape);
    if (status == SGEO_OK) {
        status = count_candidates(&candidate, shape, seed);
    }
    if (status != SGEO_OK) {
        return status;
    }
    for (size_t step = 0; step < recipe->steps; step++) {
        full_steps += sgeo_nasrec_full_probability(step, recipe->fade_steps);
    }
    double drawn_steps = (double)recipe->steps - full_steps;
    cost->warmup = SECONDS_A_MAC * (full_steps * full + drawn_steps * candidate) *
                   (double)recipe->batch * (1.0 + BACKWARD);
    cost->evaluation = SECONDS_A_MAC * candidate * forwards_of(judge, recipe);
    return SGEO_OK;
}

enum sgeo_status sgeo_ctr_final_cost(double *seconds, const struct sgeo_ctr_schema *schema,
                                     const struct sgeo_ctr_named *model,
                                     const struct sgeo_ctr_final_recipe *recipe)
{
    struct sgeo_feature_layout features;
    struct sgeo_graph *graph = NULL;
    double macs = 0.0;
    enum sgeo_status built =
        sgeo_ctr_named_build(&graph, &features, model, schema->n_dense, schema->n_fields);
    enum sgeo_status status = count(&macs, built, graph);
    if (status == SGEO_OK) {
        *seconds = SECONDS_A_MAC * macs * (double)(recipe->steps * recipe->batch) *
                   (1.0 + BACKWARD) * (1.0 + EVALUATED);
    }
    return status;
}
