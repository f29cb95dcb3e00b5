/*
 * The f32 executor against the plainest loops in double, operation by operation and in both
 * layouts; what it promises about layouts, weights and caches; and that nothing on the main path
 * runs a reference loop.
 */
#include <check.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "backend/onednn_parts.h"
#include "base/memory.h"
#include "base/rng.h"
#include "kernels/dispatch/dispatch.h"

/* Of the sum of the absolute values that a result is made of: room for a few dozen roundings. */
#define TOLERANCE 2e-6
#define POISON    1e9f

static struct sgeo_backend *backend;
static const struct sgeo_backend_table *ops;
static struct sgeo_rng rng;
static enum sgeo_layout_choice choice;

static void set_up(enum sgeo_layout_choice layout)
{
    choice = layout;
    ck_assert_int_eq(sgeo_backend_create(&backend, (struct sgeo_executor){SGEO_F32, layout, false}),
                     SGEO_OK);
    ops = backend->ops;
    rng = sgeo_rng_stream(1, "test_onednn", 0);
}

static void set_up_blocked(void)
{
    set_up(SGEO_LAYOUT_BLOCKED);
}

static void set_up_nhwc(void)
{
    set_up(SGEO_LAYOUT_NHWC);
}

static void tear_down(void)
{
    sgeo_backend_destroy(backend);
}

static void *block(size_t count, size_t size)
{
    void *memory = sgeo_calloc(count, size);
    ck_assert_ptr_nonnull(memory);
    return memory;
}

/* n floats in [-1, 1), as doubles. */
static double *draw(size_t n)
{
    double *values = block(n, sizeof *values);
    for (size_t i = 0; i < n; i++) {
        values[i] = (double)(float)(2.0 * sgeo_rng_uniform(&rng) - 1.0);
    }
    return values;
}

static float *narrow(const double *values, size_t n)
{
    float *narrowed = block(n, sizeof *narrowed);
    for (size_t i = 0; i < n; i++) {
        narrowed[i] = (float)values[i];
    }
    return narrowed;
}

static double *absolute(const double *values, size_t n)
{
    double *result = block(n, sizeof *result);
    for (size_t i = 0; i < n; i++) {
        result[i] = fabs(values[i]);
    }
    return result;
}

/* A buffer whose every element must be overwritten. */
static float *poisoned(size_t n)
{
    float *values = block(n, sizeof *values);
    for (size_t i = 0; i < n; i++) {
        values[i] = POISON;
    }
    return values;
}

static void assert_same(float got, float want)
{
    ck_assert_double_eq((double)got, (double)want);
}

static void assert_close(const double *got, const double *want, const double *magnitude, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        ck_assert_msg(fabs(got[i] - want[i]) <= TOLERANCE * magnitude[i] + 1e-30,
                      "element %zu: %.9g, not %.9g", i, got[i], want[i]);
    }
}

/* As above where no value is the sum of much larger ones. */
static void assert_values(const float *got, const double *want, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        ck_assert_double_eq_tol((double)got[i], want[i], 4.0 * TOLERANCE);
    }
}

/* --- activations --- */

/* A planar double tensor and its copy in the executor's layout. */
struct activation {
    size_t n, channels, height, width, count;
    struct sgeo_layout layout;
    double *planar;
    float *data;
};

static struct activation make_activation(size_t n, size_t channels, size_t height, size_t width)
{
    struct activation a = {n,   channels, height, width, n * channels * height * width,
                           {0}, NULL,     NULL};
    a.layout = ops->layout(backend, n, channels, height, width);
    a.planar = draw(a.count);
    a.data = poisoned(sgeo_layout_elems(&a.layout));
    ops->activation_import(backend, a.data, a.planar, channels, &a.layout);
    return a;
}

/* One to be written to: everything but the padding is poisoned. */
static struct activation make_result(size_t n, size_t channels, size_t height, size_t width)
{
    struct activation a = make_activation(n, channels, height, width);
    for (size_t i = 0; i < a.count; i++) {
        a.planar[i] = (double)POISON;
    }
    ops->activation_import(backend, a.data, a.planar, channels, &a.layout);
    return a;
}

static void fetch(struct activation *a)
{
    ops->activation_export(backend, a->planar, a->data, a->channels, &a->layout);
}

static void drop(struct activation *a)
{
    sgeo_free(a->planar);
    sgeo_free(a->data);
}

static size_t channels_with_padding(const struct activation *a)
{
    return a->layout.groups * a->layout.lanes;
}

/* Element (n, c, pixel p), padding channels included. */
static float element(const struct activation *a, size_t n, size_t c, size_t p)
{
    const struct sgeo_layout *l = &a->layout;
    return a->data[n * l->image + c / l->lanes * l->group + p * l->pitch + c % l->lanes];
}

static void assert_padding_is_zero(const struct activation *a)
{
    for (size_t n = 0; n < a->n; n++) {
        for (size_t c = a->channels; c < channels_with_padding(a); c++) {
            for (size_t p = 0; p < a->height * a->width; p++) {
                assert_same(element(a, n, c, p), 0.0f);
            }
        }
    }
}

static void check_import(const struct activation *a)
{
    assert_same(element(a, 1, 19, 14), (float)a->planar[(21 + 19) * 15 + 14]);
    assert_padding_is_zero(a);
    double *planar = block(a->count, sizeof *planar);
    ops->activation_export(backend, planar, a->data, a->channels, &a->layout);
    ck_assert_mem_eq(planar, a->planar, a->count * sizeof *planar);
    sgeo_free(planar);
}

START_TEST(test_layout_blocked_pads_channels_and_import_round_trips)
{
    struct activation a = make_activation(2, 21, 3, 5);
    ck_assert(a.layout.lanes == 8 || a.layout.lanes == 16);
    ck_assert_uint_eq(a.layout.pitch, a.layout.lanes);
    ck_assert_uint_eq(a.layout.groups, (21 + a.layout.lanes - 1) / a.layout.lanes);
    ck_assert_uint_eq(a.layout.group, 15 * a.layout.lanes);
    ck_assert_uint_eq(a.layout.image, a.layout.groups * a.layout.group);
    check_import(&a);
    drop(&a);
}
END_TEST

START_TEST(test_layout_nhwc_has_no_padding_and_import_round_trips)
{
    struct activation a = make_activation(2, 21, 3, 5);
    ck_assert_uint_eq(a.layout.lanes, 21);
    ck_assert_uint_eq(a.layout.groups, 1);
    ck_assert_uint_eq(a.layout.pitch, 21);
    ck_assert_uint_eq(a.layout.image, 15 * 21);
    assert_same(a.data[(15 + 7) * 21 + 4], (float)a.planar[(21 + 4) * 15 + 7]);
    check_import(&a);
    drop(&a);
}
END_TEST

START_TEST(test_layout_nhwc_of_many_channels_splits_them_evenly)
{
    static const size_t channels[] = {256, 257, 341, 500, 512, 1024};
    for (size_t i = 0; i < sizeof channels / sizeof channels[0]; i++) {
        struct sgeo_layout layout = ops->layout(backend, 3, channels[i], 4, 5);
        ck_assert_uint_le(layout.lanes, 256);
        ck_assert_uint_eq(layout.lanes * layout.groups, channels[i]);
        ck_assert_uint_eq(layout.group, layout.lanes);
        ck_assert_uint_eq(layout.pitch, channels[i]);
        ck_assert_uint_eq(sgeo_layout_elems(&layout), 3 * 4 * 5 * channels[i]);
    }
    ck_assert_uint_eq(ops->layout(backend, 1, 500, 1, 1).lanes, 250);
}
END_TEST

START_TEST(test_layout_names_what_a_choice_means)
{
    ck_assert_str_eq(sgeo_layout_name(SGEO_LAYOUT_BLOCKED), "blocked");
    ck_assert_str_eq(sgeo_layout_name(SGEO_LAYOUT_NHWC), "nhwc");
    ck_assert_str_eq(sgeo_layout_name(SGEO_LAYOUT_AUTO), SGEO_KERNELS_X86 ? "blocked" : "nhwc");
}
END_TEST

