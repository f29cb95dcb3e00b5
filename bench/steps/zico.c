/*
 * step_zico: the pass that zico needs, forward, backward and moments over k = 4 batches of 64, for
 * representative cells of NAS-Bench-201 on CIFAR-10 shapes (C = 16, N = 5).
 */
#include <string.h>

#include "base/memory.h"
#include "bench/step.h"
#include "proxy/proxy.h"
#include "space/nb201.h"

#define BATCHES         ((size_t)4)
#define BATCH           ((size_t)64)
#define IMAGES          (BATCHES * BATCH)
#define IMAGE_FLOATS    ((size_t)(3 * 32 * 32))
#define SEED            UINT64_C(1)
#define SECONDS_AN_HOUR 3600.0

/* Forward, backward to the data and backward to the weights cost the same multiply-adds. */
#define PASSES 3.0

static const struct sgeo_net_config config = {.channels = 16,
                                              .cells = 5,
                                              .classes = 10,
                                              .image_channels = 3,
                                              .image_size = 32,
                                              .edge_affine = true};

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

struct zico {
    struct sgeo_session *session;
    struct sgeo_graph *graph;
    float *images;
    uint16_t labels[IMAGES];
    struct sgeo_batches batches;
};

static enum sgeo_status fill_theta(const struct sgeo_store *store, void *theta, void *context)
{
    (void)context;
    return sgeo_store_init_random(store, theta, SEED, 0);
}

static enum sgeo_status run(void *step, double *value)
{
    const struct zico *own = step;
    const struct sgeo_evidence *evidence;
    const struct sgeo_request request = {.graph = own->graph,
                                         .batches = &own->batches,
                                         .fill = fill_theta,
                                         .passes = SGEO_PASS_FIXED};
    enum sgeo_status status = sgeo_session_measure(own->session, &request, &evidence);
    if (status == SGEO_OK)
        *value = sgeo_zico_term(evidence->inner, evidence->n_layers);
    return status;
}

static void destroy(void *step)
{
    struct zico *own = step;
    if (!own)
        return;
    sgeo_graph_destroy(own->graph);
    sgeo_session_destroy(own->session);
    sgeo_free(own->images);
    sgeo_free(own);
}

static enum sgeo_status build_graph(struct zico *own, const struct sgeo_bench_args *args)
{
    const char *word = sgeo_bench_word(args, "cell");
    struct sgeo_arch arch;
    for (size_t i = 0; word && i < sizeof cells / sizeof *cells; i++)
        if (strcmp(word, cells[i].word) == 0) {
            enum sgeo_status status = sgeo_nb201.decode(&arch, cells[i].cell);
            return status == SGEO_OK ? sgeo_nb201.build(&own->graph, &arch, &config) : status;
        }
    return sgeo_fail(SGEO_USAGE, "cell=skips, pools, mixed or six-3x3", "%s: no such cell in '%s'",
                     sgeo_bench_args_place(args), sgeo_bench_args_text(args));
}

static enum sgeo_status open_session(struct zico *own)
{
    own->images = sgeo_calloc(IMAGES * IMAGE_FLOATS, sizeof *own->images);
    if (!own->images)
        return sgeo_fail_memory("the images of a step bench");
    sgeo_bench_fill(own->images, IMAGES * IMAGE_FLOATS, SEED, 0);
    for (size_t i = 0; i < IMAGES; i++)
        own->labels[i] = (uint16_t)(i % config.classes);
    own->batches = (struct sgeo_batches){BATCHES, BATCH, own->images, own->labels, NULL};
    return sgeo_session_create(&own->session,
                               (struct sgeo_executor){SGEO_F32, SGEO_LAYOUT_AUTO, false});
}

static enum sgeo_status create(void **step, struct sgeo_step_work *work,
                               const struct sgeo_bench_args *args)
{
    struct zico *own = sgeo_calloc(1, sizeof *own);
    if (!own)
        return sgeo_fail_memory("a step bench");
    enum sgeo_status status = build_graph(own, args);
    if (status == SGEO_OK)
        status = open_session(own);
    if (status != SGEO_OK) {
        destroy(own);
        return status;
    }
    struct sgeo_counts counts;
    sgeo_graph_count(&counts, own->graph);
    *work = (struct sgeo_step_work){
        .work = {.flops = 2.0 * PASSES * (double)counts.macs * (double)IMAGES,
                 .roof = SGEO_ROOF_FMA},
        .rate = "archs/core-hour",
        .amount = SECONDS_AN_HOUR};
    *step = own;
    return SGEO_OK;
}

const struct sgeo_step_load sgeo_step_zico = {"step_zico", create, run, NULL, destroy};
