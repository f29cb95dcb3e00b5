/* What the tests of proxies share: small nb201 networks, k mini-batches, and a session. */
#ifndef SGEO_TESTS_PROXY_CELLS_H
#define SGEO_TESTS_PROXY_CELLS_H

#include "graph/rig.h"
#include "proxy/proxy.h"
#include "space/nb201.h"

enum {
    CELLS_K = 4,
    CELLS_BATCH = 4,
    CELLS_IMAGES = CELLS_K * CELLS_BATCH,
    CELLS_ELEMS = 3 * 8 * 8
};

#define CELL_MIXED                                                                                 \
    "|nor_conv_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+|avg_pool_3x3~0|nor_conv_3x3~1|"             \
    "nor_conv_1x1~2|"
#define CELL_SKIPS                                                                                 \
    "|skip_connect~0|+|skip_connect~0|skip_connect~1|+|skip_connect~0|skip_connect~1|"             \
    "skip_connect~2|"
#define CELL_NO_PATH "|nor_conv_3x3~0|+|none~0|none~1|+|none~0|none~1|nor_conv_1x1~2|"

/* Node 1 is zero, so edge 1-2 only adds its shift; the second is the first without that edge. */
#define CELL_FROM_ZERO  "|none~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|none~0|none~1|nor_conv_3x3~2|"
#define CELL_WITHOUT_IT "|none~0|+|nor_conv_3x3~0|none~1|+|none~0|none~1|nor_conv_3x3~2|"

struct cells {
    struct sgeo_session *session;
    struct sgeo_batches batches;
    void *images;
    uint16_t labels[CELLS_IMAGES];
};

static inline struct sgeo_graph *cells_graph_of(const struct sgeo_arch *arch)
{
    static const struct sgeo_net_config config = {.channels = 4,
                                                  .cells = 1,
                                                  .classes = 5,
                                                  .image_channels = 3,
                                                  .image_size = 8,
                                                  .edge_affine = true};
    struct sgeo_graph *graph = NULL;
    rig_ok(sgeo_nb201.build(&graph, arch, &config));
    return graph;
}

static inline struct sgeo_graph *cells_graph(const char *text)
{
    struct sgeo_arch arch;
    rig_ok(sgeo_nb201.decode(&arch, text));
    return cells_graph_of(&arch);
}

static inline struct sgeo_graph *cells_random_graph(size_t index)
{
    struct sgeo_arch arch;
    struct sgeo_rng rng = sgeo_rng_stream(31, "cell", index);
    sgeo_nb201.sample(&arch, &rng);
    return cells_graph_of(&arch);
}

static inline void cells_open_in(struct cells *cells, enum sgeo_precision precision,
                                 enum sgeo_layout_choice layout)
{
    double *values = rig_random("cell images", (size_t)CELLS_IMAGES * CELLS_ELEMS, -1.7, 1.7);
    rig_ok(sgeo_session_create(&cells->session, (struct sgeo_executor){precision, layout, false}));
    cells->images = rig_elements(sgeo_session_backend(cells->session), values,
                                 (size_t)CELLS_IMAGES * CELLS_ELEMS);
    for (size_t n = 0; n < CELLS_IMAGES; n++) {
        cells->labels[n] = (uint16_t)((7 * n + 2) % 5);
    }
    cells->batches =
        (struct sgeo_batches){CELLS_K, CELLS_BATCH, cells->images, cells->labels, NULL};
    sgeo_free(values);
}

static inline void cells_open(struct cells *cells, enum sgeo_precision precision)
{
    cells_open_in(cells, precision, SGEO_LAYOUT_AUTO);
}

static inline void cells_close(struct cells *cells)
{
    sgeo_session_destroy(cells->session);
    sgeo_free(cells->images);
}

/* sgeo_theta_fill: random weights, norms away from 1 and 0. */
static inline enum sgeo_status cells_fill(const struct sgeo_store *store, void *theta,
                                          void *context)
{
    (void)context;
    rig_fill(store, theta);
    return SGEO_OK;
}

/* sgeo_theta_fill: as an untrained network, scale 1 and shift 0. */
static inline enum sgeo_status cells_fill_cold(const struct sgeo_store *store, void *theta,
                                               void *context)
{
    (void)context;
    return sgeo_store_init_formula(store, theta);
}

static inline const struct sgeo_evidence *cells_measure(struct cells *cells,
                                                        const struct sgeo_graph *graph,
                                                        sgeo_theta_fill fill, unsigned passes)
{
    const struct sgeo_request request = {
        .graph = graph, .batches = &cells->batches, .fill = fill, .passes = passes, .path_lr = 1.0};
    const struct sgeo_evidence *evidence = NULL;
    rig_ok(sgeo_session_measure(cells->session, &request, &evidence));
    return evidence;
}

/* A network of this graph on the session's backend, for what a test computes by itself. */
struct cells_network {
    struct sgeo_store *store;
    struct sgeo_network *network;
    struct sgeo_backend *backend;
    void *theta, *grad;
};

static inline void cells_network_open(struct cells_network *own, struct cells *cells,
                                      const struct sgeo_graph *graph, sgeo_theta_fill fill)
{
    const struct sgeo_network_options options = {.batch = CELLS_BATCH, .backward = true};
    own->backend = sgeo_session_backend(cells->session);
    rig_ok(sgeo_store_create(&own->store, graph, own->backend, CELLS_BATCH));
    rig_ok(sgeo_network_create(&own->network, graph, own->store, own->backend,
                               sgeo_session_pool(cells->session), &options));
    own->theta = sgeo_store_vector(own->store);
    own->grad = sgeo_store_vector(own->store);
    ck_assert(own->theta != NULL && own->grad != NULL);
    rig_ok(fill(own->store, own->theta, NULL));
    sgeo_network_bind(own->network, own->theta, own->grad, NULL);
}

static inline void cells_network_close(struct cells_network *own)
{
    sgeo_network_destroy(own->network);
    sgeo_store_destroy(own->store);
    sgeo_free(own->theta);
    sgeo_free(own->grad);
}

static inline const void *cells_batch_images(const struct cells *cells, size_t b)
{
    return (const unsigned char *)cells->images +
           b * CELLS_BATCH * CELLS_ELEMS * sgeo_session_backend(cells->session)->ops->elem_bytes;
}

static inline struct sgeo_targets cells_targets(const struct cells *cells, size_t b)
{
    return (struct sgeo_targets){.labels = cells->labels + b * CELLS_BATCH};
}

/* The gradient of batch b into own->grad; its loss. */
static inline double cells_gradient(struct cells_network *own, const struct cells *cells, size_t b)
{
    struct sgeo_targets targets = cells_targets(cells, b);
    double loss = 0.0;
    rig_ok(sgeo_network_loss_gradient(own->network, cells_batch_images(cells, b), &targets, NULL,
                                      &loss));
    return loss;
}

#endif
