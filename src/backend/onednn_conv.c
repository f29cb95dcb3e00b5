/*
 * Convolutions in f32 behind the op table: a cache in two steps. A family is a geometry without its
 * batch size and owns the weight layout, which therefore does not depend on n; a convolution is a
 * family's passes for one n.
 */
#include "backend/onednn_parts.h"
#include "base/hash.h"
#include "base/memory.h"

/* Floats: the next weights in the flat vector start on a cache line. */
#define WEIGHT_ROUNDING ((size_t)16)

struct sgeo_onednn_family {
    struct sgeo_conv_geometry geometry; /* n is 0 */
    struct sgeo_onednn_weights *weights;
    struct sgeo_conv *convs;
    struct sgeo_onednn_family *next;
};

struct sgeo_conv {
    size_t n;
    struct sgeo_onednn_family *family;
    struct sgeo_onednn_passes *passes;
    struct sgeo_conv *next;
};

static void destroy_family(struct sgeo_onednn_family *family)
{
    while (family->convs != NULL) {
        struct sgeo_conv *conv = family->convs;
        family->convs = conv->next;
        sgeo_onednn_passes_destroy(conv->passes);
        sgeo_free(conv);
    }
    sgeo_onednn_weights_destroy(family->weights);
    sgeo_free(family);
}

void sgeo_onednn_free_convs(struct sgeo_onednn *self)
{
    for (size_t b = 0; b < SGEO_ONEDNN_BUCKETS; b++) {
        while (self->families[b] != NULL) {
            struct sgeo_onednn_family *family = self->families[b];
            self->families[b] = family->next;
            destroy_family(family);
        }
    }
}

static size_t bucket_of(const struct sgeo_conv_geometry *g)
{
    const size_t fields[] = {g->in_channels, g->out_channels, g->height, g->width,
                             g->kernel,      g->stride,       g->pad,    g->dilation,
                             g->groups,      g->image_source};
    uint64_t hash = 0;
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        hash = sgeo_splitmix64(hash ^ fields[i]);
    }
    return (size_t)(hash % SGEO_ONEDNN_BUCKETS);
}

/* Whether two geometries differ in the batch size at most. */
static bool same_family(const struct sgeo_conv_geometry *a, const struct sgeo_conv_geometry *b)
{
    return a->in_channels == b->in_channels && a->out_channels == b->out_channels &&
           a->height == b->height && a->width == b->width && a->kernel == b->kernel &&
           a->stride == b->stride && a->pad == b->pad && a->dilation == b->dilation &&
           a->groups == b->groups && a->image_source == b->image_source;
}

/* The family of a geometry, created when it is new. */
static enum sgeo_status find_family(struct sgeo_onednn_family **family, struct sgeo_onednn *self,
                                    const struct sgeo_conv_geometry *geometry)
{
    struct sgeo_onednn_family **bucket = &self->families[bucket_of(geometry)];
    for (struct sgeo_onednn_family *entry = *bucket; entry != NULL; entry = entry->next) {
        if (same_family(&entry->geometry, geometry)) {
            *family = entry;
            return SGEO_OK;
        }
    }
    struct sgeo_onednn_family *entry = sgeo_calloc(1, sizeof *entry);
    if (entry == NULL) {
        return sgeo_fail_memory("convolution");
    }
    entry->geometry = *geometry;
    entry->geometry.n = 0;
    enum sgeo_status status = sgeo_onednn_weights_create(&entry->weights, self->engine, geometry);
    if (status != SGEO_OK) {
        sgeo_free(entry);
        return status;
    }
    entry->next = *bucket;
    *bucket = entry;
    *family = entry;
    return SGEO_OK;
}

/* The convolution of a family with the geometry's batch size, created when it is new. */
static enum sgeo_status find_conv(struct sgeo_conv **conv, struct sgeo_onednn *self,
                                  struct sgeo_onednn_family *family,
                                  const struct sgeo_conv_geometry *geometry)
{
    for (struct sgeo_conv *entry = family->convs; entry != NULL; entry = entry->next) {
        if (entry->n == geometry->n) {
            *conv = entry;
            return SGEO_OK;
        }
    }
    struct sgeo_conv *entry = sgeo_calloc(1, sizeof *entry);
    if (entry == NULL) {
        return sgeo_fail_memory("convolution");
    }
    enum sgeo_status status =
        sgeo_onednn_passes_create(&entry->passes, self->engine, family->weights, geometry);
    if (status != SGEO_OK) {
        sgeo_free(entry);
        return status;
    }
    entry->n = geometry->n;
    entry->family = family;
    entry->next = family->convs;
    family->convs = entry;
    *conv = entry;
    return SGEO_OK;
}