/* --- convolutions in the plainest loops --- */

static size_t out_extent(const struct sgeo_conv_geometry *g, size_t extent)
{
    return (extent + 2 * g->pad - g->dilation * (g->kernel - 1) - 1) / g->stride + 1;
}

struct planar_conv {
    double *src, *wei, *dst;
};

static size_t src_count(const struct sgeo_conv_geometry *g)
{
    return g->n * g->in_channels * g->height * g->width;
}

static size_t wei_count(const struct sgeo_conv_geometry *g)
{
    return g->out_channels * (g->in_channels / g->groups) * g->kernel * g->kernel;
}

static size_t dst_count(const struct sgeo_conv_geometry *g)
{
    return g->n * g->out_channels * out_extent(g, g->height) * out_extent(g, g->width);
}

/* Which tensor the loops add to; the other two are read. */
enum role { ADD_TO_DST, ADD_TO_SRC, ADD_TO_WEI };

/* The products of one pixel of dst (image n, channel o, row y, column x). */
static void add_window(struct planar_conv *t, const struct sgeo_conv_geometry *g, enum role role,
                       size_t n, size_t o, size_t y, size_t x)
{
    size_t in = g->in_channels / g->groups;
    size_t first = o / (g->out_channels / g->groups) * in;
    size_t height = out_extent(g, g->height), width = out_extent(g, g->width);
    double *dst = &t->dst[((n * g->out_channels + o) * height + y) * width + x];
    for (size_t c = 0; c < in; c++) {
        for (size_t k = 0; k < g->kernel * g->kernel; k++) {
            size_t row = y * g->stride + k / g->kernel * g->dilation - g->pad;
            size_t col = x * g->stride + k % g->kernel * g->dilation - g->pad;
            if (row >= g->height || col >= g->width) { /* padding: below zero wraps around */
                continue;
            }
            double *src =
                &t->src[((n * g->in_channels + first + c) * g->height + row) * g->width + col];
            double *wei = &t->wei[(o * in + c) * g->kernel * g->kernel + k];
            *dst += role == ADD_TO_DST ? *src * *wei : 0.0;
            *src += role == ADD_TO_SRC ? *dst * *wei : 0.0;
            *wei += role == ADD_TO_WEI ? *dst * *src : 0.0;
        }
    }
}

static void plain_conv(struct planar_conv *t, const struct sgeo_conv_geometry *g, enum role role)
{
    for (size_t n = 0; n < g->n; n++) {
        for (size_t o = 0; o < g->out_channels; o++) {
            for (size_t y = 0; y < out_extent(g, g->height); y++) {
                for (size_t x = 0; x < out_extent(g, g->width); x++) {
                    add_window(t, g, role, n, o, y, x);
                }
            }
        }
    }
}

/* The result of a role from the two other tensors, and the same from their absolute values. */
static void assert_conv(const double *got, const struct planar_conv *t,
                        const struct sgeo_conv_geometry *g, enum role role)
{
    size_t counts[] = {dst_count(g), src_count(g), wei_count(g)};
    struct planar_conv want = *t;
    struct planar_conv magnitude = {absolute(t->src, counts[1]), absolute(t->wei, counts[2]),
                                    absolute(t->dst, counts[0])};
    double **result[] = {&want.dst, &want.src, &want.wei};
    double **sum[] = {&magnitude.dst, &magnitude.src, &magnitude.wei};
    *result[role] = block(counts[role], sizeof(double));
    memset(*sum[role], 0, counts[role] * sizeof(double));
    plain_conv(&want, g, role);
    plain_conv(&magnitude, g, role);
    assert_close(got, *result[role], *sum[role], counts[role]);
    sgeo_free(*result[role]);
    sgeo_free(magnitude.src);
    sgeo_free(magnitude.wei);
    sgeo_free(magnitude.dst);
}

/* --- convolutions by the executor --- */

/* A convolution with drawn operands. */
struct trial {
    struct sgeo_conv_geometry geometry;
    struct sgeo_conv *conv;
    struct activation src, dst;
    double *oihw;
    float *wei, *image;
    size_t n_weights;
};

static struct trial make_trial(struct sgeo_conv_geometry g)
{
    struct trial t = {.geometry = g};
    ck_assert_msg(ops->conv_create(backend, &t.conv, &g) == SGEO_OK, "%s", sgeo_error_text());
    t.src = make_activation(g.n, g.in_channels, g.height, g.width);
    t.dst = make_activation(g.n, g.out_channels, out_extent(&g, g.height), out_extent(&g, g.width));
    t.image = g.image_source ? narrow(t.src.planar, t.src.count) : NULL;
    t.oihw = draw(wei_count(&g));
    t.n_weights = ops->conv_weight_elems(t.conv);
    t.wei = poisoned(t.n_weights);
    ops->conv_weight_import(backend, t.conv, t.wei, t.oihw);
    return t;
}

static void drop_trial(struct trial *t)
{
    drop(&t->src);
    drop(&t->dst);
    sgeo_free(t->oihw);
    sgeo_free(t->wei);
    sgeo_free(t->image);
}

static const float *source_of(const struct trial *t)
{
    return t->image != NULL ? t->image : t->src.data;
}

static void check_forward(const struct trial *t)
{
    struct activation got = make_result(t->dst.n, t->dst.channels, t->dst.height, t->dst.width);
    struct planar_conv operands = {t->src.planar, t->oihw, t->dst.planar};
    memset(got.data, 0x7f, sgeo_layout_elems(&got.layout) * sizeof *got.data);
    ops->conv_forward(backend, t->conv, got.data, source_of(t), t->wei);
    fetch(&got);
    assert_conv(got.planar, &operands, &t->geometry, ADD_TO_DST);
    assert_padding_is_zero(&got);
    drop(&got);
}

static void check_backward_data(const struct trial *t)
{
    struct activation got = make_result(t->src.n, t->src.channels, t->src.height, t->src.width);
    struct planar_conv operands = {t->src.planar, t->oihw, t->dst.planar};
    memset(got.data, 0x7f, sgeo_layout_elems(&got.layout) * sizeof *got.data);
    ops->conv_backward_data(backend, t->conv, got.data, t->dst.data, t->wei);
    if (t->geometry.image_source) { /* planar, without padding */
        for (size_t i = 0; i < got.count; i++) {
            got.planar[i] = (double)got.data[i];
        }
    } else {
        fetch(&got);
        assert_padding_is_zero(&got);
    }
    assert_conv(got.planar, &operands, &t->geometry, ADD_TO_SRC);
    drop(&got);
}

/* The gradient's padding is zero when importing its export gives the same buffer. */
static void check_backward_weights(const struct trial *t)
{
    struct planar_conv operands = {t->src.planar, t->oihw, t->dst.planar};
    double *got = block(wei_count(&t->geometry), sizeof *got);
    float *dwei = poisoned(t->n_weights);
    float *again = poisoned(t->n_weights);
    ops->conv_backward_weights(backend, t->conv, dwei, source_of(t), t->dst.data);
    ops->conv_weight_export(backend, t->conv, got, dwei);
    assert_conv(got, &operands, &t->geometry, ADD_TO_WEI);
    ops->conv_weight_import(backend, t->conv, again, got);
    for (size_t i = 0; i < t->n_weights; i++) {
        assert_same(dwei[i], again[i]);
    }
    sgeo_free(got);
    sgeo_free(dwei);
    sgeo_free(again);
}

