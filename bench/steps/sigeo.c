/*
 * step_sigeo: the evidence of SiGeo over a whole click-through model at a fixed theta: gradients of
 * four mini-batches, moments of the network and of the tables' touched rows, and d l_n / d alpha
 * of every row. The value, which needs the batches' sums alone, has the Fisher-Rao term in the form
 * of the authors' code for click-through models (spec proxies, section 3.3), over all layers,
 *
 *   sum over layers of ln sum_i mean_b|g_bi| / std_b(g_bi)  +  ln(|sum_b <theta, g_b>| + 1e-10)
 *
 * DEVIATES from that code: theta stays where it is, and, as in the paper, std is the population's
 * and all coordinates count. The terms `zico` and `fr` are the two summands.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "bench/steps/ctr.h"
#include "proxy/ctr_measure.h"

#define MINIBATCHES ((size_t)4)
#define FLOOR       1e-10
#define PASSES      3.0 /* forward, backward to the inputs and to the weights */

struct sigeo {
    struct sgeo_step_data data;
    struct sgeo_step_model model;
    struct sgeo_ctr_batch batches[MINIBATCHES];
    double zico, fr; /* of the last call */
};

static void read_terms(struct sigeo *own, const struct sgeo_evidence *evidence)
{
    double inner = 0.0;
    for (size_t b = 0; b < evidence->k; b++)
        inner += evidence->theta_dot[b];
    own->zico = sgeo_zico_term(evidence->inner, evidence->n_layers);
    own->fr = log(fabs(inner) + FLOOR);
}

static enum sgeo_status run(void *step, double *value)
{
    struct sigeo *own = step;
    const struct sgeo_ctr_measure_request request = {.use = &own->model.use,
                                                     .batches = own->batches,
                                                     .k = MINIBATCHES,
                                                     .passes = SGEO_PASS_FIXED | SGEO_PASS_TANGENT};
    struct sgeo_ctr_measurement measurement;
    enum sgeo_status status = sgeo_ctr_measure(&measurement, &request);
    if (status != SGEO_OK)
        return status;
    read_terms(own, &measurement.evidence);
    *value = own->zico + own->fr;
    sgeo_ctr_measurement_destroy(&measurement);
    return SGEO_OK;
}

static enum sgeo_status terms(const void *step, char *text, size_t size)
{
    const struct sigeo *own = step;
    snprintf(text, size, "zico=%.9g fr=%.9g", own->zico, own->fr);
    return SGEO_OK;
}

static void destroy(void *step)
{
    struct sigeo *own = step;
    if (!own)
        return;
    sgeo_step_model_close(&own->model);
    sgeo_step_data_close(&own->data);
    sgeo_free(own);
}

static enum sgeo_status open_sigeo(struct sigeo *own, const struct sgeo_bench_args *args)
{
    const char *tables = sgeo_bench_word(args, "tables");
    enum sgeo_status status = sgeo_step_data_open(&own->data, args, MINIBATCHES);
    if (status == SGEO_OK)
        status = sgeo_step_model_open(&own->model, &own->data, args);
    if (status != SGEO_OK)
        return status;
    for (size_t b = 0; b < MINIBATCHES; b++)
        own->batches[b] = sgeo_step_data_batch(&own->data, b);
    own->model.use.frozen_tables = tables && strcmp(tables, "frozen") == 0;
    return tables && (own->model.use.frozen_tables || strcmp(tables, "learn") == 0)
               ? SGEO_OK
               : sgeo_fail(SGEO_USAGE, "tables=learn or frozen", "%s: no tables= of either in '%s'",
                           sgeo_bench_args_place(args), sgeo_bench_args_text(args));
}

static enum sgeo_status create(void **step, struct sgeo_step_work *work,
                               const struct sgeo_bench_args *args)
{
    struct sigeo *own = sgeo_calloc(1, sizeof *own);
    if (!own)
        return sgeo_fail_memory("a step bench");
    enum sgeo_status status = open_sigeo(own, args);
    if (status != SGEO_OK) {
        destroy(own);
        return status;
    }
    size_t n = MINIBATCHES * own->data.batch;
    *work = (struct sgeo_step_work){
        .work = {.flops = sgeo_step_flops(own->model.graph, PASSES, n), .roof = SGEO_ROOF_FMA},
        .rate = "evaluations/s",
        .amount = 1.0};
    *step = own;
    return SGEO_OK;
}

const struct sgeo_step_load sgeo_step_sigeo = {"step_sigeo", create, run, terms, destroy};