static bool is_valid_geometry(const struct sgeo_conv_geometry *g)
{
    if (g->n == 0 || g->in_channels == 0 || g->out_channels == 0 || g->height == 0 ||
        g->width == 0 || g->kernel == 0 || g->stride == 0 || g->dilation == 0 || g->groups == 0) {
        return false;
    }
    size_t reach = (g->kernel - 1) * g->dilation + 1;
    return g->in_channels % g->groups == 0 && g->out_channels % g->groups == 0 &&
           reach <= g->height + 2 * g->pad && reach <= g->width + 2 * g->pad;
}

static enum sgeo_status conv_create(struct sgeo_backend *backend, struct sgeo_conv **conv,
                                    const struct sgeo_conv_geometry *g)
{
    struct sgeo_onednn *self = (struct sgeo_onednn *)backend;
    if (!is_valid_geometry(g)) {
        return sgeo_fail(SGEO_USAGE, "sizes are positive, groups divide channels, windows fit",
                         "convolution %zux%zu of (%zu,%zu,%zu,%zu) to %zu channels, stride %zu, "
                         "pad %zu, dilation %zu, %zu groups: impossible",
                         g->kernel, g->kernel, g->n, g->in_channels, g->height, g->width,
                         g->out_channels, g->stride, g->pad, g->dilation, g->groups);
    }
    struct sgeo_onednn_family *family = NULL;
    enum sgeo_status status = find_family(&family, self, g);
    return status != SGEO_OK ? status : find_conv(conv, self, family, g);
}

static size_t conv_weight_elems(const struct sgeo_conv *conv)
{
    return sgeo_round_up(sgeo_onednn_weights_elems(conv->family->weights), WEIGHT_ROUNDING);
}

/* The elements that the rounding adds. */
static void clear_tail(const struct sgeo_conv *conv, float *wei)
{
    size_t first = sgeo_onednn_weights_elems(conv->family->weights);
    for (size_t i = first; i < conv_weight_elems(conv); i++) {
        wei[i] = 0.0f;
    }
}

static void conv_weight_import(struct sgeo_backend *backend, struct sgeo_conv *conv, void *wei,
                               const double *oihw)
{
    struct sgeo_onednn *self = (struct sgeo_onednn *)backend;
    sgeo_onednn_weights_import(self->engine, conv->family->weights, wei, oihw);
    clear_tail(conv, wei);
}

static void conv_weight_export(struct sgeo_backend *backend, struct sgeo_conv *conv, double *oihw,
                               const void *wei)
{
    struct sgeo_onednn *self = (struct sgeo_onednn *)backend;
    sgeo_onednn_weights_export(self->engine, conv->family->weights, oihw, wei);
}

static void run(struct sgeo_backend *backend, const struct sgeo_conv *conv,
                enum sgeo_onednn_direction direction, const void *src, const void *wei,
                const void *dst)
{
    struct sgeo_onednn *self = (struct sgeo_onednn *)backend;
    const void *const buffers[] = {
        [SGEO_ONEDNN_SRC] = src, [SGEO_ONEDNN_WEI] = wei, [SGEO_ONEDNN_DST] = dst};
    sgeo_onednn_run(self->engine, conv->passes, direction, buffers);
}

static void conv_forward(struct sgeo_backend *backend, struct sgeo_conv *conv, void *dst,
                         const void *src, const void *wei)
{
    run(backend, conv, SGEO_ONEDNN_FORWARD, src, wei, dst);
}

static void conv_backward_data(struct sgeo_backend *backend, struct sgeo_conv *conv, void *dsrc,
                               const void *ddst, const void *wei)
{
    run(backend, conv, SGEO_ONEDNN_BACKWARD_DATA, dsrc, wei, ddst);
}

static void conv_backward_weights(struct sgeo_backend *backend, struct sgeo_conv *conv, void *dwei,
                                  const void *src, const void *ddst)
{
    run(backend, conv, SGEO_ONEDNN_BACKWARD_WEIGHTS, src, dwei, ddst);
    clear_tail(conv, dwei);
}

static void conv_implementations(const struct sgeo_conv *conv, const char *names[3])
{
    names[0] = sgeo_onednn_implementation(conv->passes, SGEO_ONEDNN_FORWARD);
    names[1] = sgeo_onednn_implementation(conv->passes, SGEO_ONEDNN_BACKWARD_DATA);
    names[2] = sgeo_onednn_implementation(conv->passes, SGEO_ONEDNN_BACKWARD_WEIGHTS);
}

void sgeo_onednn_fill_conv(struct sgeo_backend_table *table)
{
    table->conv_create = conv_create;
    table->conv_weight_elems = conv_weight_elems;
    table->conv_weight_import = conv_weight_import;
    table->conv_weight_export = conv_weight_export;
    table->conv_forward = conv_forward;
    table->conv_backward_data = conv_backward_data;
    table->conv_backward_weights = conv_backward_weights;
    table->conv_implementations = conv_implementations;
}