static const struct sgeo_conv_geometry geometries[] = {
    /* n, in, out, height, width, kernel, stride, pad, dilation, groups, image */
    {3, 16, 32, 7, 9, 3, 1, 1, 1, 1, false},  /* 3x3 */
    {3, 16, 24, 7, 9, 1, 1, 0, 1, 1, false},  /* 1x1 */
    {3, 16, 32, 8, 10, 3, 2, 1, 1, 1, false}, /* stride 2 */
    {3, 32, 16, 9, 8, 1, 2, 0, 1, 1, false},  /* 1x1 with stride 2 */
    {2, 16, 16, 9, 9, 3, 1, 2, 2, 1, false},  /* dilation 2 */
    {2, 16, 32, 8, 8, 3, 1, 1, 1, 2, false},  /* two groups of whole blocks */
    {2, 12, 18, 6, 7, 3, 1, 1, 1, 3, false},  /* groups across blocks */
    {2, 16, 16, 8, 9, 3, 1, 1, 1, 16, false}, /* depthwise */
    {2, 24, 24, 9, 9, 5, 2, 4, 2, 24, false}, /* depthwise 5x5, stride and dilation 2 */
    {2, 10, 10, 6, 6, 3, 1, 1, 1, 10, false}, /* depthwise, a block half full */
    {2, 21, 21, 9, 8, 3, 2, 2, 2, 21,
     false},                                 /* depthwise, stride and dilation 2, part of a block */
    {2, 8, 8, 11, 12, 7, 1, 9, 3, 8, false}, /* depthwise, wider than the image */
    {2, 8, 8, 11, 12, 9, 1, 4, 1, 8, false}, /* depthwise, larger than the kernels take */
    {2, 8, 16, 6, 7, 3, 1, 1, 1, 8, false},  /* two filters a channel */
    {2, 3, 3, 9, 9, 5, 1, 2, 1, 3, true},    /* depthwise on the image */
    {2, 5, 13, 6, 7, 3, 1, 1, 1, 1, false},  /* no multiple of a block on either side */
    {1, 3, 1, 5, 5, 1, 1, 0, 1, 1, false},   /* next to nothing */
    {30, 3, 16, 12, 12, 3, 1, 1, 1, 1, true}, /* RGB image */
    {30, 1, 16, 12, 12, 3, 1, 1, 1, 1, true}, /* grey image */
    {7, 3, 20, 16, 16, 3, 2, 1, 1, 1, true},  /* image, stride 2, part of a block */
    {1, 3, 32, 15, 15, 7, 2, 3, 1, 1, true},  /* 7x7 stem */
};
#define N_GEOMETRIES ((int)(sizeof geometries / sizeof geometries[0]))

START_TEST(test_conv_forward_is_the_plain_loops)
{
    struct trial trial = make_trial(geometries[_i]);
    check_forward(&trial);
    drop_trial(&trial);
}
END_TEST

START_TEST(test_conv_backward_data_is_the_plain_loops)
{
    struct trial trial = make_trial(geometries[_i]);
    check_backward_data(&trial);
    drop_trial(&trial);
}
END_TEST

START_TEST(test_conv_backward_weights_is_the_plain_loops_and_keeps_padding_zero)
{
    struct trial trial = make_trial(geometries[_i]);
    check_backward_weights(&trial);
    drop_trial(&trial);
}
END_TEST

START_TEST(test_conv_weights_round_trip_with_padding_zero)
{
    struct trial trial = make_trial(geometries[_i]);
    size_t n = wei_count(&trial.geometry), nonzero = 0;
    double *oihw = block(n, sizeof *oihw);
    ops->conv_weight_export(backend, trial.conv, oihw, trial.wei);
    ck_assert_mem_eq(oihw, trial.oihw, n * sizeof *oihw);
    for (size_t i = 0; i < trial.n_weights; i++) {
        nonzero += trial.wei[i] != 0.0f; /* drawn weights are not zero, poison would count */
    }
    ck_assert_uint_eq(nonzero, n);
    ck_assert_uint_eq(trial.n_weights % 16, 0);
    sgeo_free(oihw);
    drop_trial(&trial);
}
END_TEST

/* --- convolutions: caches, layouts, implementations, errors --- */

/* The weights 1, 2, 3, ... in the layout for a batch size. */
static float *numbered_weights(struct sgeo_backend *owner, struct sgeo_conv_geometry g, size_t n,
                               size_t *elems)
{
    struct sgeo_conv *conv = NULL;
    g.n = n;
    ck_assert_int_eq(ops->conv_create(owner, &conv, &g), SGEO_OK);
    double *oihw = block(wei_count(&g), sizeof *oihw);
    for (size_t i = 0; i < wei_count(&g); i++) {
        oihw[i] = (double)(i + 1);
    }
    *elems = ops->conv_weight_elems(conv);
    float *wei = block(*elems, sizeof *wei);
    ops->conv_weight_import(owner, conv, wei, oihw);
    sgeo_free(oihw);
    return wei;
}

START_TEST(test_conv_weight_layout_does_not_depend_on_batch_size_or_order)
{
    static const size_t batches[] = {1, 30, 64, 128};
    struct sgeo_backend *other = NULL;
    ck_assert_int_eq(sgeo_backend_create(&other, (struct sgeo_executor){SGEO_F32, choice, false}),
                     SGEO_OK);
    size_t n_batches = sizeof batches / sizeof batches[0], elems, other_elems;
    for (size_t b = 0; b < n_batches; b++) {
        float *wei = numbered_weights(backend, geometries[_i], batches[b], &elems);
        float *again =
            numbered_weights(other, geometries[_i], batches[n_batches - 1 - b], &other_elems);
        ck_assert_uint_eq(elems, other_elems);
        ck_assert_mem_eq(wei, again, elems * sizeof *wei);
        sgeo_free(wei);
        sgeo_free(again);
    }
    sgeo_backend_destroy(other);
}
END_TEST

START_TEST(test_conv_create_returns_the_cached_one)
{
    struct sgeo_conv *first = NULL, *second = NULL, *larger = NULL;
    struct sgeo_conv_geometry g = geometries[0];
    ck_assert_int_eq(ops->conv_create(backend, &first, &g), SGEO_OK);
    g.n++;
    ck_assert_int_eq(ops->conv_create(backend, &larger, &g), SGEO_OK);
    g.n--;
    ck_assert_int_eq(ops->conv_create(backend, &second, &g), SGEO_OK);
    ck_assert_ptr_eq(first, second);
    ck_assert_ptr_ne(first, larger);
}
END_TEST

START_TEST(test_conv_of_one_weight_buffer_serves_two_batch_sizes)
{
    struct sgeo_conv_geometry g = geometries[2];
    struct trial small = make_trial(g);
    g.n = 30;
    struct trial large = make_trial(g);
    ck_assert_uint_eq(small.n_weights, large.n_weights);
    memcpy(large.wei, small.wei, small.n_weights * sizeof *small.wei);
    memcpy(large.oihw, small.oihw, wei_count(&g) * sizeof *small.oihw);
    check_forward(&large);
    check_backward_data(&large);
    drop_trial(&small);
    drop_trial(&large);
}
END_TEST

START_TEST(test_conv_same_call_gives_the_same_bits)
{
    struct trial t = make_trial(geometries[_i]);
    size_t n = sgeo_layout_elems(&t.dst.layout);
    float *once = poisoned(n), *twice = poisoned(n);
    ops->conv_forward(backend, t.conv, once, source_of(&t), t.wei);
    ops->conv_forward(backend, t.conv, twice, source_of(&t), t.wei);
    ck_assert_mem_eq(once, twice, n * sizeof *once);
    sgeo_free(once);
    sgeo_free(twice);
    drop_trial(&t);
}
END_TEST

static const struct sgeo_conv_geometry impossible[] = {
    {0, 16, 16, 8, 8, 3, 1, 1, 1, 1, false}, {2, 16, 16, 8, 8, 3, 0, 1, 1, 1, false},
    {2, 16, 16, 8, 8, 3, 1, 1, 0, 1, false}, {2, 16, 16, 8, 8, 3, 1, 1, 1, 3, false},
    {2, 16, 16, 2, 8, 5, 1, 1, 1, 1, false}, {2, 16, 16, 8, 0, 1, 1, 0, 1, 1, false},
};

