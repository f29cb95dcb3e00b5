#include "bench/steps.h"

#include <stdio.h>

#include "base/memory.h"
#include "proxy/session.h"
#include "space/nb201.h"

#define BATCHES      ((size_t)4)
#define BATCH        ((size_t)64)
#define IMAGES       (BATCHES * BATCH)
#define IMAGE_FLOATS ((size_t)(3 * 32 * 32))
#define SEED         UINT64_C(1)

/* Forward, backward to the data and backward to the weights cost the same multiply-adds. */
#define PASSES 3.0

static const struct sgeo_net_config config = {.channels = 16,
                                              .cells = 5,
                                              .classes = 10,
                                              .image_channels = 3,
                                              .image_size = 32,
                                              .edge_affine = true};

/* From the cheapest to the dearest. */
static const struct {
    const char *word, *cell;
} cells[] = {
    {"skips", "|skip_connect~0|+|skip_connect~0|skip_connect~1|+|skip_connect~0|skip_connect~1|"
              "skip_connect~2|"},
    {"pools", "|avg_pool_3x3~0|+|avg_pool_3x3~0|avg_pool_3x3~1|+|avg_pool_3x3~0|avg_pool_3x3~1|"
              "avg_pool_3x3~2|"},
    {"mixed", "|nor_conv_3x3~0|+|nor_conv_1x1~0|avg_pool_3x3~1|+|skip_connect~0|nor_conv_3x3~1|"
              "skip_connect~2|"},
    {"six-3x3", "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|nor_conv_3x3~0|nor_conv_3x3~1|"
                "nor_conv_3x3~2|"},
};

#define N_CELLS (sizeof cells / sizeof *cells)

struct sgeo_bench_steps {
    const struct sgeo_roofs *roofs;
    struct sgeo_bench_step steps[N_CELLS];
    struct sgeo_session *session; /* NULL until a step runs */
    float *images;
    uint16_t labels[IMAGES];
    struct sgeo_batches batches;
    struct sgeo_graph *graph; /* of graph_of */
    const struct sgeo_bench_step *graph_of;
};

enum sgeo_status sgeo_bench_steps_create(struct sgeo_bench_steps **steps,
                                         const struct sgeo_roofs *roofs)
{
    struct sgeo_bench_steps *own = sgeo_calloc(1, sizeof *own);
    const char *isa = sgeo_isa_name(sgeo_kernels_isa());
    if (!own)
        return sgeo_fail_memory("the step benches");
    own->roofs = roofs;
    for (size_t i = 0; i < N_CELLS; i++) {
        struct sgeo_bench_step *step = &own->steps[i];
        step->steps = own;
        step->cell = cells[i].cell;
        snprintf(step->name, sizeof step->name, "step_zico/%s/hot/cell:%s", isa, cells[i].word);
        snprintf(step->shape, sizeof step->shape, "cell=%s", cells[i].word);
        step->row = (struct sgeo_bench_row){.name = step->name,
                                            .kernel = "step_zico",
                                            .isa = isa,
                                            .cache = "hot",
                                            .shape = step->shape,
                                            .sets = 1};
    }
    *steps = own;
    return SGEO_OK;
}

void sgeo_bench_steps_destroy(struct sgeo_bench_steps *steps)
{
    if (!steps)
        return;
    for (size_t i = 0; i < N_CELLS; i++)
        sgeo_bench_row_clear(&steps->steps[i].row);
    sgeo_graph_destroy(steps->graph);
    sgeo_session_destroy(steps->session);
    sgeo_free(steps->images);
    sgeo_free(steps);
}

size_t sgeo_bench_steps_count(const struct sgeo_bench_steps *steps)
{
    (void)steps;
    return N_CELLS;
}

struct sgeo_bench_step *sgeo_bench_steps_at(struct sgeo_bench_steps *steps, size_t index)
{
    return &steps->steps[index];
}

/* Session, images and labels, shared by all cells. */
static enum sgeo_status open_session(struct sgeo_bench_steps *steps)
{
    if (steps->session)
        return SGEO_OK;
    steps->images = sgeo_calloc(IMAGES * IMAGE_FLOATS, sizeof *steps->images);
    if (!steps->images)
        return sgeo_fail_memory("the images of the step benches");
    sgeo_bench_fill(steps->images, IMAGES * IMAGE_FLOATS, SEED, 0);
    for (size_t i = 0; i < IMAGES; i++)
        steps->labels[i] = (uint16_t)(i % config.classes);
    steps->batches = (struct sgeo_batches){BATCHES, BATCH, steps->images, steps->labels, NULL};
    return sgeo_session_create(&steps->session,
                               (struct sgeo_executor){SGEO_F32, SGEO_LAYOUT_AUTO, false});
}

static enum sgeo_status build_graph(struct sgeo_bench_step *step)
{
    struct sgeo_bench_steps *steps = step->steps;
    struct sgeo_arch arch;
    if (steps->graph_of == step)
        return SGEO_OK;
    sgeo_graph_destroy(steps->graph);
    steps->graph = NULL;
    steps->graph_of = NULL;
    enum sgeo_status status = sgeo_nb201.decode(&arch, step->cell);
    if (status == SGEO_OK)
        status = sgeo_nb201.build(&steps->graph, &arch, &config);
    if (status == SGEO_OK)
        steps->graph_of = step;
    return status;
}

static enum sgeo_status fill_theta(const struct sgeo_store *store, void *theta, void *context)
{
    (void)context;
    return sgeo_store_init_random(store, theta, SEED, 0);
}

static enum sgeo_status measure(struct sgeo_bench_step *step, const struct sgeo_evidence **evidence)
{
    const struct sgeo_request request = {.graph = step->steps->graph,
                                         .batches = &step->steps->batches,
                                         .fill = fill_theta,
                                         .passes = SGEO_PASS_FIXED};
    return sgeo_session_measure(step->steps->session, &request, evidence);
}

static void keep_failure(struct sgeo_bench_step *step)
{
    snprintf(step->row.failure, sizeof step->row.failure, "%s", sgeo_error_text());
}

static void fill_row(struct sgeo_bench_step *step, const struct sgeo_evidence *evidence)
{
    const struct sgeo_roofs *roofs = step->steps->roofs;
    step->row.work =
        (struct sgeo_work){.flops = 2.0 * PASSES * (double)evidence->counts.macs * (double)IMAGES,
                           .roof = SGEO_ROOF_FMA};
    if (roofs)
        step->row.limit = sgeo_roofs_limit(roofs, SGEO_ROOF_FMA, sgeo_kernels_isa(), 0, 0);
}

enum sgeo_status sgeo_bench_step_prepare(struct sgeo_bench_step *step)
{
    const struct sgeo_evidence *evidence;
    enum sgeo_status status = open_session(step->steps);
    if (status == SGEO_OK)
        status = build_graph(step);
    if (status == SGEO_OK)
        status = measure(step, &evidence);
    if (status == SGEO_OK)
        fill_row(step, evidence);
    else
        keep_failure(step);
    return status;
}

void sgeo_bench_step_run(struct sgeo_bench_step *step, size_t calls)
{
    const struct sgeo_evidence *evidence;
    for (size_t call = 0; call < calls && *step->row.failure == '\0'; call++)
        if (measure(step, &evidence) != SGEO_OK)
            keep_failure(step);
}