START_TEST(test_conv_impossible_geometry_is_usage)
{
    struct sgeo_conv *conv = NULL;
    ck_assert_int_eq(ops->conv_create(backend, &conv, &impossible[_i]), SGEO_USAGE);
    ck_assert_ptr_null(conv);
    ck_assert_ptr_nonnull(strstr(sgeo_error_text(), "convolution"));
}
END_TEST

/* The convolutions of an NB201 network with 16 channels at batch 64: cells, reductions, stems. */
static const struct sgeo_conv_geometry main_path[] = {
    {64, 16, 16, 32, 32, 3, 1, 1, 1, 1, false}, {64, 32, 32, 16, 16, 3, 1, 1, 1, 1, false},
    {64, 64, 64, 8, 8, 3, 1, 1, 1, 1, false},   {64, 16, 16, 32, 32, 1, 1, 0, 1, 1, false},
    {64, 32, 32, 16, 16, 1, 1, 0, 1, 1, false}, {64, 64, 64, 8, 8, 1, 1, 0, 1, 1, false},
    {64, 16, 32, 32, 32, 3, 2, 1, 1, 1, false}, {64, 32, 64, 16, 16, 3, 2, 1, 1, 1, false},
    {64, 16, 32, 32, 32, 1, 2, 0, 1, 1, false}, {64, 32, 64, 16, 16, 1, 2, 0, 1, 1, false},
    {64, 16, 32, 16, 16, 1, 1, 0, 1, 1, false}, {64, 32, 64, 8, 8, 1, 1, 0, 1, 1, false},
    {64, 3, 16, 32, 32, 3, 1, 1, 1, 1, true},   {64, 1, 16, 32, 32, 3, 1, 1, 1, 1, true},
};

static void assert_no_reference_loop(const struct sgeo_conv_geometry *g)
{
    struct sgeo_conv *conv = NULL;
    const char *names[3] = {NULL, NULL, NULL};
    ck_assert_int_eq(ops->conv_create(backend, &conv, g), SGEO_OK);
    ops->conv_implementations(conv, names);
    bool covered = SGEO_KERNELS_X86 || ((struct sgeo_onednn *)backend)->channels_last;
    for (size_t d = 0; covered && d < 3; d++) {
        bool is_loop = strncmp(names[d], "ref", 3) == 0 || strstr(names[d], ":ref") != NULL;
        ck_assert_msg(!is_loop, "pass %zu runs %s", d, names[d]);
    }
}

START_TEST(test_conv_of_the_main_path_is_never_a_reference_loop)
{
    static const size_t batches[] = {64, 30, 1};
    for (size_t b = 0; b < sizeof batches / sizeof batches[0]; b++) {
        struct sgeo_conv_geometry g = main_path[_i];
        g.n = batches[b];
        assert_no_reference_loop(&g);
    }
}
END_TEST

/* What no blocked implementation covers: other layouts do, at the price of reorders. */
START_TEST(test_conv_off_the_main_path_reorders_rather_than_run_a_reference_loop)
{
    assert_no_reference_loop(
        &(struct sgeo_conv_geometry){64, 12, 18, 16, 16, 3, 1, 1, 1, 3, false});
}
END_TEST

/* The depthwise convolutions of DARTS's cells: separable ones, dilated ones, reductions. */
static const struct sgeo_conv_geometry depthwise[] = {
    {64, 32, 32, 32, 32, 3, 1, 1, 1, 32, false}, {64, 32, 32, 32, 32, 5, 1, 2, 1, 32, false},
    {64, 32, 32, 32, 32, 3, 1, 2, 2, 32, false}, {64, 32, 32, 32, 32, 5, 1, 4, 2, 32, false},
    {64, 64, 64, 32, 32, 3, 2, 1, 1, 64, false}, {64, 64, 64, 32, 32, 5, 2, 2, 1, 64, false},
    {64, 64, 64, 32, 32, 3, 2, 2, 2, 64, false}, {64, 64, 64, 32, 32, 5, 2, 4, 2, 64, false},
    {64, 36, 36, 32, 32, 5, 1, 4, 2, 36, false}, {64, 128, 128, 8, 8, 7, 1, 3, 1, 128, false},
};
#define N_DEPTHWISE ((int)(sizeof depthwise / sizeof depthwise[0]))

/* In every build: neither a reference loop nor a matrix product a channel. brdgmm is the
 * just-in-time code that oneDNN has for AVX-512. */
START_TEST(test_conv_depthwise_runs_jit_code_or_the_kernels)
{
    static const size_t batches[] = {64, 30, 1};
    for (size_t b = 0; b < sizeof batches / sizeof batches[0]; b++) {
        struct sgeo_conv *conv = NULL;
        struct sgeo_conv_geometry g = depthwise[_i];
        const char *names[3] = {NULL, NULL, NULL};
        g.n = batches[b];
        ck_assert_int_eq(ops->conv_create(backend, &conv, &g), SGEO_OK);
        ops->conv_implementations(conv, names);
        for (size_t d = 0; d < 3; d++) {
            bool own = strncmp(names[d], "sgeo:", 5) == 0 &&
                       strcmp(names[d] + 5, sgeo_isa_name(sgeo_kernels_isa())) == 0;
            bool generated =
                strncmp(names[d], "jit", 3) == 0 || strncmp(names[d], "brdgmm", 6) == 0;
            ck_assert_msg(own || generated, "pass %zu runs %s", d, names[d]);
        }
    }
}
END_TEST

/* --- linear: a 1x1 convolution of 1x1 images --- */

/* n, in and out of the layers. */
static const struct sgeo_conv_geometry linear_cases[] = {
    {1, 1, 1, 1, 1, 1, 1, 0, 1, 1, false},
    {5, 7, 3, 1, 1, 1, 1, 0, 1, 1, false},
    {30, 64, 10, 1, 1, 1, 1, 0, 1, 1, false},
    {9, 65, 130, 1, 1, 1, 1, 0, 1, 1, false},
};
#define N_LINEAR_CASES ((int)(sizeof linear_cases / sizeof linear_cases[0]))

struct linear_trial {
    struct sgeo_conv_geometry geometry;
    struct sgeo_linear *linear;
    struct planar_conv exact;
    float *src, *wei, *dst;
};

static struct linear_trial make_linear(struct sgeo_conv_geometry g)
{
    struct linear_trial t = {.geometry = g};
    ck_assert_int_eq(
        ops->linear_create(backend, &t.linear, g.n, g.in_channels, g.out_channels, false), SGEO_OK);
    t.exact = (struct planar_conv){draw(src_count(&g)), draw(wei_count(&g)), draw(dst_count(&g))};
    t.src = narrow(t.exact.src, src_count(&g));
    t.wei = narrow(t.exact.wei, wei_count(&g));
    t.dst = narrow(t.exact.dst, dst_count(&g));
    return t;
}

static void drop_linear(struct linear_trial *t)
{
    sgeo_free(t->exact.src);
    sgeo_free(t->exact.wei);
    sgeo_free(t->exact.dst);
    sgeo_free(t->src);
    sgeo_free(t->wei);
    sgeo_free(t->dst);
}

/* `got`, written by an operation of the trial, against the loops. */
static void assert_linear(const float *got, size_t n, const struct linear_trial *t, enum role role)
{
    double *widened = block(n, sizeof *widened);
    for (size_t i = 0; i < n; i++) {
        widened[i] = (double)got[i];
    }
    assert_conv(widened, &t->exact, &t->geometry, role);
    sgeo_free(widened);
}

START_TEST(test_linear_forward_is_the_plain_loops_and_bias_may_be_null)
{
    struct linear_trial t = make_linear(linear_cases[_i]);
    size_t n = dst_count(&t.geometry), out = t.geometry.out_channels;
    float *got = poisoned(n), *with_bias = poisoned(n);
    double *bias = draw(out);
    float *narrow_bias = narrow(bias, out);
    ops->linear_forward(backend, t.linear, got, t.src, t.wei, NULL);
    assert_linear(got, n, &t, ADD_TO_DST);
    ops->linear_forward(backend, t.linear, with_bias, t.src, t.wei, narrow_bias);
    for (size_t i = 0; i < n; i++) {
        ck_assert_double_eq_tol((double)with_bias[i], (double)got[i] + bias[i % out], 2e-5);
    }
    sgeo_free(got);
    sgeo_free(with_bias);
    sgeo_free(bias);
    sgeo_free(narrow_bias);
    drop_linear(&t);
}
END_TEST

/* One call of the library where it has code for it: its post-op is what the kernel would do. The
 * product alone, which has no bias, has no ReLU either. */
START_TEST(test_linear_ends_with_its_relu)
{
    struct linear_trial t = make_linear(linear_cases[_i]);
    size_t n = dst_count(&t.geometry), in = t.geometry.in_channels, out = t.geometry.out_channels;
    float *plain = poisoned(n), *got = poisoned(n);
    double *bias = draw(out);
    float *narrow_bias = narrow(bias, out);
    struct sgeo_linear *rectified = NULL;
    struct sgeo_onednn_dense *dense = NULL;
    ck_assert_int_eq(ops->linear_create(backend, &rectified, t.geometry.n, in, out, true), SGEO_OK);
    ck_assert_ptr_ne(rectified, t.linear);
    ops->linear_forward(backend, t.linear, plain, t.src, t.wei, narrow_bias);
    ops->linear_forward(backend, rectified, got, t.src, t.wei, narrow_bias);
    for (size_t i = 0; i < n; i++) {
        ck_assert_double_eq_tol((double)got[i], fmax((double)plain[i], 0.0), 2e-5);
        ck_assert(!signbit(got[i]));
    }
    ops->linear_forward(backend, t.linear, plain, t.src, t.wei, NULL);
    ops->linear_forward(backend, rectified, got, t.src, t.wei, NULL);
    ck_assert_mem_eq(got, plain, n * sizeof *got);
    ck_assert_int_eq(sgeo_onednn_dense_create(&dense, ((struct sgeo_onednn *)backend)->engine,
                                              t.geometry.n, in, out),
                     SGEO_OK);
    ck_assert(!SGEO_KERNELS_X86 || dense != NULL);
    sgeo_onednn_dense_destroy(dense);
    sgeo_free(plain);
    sgeo_free(got);
    sgeo_free(bias);
    sgeo_free(narrow_bias);
    drop_linear(&t);
}
END_TEST

START_TEST(test_linear_backward_data_is_the_plain_loops)
{
    struct linear_trial t = make_linear(linear_cases[_i]);
    float *got = poisoned(src_count(&t.geometry));
    ops->linear_backward_data(backend, t.linear, got, t.dst, t.wei);
    assert_linear(got, src_count(&t.geometry), &t, ADD_TO_SRC);
    sgeo_free(got);
    drop_linear(&t);
}
END_TEST

START_TEST(test_linear_backward_weights_is_the_plain_loops_and_dbias_may_be_null)
{
    struct linear_trial t = make_linear(linear_cases[_i]);
    size_t n = wei_count(&t.geometry), out = t.geometry.out_channels;
    float *got = poisoned(n), *again = poisoned(n), *dbias = poisoned(out);
    ops->linear_backward_weights(backend, t.linear, got, dbias, t.src, t.dst);
    ops->linear_backward_weights(backend, t.linear, again, NULL, t.src, t.dst);
    assert_linear(got, n, &t, ADD_TO_WEI);
    ck_assert_mem_eq(got, again, n * sizeof *got);
    for (size_t o = 0; o < out; o++) {
        double want = 0.0;
        for (size_t r = 0; r < t.geometry.n; r++) {
            want += t.exact.dst[r * out + o];
        }
        assert_same(dbias[o], (float)want); /* sums of floats in double: exact here */
    }
    sgeo_free(got);
    sgeo_free(again);
    sgeo_free(dbias);
    drop_linear(&t);
}
END_TEST

START_TEST(test_linear_create_caches_and_refuses_empty_sizes)
{
    struct sgeo_linear *first = NULL, *second = NULL, *other = NULL, *none = NULL;
    ck_assert_int_eq(ops->linear_create(backend, &first, 4, 5, 6, false), SGEO_OK);
    ck_assert_int_eq(ops->linear_create(backend, &other, 4, 6, 5, false), SGEO_OK);
    ck_assert_int_eq(ops->linear_create(backend, &second, 4, 5, 6, false), SGEO_OK);
    ck_assert_ptr_eq(first, second);
    ck_assert_ptr_ne(first, other);
    ck_assert_int_eq(ops->linear_create(backend, &none, 4, 0, 6, false), SGEO_USAGE);
    ck_assert_ptr_null(none);
}
END_TEST

/* --- elementwise operations and reductions --- */

/* An array of one value per channel, zero in the padding. */
static double *draw_channels(const struct activation *a)
{
    double *drawn = draw(a->channels);
    double *values = block(channels_with_padding(a), sizeof *values);
    memcpy(values, drawn, a->channels * sizeof *values);
    sgeo_free(drawn);
    return values;
}

/* Channel of an element of a planar tensor. */
static size_t channel_of(const struct activation *a, size_t i)
{
    return i / (a->height * a->width) % a->channels;
}

static void assert_planar(struct activation *got, const double *want)
{
    fetch(got);
    for (size_t i = 0; i < got->count; i++) {
        ck_assert_msg(fabs(got->planar[i] - want[i]) <= 4.0 * TOLERANCE,
                      "element %zu: %.9g, not %.9g", i, got->planar[i], want[i]);
    }
    assert_padding_is_zero(got);
}

START_TEST(test_affine_sum_takes_every_channel_its_own_numbers)
{
    /* 500 channels: more than are narrowed to float at once. */
    struct activation a = make_activation(2, 500, 2, 3), b = make_activation(2, 500, 2, 3);
    struct activation dst = make_result(2, 500, 2, 3), relu = make_result(2, 500, 2, 3);
    double *center = draw_channels(&a), *scale = draw_channels(&a), *shift = draw_channels(&a);
    double *want = block(a.count, sizeof *want), *want_relu = block(a.count, sizeof *want);
    struct sgeo_term terms[] = {{a.data, center, scale}, {b.data, NULL, NULL}};
    ops->maps.affine_sum(backend, dst.data, relu.data, terms, 2, shift, &a.layout);
    for (size_t i = 0; i < a.count; i++) {
        size_t c = channel_of(&a, i);
        want[i] = shift[c] + (a.planar[i] - center[c]) * scale[c] + b.planar[i];
        want_relu[i] = fmax(want[i], 0.0);
    }
    assert_planar(&dst, want);
    assert_planar(&relu, want_relu);
    ops->maps.affine_sum(backend, NULL, relu.data, terms + 1, 1, NULL, &a.layout);
    for (size_t i = 0; i < a.count; i++) {
        want_relu[i] = fmax(b.planar[i], 0.0);
    }
    assert_planar(&relu, want_relu);
    double *arrays[] = {center, scale, shift, want, want_relu};
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++) {
        sgeo_free(arrays[i]);
    }
    struct activation *all[] = {&a, &b, &dst, &relu};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        drop(all[i]);
    }
}
END_TEST

START_TEST(test_gated_sum_gates_the_gated_and_adds_the_plain)
{
    struct activation gate = make_activation(2, 11, 3, 3), a = make_activation(2, 11, 3, 3);
    struct activation b = make_activation(2, 11, 3, 3), c = make_activation(2, 11, 3, 3);
    struct activation dst = make_result(2, 11, 3, 3);
    const void *gated[] = {a.data, b.data}, *plain[] = {c.data};
    double *want = block(a.count, sizeof *want);
    ops->maps.gated_sum(backend, dst.data, gate.data, gated, 2, plain, 1,
                        sgeo_layout_elems(&dst.layout));
    for (size_t i = 0; i < a.count; i++) {
        double sum = gate.planar[i] > 0.0 ? a.planar[i] + b.planar[i] : 0.0;
        want[i] = sum + c.planar[i];
    }
    assert_planar(&dst, want);
    sgeo_free(want);
    struct activation *all[] = {&gate, &a, &b, &c, &dst};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        drop(all[i]);
    }
}
END_TEST

/* sum[c] += weight_i * (value_i - center[c]) over the elements of a planar tensor; NULLs: 1 and 0.
 */
static void add_by_channel(double *sum, const struct activation *a, const double *weight,
                           const double *center)
{
    for (size_t i = 0; i < a->count; i++) {
        size_t c = channel_of(a, i);
        double distance = a->planar[i] - (center != NULL ? center[c] : 0.0);
        sum[c] += (weight != NULL ? weight[i] : 1.0) * distance;
    }
}

START_TEST(test_channel_moments_and_dots_are_the_plain_sums)
{
    struct activation x = make_activation(3, 13, 4, 5), d = make_activation(3, 13, 4, 5);
    size_t channels = channels_with_padding(&x);
    double per_channel = (double)(3 * 4 * 5);
    double *mean = block(channels, sizeof *mean), *var = block(channels, sizeof *var);
    double *sum = block(channels, sizeof *sum), *dot = block(channels, sizeof *dot);
    double *want_mean = block(channels, sizeof *mean), *want_var = block(channels, sizeof *var);
    double *want_sum = block(channels, sizeof *sum), *want_dot = block(channels, sizeof *dot);
    ops->channel_moments(backend, mean, var, x.data, &x.layout);
    ops->channel_dots(backend, sum, dot, d.data, x.data, mean, &x.layout);
    add_by_channel(want_mean, &x, NULL, NULL);
    for (size_t c = 0; c < x.channels; c++) {
        want_mean[c] /= per_channel;
    }
    add_by_channel(want_var, &x, x.planar, want_mean); /* sum of x (x - mean) */
    add_by_channel(want_sum, &d, NULL, NULL);
    add_by_channel(want_dot, &x, d.planar, want_mean);
    for (size_t c = 0; c < channels; c++) {
        ck_assert_double_eq_tol(mean[c], want_mean[c], 1e-9);
        ck_assert_double_eq_tol(var[c], want_var[c] / per_channel, 1e-9);
        ck_assert_double_eq_tol(sum[c], want_sum[c], 1e-9);
        ck_assert_double_eq_tol(dot[c], want_dot[c], 1e-9);
    }
    double *arrays[] = {mean, var, sum, dot, want_mean, want_var, want_sum, want_dot};
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++) {
        sgeo_free(arrays[i]);
    }
    drop(&x);
    drop(&d);
}
END_TEST

START_TEST(test_global_mean_and_its_transpose_skip_padding)
{
    struct activation x = make_activation(3, 21, 4, 5), dx = make_result(3, 21, 4, 5);
    size_t rows = 3 * 21, pixels = 4 * 5;
    float *mean = poisoned(rows + 1);
    double *want = block(x.count, sizeof *want), *want_mean = block(rows, sizeof *want);
    memset(dx.data, 0x7f, sgeo_layout_elems(&dx.layout) * sizeof *dx.data);
    ops->global_mean(backend, mean, x.data, 21, &x.layout);
    ops->global_mean_grad(backend, dx.data, mean, 21, &dx.layout);
    for (size_t i = 0; i < x.count; i++) {
        want_mean[i / pixels] += x.planar[i] / (double)pixels;
        want[i] = (double)mean[i / pixels] / (double)pixels;
    }
    assert_values(mean, want_mean, rows);
    assert_same(mean[rows], POISON);
    assert_planar(&dx, want);
    sgeo_free(mean);
    sgeo_free(want);
    sgeo_free(want_mean);
    drop(&x);
    drop(&dx);
}
END_TEST

/* --- pools --- */

/* Whether pixel (row, col) of the source lies in the window of pixel (y, x) of the result. */
static bool in_window(const struct sgeo_pool_window *w, size_t y, size_t x, size_t row, size_t col)
{
    size_t down = row + w->pad - y * w->stride, right = col + w->pad - x * w->stride;
    return down < w->kernel && right < w->kernel; /* outside on the low side wraps around */
}

/* One plane: the window's mean or maximum; the gradient of src for a gradient of dst. */
struct plane {
    const double *src, *ddst;
    double *dst, *dsrc;
    size_t height, width, out_height, out_width;
};

static void pool_window(struct plane *p, const struct sgeo_pool_window *w, bool is_max, size_t y,
                        size_t x)
{
    size_t out = y * p->out_width + x, count = 0, best = SIZE_MAX;
    double sum = 0.0;
    for (size_t i = 0; i < p->height * p->width; i++) {
        if (in_window(w, y, x, i / p->width, i % p->width)) {
            sum += p->src[i];
            count++;
            best = best == SIZE_MAX || p->src[i] > p->src[best] ? i : best;
        }
    }
    p->dst[out] = is_max ? p->src[best] : sum / (double)count;
    for (size_t i = 0; i < p->height * p->width; i++) {
        if (is_max ? i == best : in_window(w, y, x, i / p->width, i % p->width)) {
            p->dsrc[i] += p->ddst[out] / (is_max ? 1.0 : (double)count);
        }
    }
}

static void plain_pool(double *dst, double *dsrc, const struct activation *src,
                       const struct activation *ddst, const struct sgeo_pool_window *w, bool is_max)
{
    size_t in = src->height * src->width, out = ddst->height * ddst->width;
    for (size_t k = 0; k < src->n * src->channels; k++) {
        struct plane p = {
            src->planar + k * in, ddst->planar + k * out, dst + k * out, dsrc + k * in, src->height,
            src->width,           ddst->height,           ddst->width};
        for (size_t i = 0; i < out; i++) {
            pool_window(&p, w, is_max, i / ddst->width, i % ddst->width);
        }
    }
}

static const struct sgeo_pool_window windows[] = {{3, 1, 1}, {3, 2, 1}, {2, 2, 0}};

START_TEST(test_pools_and_their_gradients_are_the_plain_loops)
{
    struct sgeo_pool_window w = windows[_i % 3];
    bool is_max = _i >= 3;
    size_t height = (6 + 2 * w.pad - w.kernel) / w.stride + 1;
    size_t width = (7 + 2 * w.pad - w.kernel) / w.stride + 1;
    struct activation src = make_activation(2, 11, 6, 7), dsrc = make_result(2, 11, 6, 7);
    struct activation ddst = make_activation(2, 11, height, width);
    struct activation dst = make_result(2, 11, height, width);
    double *want = block(dst.count, sizeof *want), *want_grad = block(src.count, sizeof *want);
    uint8_t *where = block(sgeo_layout_elems(&dst.layout), 1);
    plain_pool(want, want_grad, &src, &ddst, &w, is_max);
    if (is_max) {
        ops->maxpool(backend, dst.data, where, src.data, &w, &src.layout, &dst.layout);
        ops->maxpool_grad(backend, dsrc.data, ddst.data, where, &w, &src.layout, &dst.layout);
    } else {
        ops->avgpool(backend, dst.data, src.data, &w, &src.layout, &dst.layout);
        ops->avgpool_grad(backend, dsrc.data, ddst.data, &w, &src.layout, &dst.layout);
    }
    assert_planar(&dst, want);
    assert_planar(&dsrc, want_grad);
    sgeo_free(want);
    sgeo_free(want_grad);
    sgeo_free(where);
    struct activation *all[] = {&src, &dsrc, &dst, &ddst};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        drop(all[i]);
    }
}
END_TEST

/* --- concatenation --- */

enum { MAX_SOURCES = 3 };

/* Channels `first`.. of a source that has `of` (0: none, zeros), `count` of them; `all` in the
 * result. */
static const struct concat_case {
    size_t all, n;
    struct {
        size_t of, first, count;
    } sources[MAX_SOURCES];
} concats[] = {
    {128, 3, {{43, 0, 43}, {43, 0, 43}, {42, 0, 42}}}, /* side by side */
    {48, 3, {{16, 0, 16}, {0, 0, 16}, {16, 0, 16}}},   /* one is missing */
    {7, 1, {{64, 3, 7}}},                              /* a slice */
    {43, 2, {{0, 0, 11}, {30, 0, 30}}},                /* its transpose: zeros behind it too */
    {40, 2, {{0, 0, 0}, {16, 0, 16}}},                 /* that of a slice from the first channel */
    {10, 2, {{5, 4, 1}, {9, 0, 9}}},
    {5, 0, {{0, 0, 0}}},
};
#define N_CONCATS ((int)(sizeof concats / sizeof concats[0]))

/* The padding too is to be written. */
static struct activation make_poisoned(size_t channels)
{
    struct activation a = make_activation(2, channels, 3, 5);
    for (size_t i = 0; i < sgeo_layout_elems(&a.layout); i++) {
        a.data[i] = POISON;
    }
    return a;
}

/* Channel c of image n, planar, 15 pixels each. */
static double *plane_of(const struct activation *a, size_t n, size_t c)
{
    return a->planar + (n * a->channels + c) * 15;
}

START_TEST(test_concat_puts_channels_side_by_side_and_zeros_elsewhere)
{
    const struct concat_case *k = &concats[_i];
    struct activation dst = make_poisoned(k->all), src[MAX_SOURCES];
    struct sgeo_channel_source sources[MAX_SOURCES] = {{0}};
    double *want = block(dst.count, sizeof *want);
    size_t to = 0;
    for (size_t i = 0; i < k->n; to += k->sources[i++].count) {
        src[i] = make_activation(2, k->sources[i].of > 0 ? k->sources[i].of : 1, 3, 5);
        sources[i].channels = k->sources[i].count;
        if (k->sources[i].of == 0) {
            continue;
        }
        sources[i] = (struct sgeo_channel_source){src[i].data, &src[i].layout, k->sources[i].first,
                                                  k->sources[i].count};
        for (size_t n = 0; n < 2; n++) {
            memcpy(want + (n * k->all + to) * 15, plane_of(&src[i], n, k->sources[i].first),
                   k->sources[i].count * 15 * sizeof *want);
        }
    }
    ops->maps.concat(backend, dst.data, sources, k->n, &dst.layout);
    fetch(&dst);
    for (size_t i = 0; i < dst.count; i++) {
        ck_assert_double_eq(dst.planar[i], want[i]);
    }
    assert_padding_is_zero(&dst);
    for (size_t i = 0; i < k->n; i++) {
        drop(&src[i]);
    }
    sgeo_free(want);
    drop(&dst);
}
END_TEST

START_TEST(test_split_gives_every_target_its_channels)
{
    static const size_t widths[MAX_SOURCES] = {43, 16, 21};
    struct activation src = make_activation(2, 43 + 16 + 21 + 5, 3, 5), dst[MAX_SOURCES];
    struct sgeo_channel_target targets[MAX_SOURCES];
    for (size_t i = 0; i < MAX_SOURCES; i++) {
        dst[i] = make_poisoned(widths[i]);
        targets[i] = (struct sgeo_channel_target){dst[i].data, &dst[i].layout, widths[i]};
    }
    targets[1].dst = NULL;
    targets[1].layout = NULL;
    ops->maps.split(backend, targets, MAX_SOURCES, src.data, &src.layout);
    for (size_t i = 0, first = 0; i < MAX_SOURCES; first += widths[i++]) {
        if (targets[i].dst == NULL) {
            assert_same(dst[i].data[0], POISON);
        } else {
            fetch(&dst[i]);
            assert_padding_is_zero(&dst[i]);
            for (size_t n = 0; n < 2; n++) {
                ck_assert_mem_eq(plane_of(&dst[i], n, 0), plane_of(&src, n, first),
                                 widths[i] * 15 * sizeof(double));
            }
        }
        drop(&dst[i]);
    }
    drop(&src);
}
END_TEST

/* --- flat vectors --- */

enum { N_FLAT = 1003, N_BATCHES = 3 };

START_TEST(test_grad_moments_are_the_plain_sums)
{
    double *g[N_BATCHES], *theta = draw(N_FLAT), ratio = 0.0, theta_dot = 0.0, magnitude = 0.0;
    float *narrow_g[N_BATCHES], *narrow_theta = narrow(theta, N_FLAT);
    const void *gradients[N_BATCHES];
    for (size_t b = 0; b < N_BATCHES; b++) {
        g[b] = draw(N_FLAT);
        g[b][7] = 0.25; /* the coordinate whose deviation is zero */
        narrow_g[b] = narrow(g[b], N_FLAT);
        gradients[b] = narrow_g[b];
    }
    for (size_t i = 0; i < N_FLAT; i++) {
        double sum = g[0][i] + g[1][i] + g[2][i], mean = sum / 3.0, square = 0.0;
        for (size_t b = 0; b < N_BATCHES; b++) {
            square += (g[b][i] - mean) * (g[b][i] - mean);
        }
        double mean_abs = (fabs(g[0][i]) + fabs(g[1][i]) + fabs(g[2][i])) / 3.0;
        ratio += i == 7 ? 0.0 : mean_abs / sqrt(square / 3.0);
        theta_dot += theta[i] * sum;
        magnitude += fabs(theta[i] * sum);
    }
    struct sgeo_moments moments;
    ops->grad_moments(backend, &moments, gradients, N_BATCHES, narrow_theta, N_FLAT);
    ck_assert_uint_eq(moments.zero_std, 1);
    ck_assert_double_eq_tol(moments.ratio_sum, ratio, 1e-5 * ratio);
    ck_assert_double_eq_tol(moments.theta_dot, theta_dot, 1e-6 * magnitude);
    for (size_t b = 0; b < N_BATCHES; b++) {
        sgeo_free(g[b]);
        sgeo_free(narrow_g[b]);
    }
    sgeo_free(theta);
    sgeo_free(narrow_theta);
}
END_TEST

START_TEST(test_optimiser_steps_are_their_formulas)
{
    double *theta = draw(N_FLAT), *grad = draw(N_FLAT), *velocity = draw(N_FLAT);
    float *t = narrow(theta, N_FLAT), *g = narrow(grad, N_FLAT), *v = narrow(velocity, N_FLAT);
    struct sgeo_sgd sgd = {.lr = 0.5f, .momentum = 0.75f, .weight_decay = 0.25f, .nesterov = 1};
    ops->sgd_step(backend, t, v, g, &sgd, N_FLAT);
    for (size_t i = 0; i < N_FLAT; i++) {
        double d = grad[i] + 0.25 * theta[i];
        velocity[i] = 0.75 * velocity[i] + d;
        theta[i] -= 0.5 * (d + 0.75 * velocity[i]);
    }
    assert_values(t, theta, N_FLAT);
    assert_values(v, velocity, N_FLAT);
    for (size_t i = 0; i < N_FLAT; i++) {
        v[i] = (float)(velocity[i] = 0.5);
        theta[i] = (double)t[i];
    }
    ops->adagrad_step(backend, t, v, g, 0.125, 0.25, N_FLAT);
    for (size_t i = 0; i < N_FLAT; i++) {
        velocity[i] += grad[i] * grad[i];
        theta[i] -= 0.125 * grad[i] / (sqrt(velocity[i]) + 0.25);
    }
    assert_values(t, theta, N_FLAT);
    assert_values(v, velocity, N_FLAT);
    double *exact[] = {theta, grad, velocity};
    float *single[] = {t, g, v};
    for (size_t i = 0; i < 3; i++) {
        sgeo_free(exact[i]);
        sgeo_free(single[i]);
    }
}
END_TEST

START_TEST(test_dot_sums_in_double_at_every_length)
{
    double *a = draw(N_FLAT), *b = draw(N_FLAT);
    float *x = narrow(a, N_FLAT), *y = narrow(b, N_FLAT);
    double want = 0.0;
    for (size_t n = 0; n < N_FLAT; n++) {
        ck_assert_double_eq_tol(ops->dot(backend, x, y, n), want, 1e-12);
        want += a[n] * b[n];
    }
    sgeo_free(a);
    sgeo_free(b);
    sgeo_free(x);
    sgeo_free(y);
}
END_TEST

/* --- the instruction set of oneDNN --- */

static const char *effective_isa(void)
{
    const char *version = NULL, *isa = NULL;
    sgeo_onednn_describe(&version, &isa);
    return isa;
}

START_TEST(test_describe_names_version_and_isa)
{
    const char *version = NULL, *isa = NULL;
    sgeo_onednn_describe(&version, &isa);
    ck_assert(strncmp(version, "2.", 2) == 0 || strncmp(version, "3.", 2) == 0);
    ck_assert_uint_gt(strlen(isa), 0);
}
END_TEST

/* In a process of its own, before anything else uses oneDNN there: the exit code says what failed.
 */
static int run_capped_to_scalar(void)
{
    const char *names[3];
    struct sgeo_conv *conv = NULL;
    if (sgeo_onednn_cap_isa("scalar") != SGEO_OK || strcmp(effective_isa(), "sse41") != 0) {
        return 1;
    }
    set_up_blocked();
    if (ops->conv_create(backend, &conv, &geometries[0]) != SGEO_OK) {
        return 2;
    }
    ops->conv_implementations(conv, names);
    if (strstr(names[0], "sse41") == NULL) {
        return 3;
    }
    struct trial trial = make_trial(geometries[0]);
    check_forward(&trial);
    drop_trial(&trial);
    return sgeo_onednn_cap_isa("avx2") == SGEO_UNSUPPORTED ? 0 : 4; /* too late */
}

START_TEST(test_cap_isa_holds_onednn_to_the_kernels)
{
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        _exit(run_capped_to_scalar());
    }
    int status = -1;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "child ended with %d", status);
}
END_TEST

START_TEST(test_cap_isa_agrees_with_the_best_kernels)
{
    ck_assert_int_eq(sgeo_onednn_cap_isa(sgeo_isa_name(sgeo_kernels_isa())), SGEO_OK);
}
END_TEST

/* Convolutions, which every layout must get right. */
static TCase *conv_case(const char *name, SFun fixture)
{
    TCase *conv = tcase_create(name);
    tcase_add_checked_fixture(conv, fixture, tear_down);
    tcase_set_timeout(conv, 120);
    tcase_add_loop_test(conv, test_conv_forward_is_the_plain_loops, 0, N_GEOMETRIES);
    tcase_add_loop_test(conv, test_conv_backward_data_is_the_plain_loops, 0, N_GEOMETRIES);
    tcase_add_loop_test(conv, test_conv_backward_weights_is_the_plain_loops_and_keeps_padding_zero,
                        0, N_GEOMETRIES);
    tcase_add_loop_test(conv, test_conv_weights_round_trip_with_padding_zero, 0, N_GEOMETRIES);
    tcase_add_loop_test(conv, test_conv_weight_layout_does_not_depend_on_batch_size_or_order, 0,
                        N_GEOMETRIES);
    tcase_add_loop_test(conv, test_conv_same_call_gives_the_same_bits, 0, N_GEOMETRIES);
    tcase_add_test(conv, test_conv_create_returns_the_cached_one);
    tcase_add_test(conv, test_conv_of_one_weight_buffer_serves_two_batch_sizes);
    tcase_add_loop_test(conv, test_conv_impossible_geometry_is_usage, 0,
                        (int)(sizeof impossible / sizeof impossible[0]));
    tcase_add_loop_test(conv, test_conv_of_the_main_path_is_never_a_reference_loop, 0,
                        (int)(sizeof main_path / sizeof main_path[0]));
    tcase_add_test(conv, test_conv_off_the_main_path_reorders_rather_than_run_a_reference_loop);
    tcase_add_loop_test(conv, test_conv_depthwise_runs_jit_code_or_the_kernels, 0, N_DEPTHWISE);
    return conv;
}

/* Operations on activations, likewise. */
static TCase *activation_case(const char *name, SFun fixture)
{
    TCase *rest = tcase_create(name);
    tcase_add_checked_fixture(rest, fixture, tear_down);
    tcase_add_test(rest, test_affine_sum_takes_every_channel_its_own_numbers);
    tcase_add_test(rest, test_gated_sum_gates_the_gated_and_adds_the_plain);
    tcase_add_test(rest, test_channel_moments_and_dots_are_the_plain_sums);
    tcase_add_test(rest, test_global_mean_and_its_transpose_skip_padding);
    tcase_add_loop_test(rest, test_pools_and_their_gradients_are_the_plain_loops, 0, 6);
    tcase_add_loop_test(rest, test_concat_puts_channels_side_by_side_and_zeros_elsewhere, 0,
                        N_CONCATS);
    tcase_add_test(rest, test_split_gives_every_target_its_channels);
    return rest;
}

/* What knows no layout. */
static TCase *vector_case(void)
{
    TCase *vector = tcase_create("linear layers and vectors");
    tcase_add_checked_fixture(vector, set_up_blocked, tear_down);
    tcase_add_loop_test(vector, test_linear_forward_is_the_plain_loops_and_bias_may_be_null, 0,
                        N_LINEAR_CASES);
    tcase_add_loop_test(vector, test_linear_ends_with_its_relu, 0, N_LINEAR_CASES);
    tcase_add_loop_test(vector, test_linear_backward_data_is_the_plain_loops, 0, N_LINEAR_CASES);
    tcase_add_loop_test(vector,
                        test_linear_backward_weights_is_the_plain_loops_and_dbias_may_be_null, 0,
                        N_LINEAR_CASES);
    tcase_add_test(vector, test_linear_create_caches_and_refuses_empty_sizes);
    tcase_add_test(vector, test_grad_moments_are_the_plain_sums);
    tcase_add_test(vector, test_optimiser_steps_are_their_formulas);
    tcase_add_test(vector, test_dot_sums_in_double_at_every_length);
    return vector;
}

static TCase *isa_case(void)
{
    TCase *isa = tcase_create("isa");
    if (SGEO_KERNELS_X86) {
        tcase_add_test(isa, test_cap_isa_holds_onednn_to_the_kernels);
    }
    tcase_add_test(isa, test_cap_isa_agrees_with_the_best_kernels);
    tcase_add_test(isa, test_describe_names_version_and_isa);
    return isa;
}

static Suite *onednn_suite(void)
{
    Suite *suite = suite_create("onednn");
    /* First: with CK_FORK=no, the cap must come before oneDNN's first use in this process. */
    suite_add_tcase(suite, isa_case());
    TCase *blocked = conv_case("blocked conv", set_up_blocked);
    tcase_add_test(blocked, test_layout_blocked_pads_channels_and_import_round_trips);
    tcase_add_test(blocked, test_layout_names_what_a_choice_means);
    suite_add_tcase(suite, blocked);
    TCase *nhwc = conv_case("nhwc conv", set_up_nhwc);
    tcase_add_test(nhwc, test_layout_nhwc_has_no_padding_and_import_round_trips);
    tcase_add_test(nhwc, test_layout_nhwc_of_many_channels_splits_them_evenly);
    suite_add_tcase(suite, nhwc);
    suite_add_tcase(suite, activation_case("blocked activations", set_up_blocked));
    suite_add_tcase(suite, activation_case("nhwc activations", set_up_nhwc));
    suite_add_tcase(suite, vector_case());
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(onednn_suite());
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
