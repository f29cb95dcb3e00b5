/*
 * The f32 and bf16 executors against the double one: random small cases of every operation and in
 * both layouts, convolutions also by Winograd's algorithm, from inputs that both hold exactly. The
 * largest difference stays below 1e-5 of the largest value, 2e-2 with bf16, and padding of channel
 * blocks stays zero.
 */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/backend.h"
#include "base/memory.h"
#include "base/rng.h"

enum { SINGLE, EXACT, N_BACKENDS };
enum { N_CASES = 12, MAX_CHANNELS = 48 };

#define TOLERANCE 1e-5
/*
 * A number in bf16 has 8 significant bits: weights and results are off by 2^-9 relatively at most.
 * The largest value is a sum of products of both signs, and another sum of larger products may
 * cancel to less: 2e-2 of the largest value leaves a factor of 5.
 */
#define TOLERANCE_BF16 2e-2

static struct sgeo_backend *backends[N_BACKENDS];
static struct sgeo_rng rng; /* restarted for every case */
static bool winograd;       /* of the f32 executor: dense 3x3 convolutions of whole lanes only */
static enum sgeo_precision precision = SGEO_F32; /* likewise: that of its maps */

static void create_backends(enum sgeo_layout_choice layout)
{
    ck_assert_int_eq(
        sgeo_backend_create(&backends[SINGLE], (struct sgeo_executor){precision, layout, winograd}),
        SGEO_OK);
    ck_assert_int_eq(
        sgeo_backend_create(&backends[EXACT], (struct sgeo_executor){SGEO_F64, layout, false}),
        SGEO_OK);
}

static void create_blocked(void)
{
    create_backends(SGEO_LAYOUT_BLOCKED);
}

static void create_nhwc(void)
{
    create_backends(SGEO_LAYOUT_NHWC);
}

static void create_bf16_blocked(void)
{
    precision = SGEO_BF16;
    create_blocked();
}

static void create_bf16_nhwc(void)
{
    precision = SGEO_BF16;
    create_nhwc();
}

static void create_winograd_blocked(void)
{
    winograd = true;
    create_blocked();
}

static void create_winograd_nhwc(void)
{
    winograd = true;
    create_nhwc();
}

static void destroy_backends(void)
{
    for (size_t b = 0; b < N_BACKENDS; b++) {
        sgeo_backend_destroy(backends[b]);
    }
}

static void start_case(const char *operation, int index)
{
    rng = sgeo_rng_stream(1, operation, (uint64_t)index);
}

static size_t draw(size_t least, size_t most)
{
    return least + (size_t)sgeo_rng_below(&rng, most - least + 1);
}

/* A number in [-1, 1) that both executors hold exactly: a float, or one of eight bits. */
static double draw_value(void)
{
    if (precision == SGEO_BF16) {
        return (double)draw(0, 255) / 128.0 - 1.0;
    }
    return (double)(float)(2.0 * sgeo_rng_uniform(&rng) - 1.0);
}

static void *block(size_t count, size_t size)
{
    void *memory = sgeo_calloc(count, size);
    ck_assert_ptr_nonnull(memory);
    return memory;
}

static double *draw_values(size_t n)
{
    double *values = block(n, sizeof *values);
    for (size_t i = 0; i < n; i++) {
        values[i] = draw_value();
    }
    return values;
}

static void assert_agree(const double *single, const double *exact, size_t n)
{
    double largest = 0.0, error = 0.0;
    for (size_t i = 0; i < n; i++) {
        largest = fmax(largest, fabs(exact[i]));
        ck_assert(isfinite(single[i]) && isfinite(exact[i]));
        error = fmax(error, fabs(single[i] - exact[i]));
    }
    double tolerance = precision == SGEO_BF16 ? TOLERANCE_BF16 : TOLERANCE;
    ck_assert_msg(error <= tolerance * largest, "error %g, largest value %g", error, largest);
}

/* --- flat vectors in both precisions --- */

struct vector {
    void *data[N_BACKENDS];
    size_t n;
};

static struct vector vector_of(const double *values, size_t n)
{
    struct vector vector = {{block(n, sizeof(float)), block(n, sizeof(double))}, n};
    float *single = vector.data[SINGLE];
    double *exact = vector.data[EXACT];
    for (size_t i = 0; i < n; i++) {
        single[i] = (float)values[i];
        exact[i] = values[i];
    }
    return vector;
}

static struct vector draw_vector(size_t n)
{
    double *values = draw_values(n);
    struct vector vector = vector_of(values, n);
    sgeo_free(values);
    return vector;
}

static void assert_vector_agrees(const struct vector *vector)
{
    const float *single = vector->data[SINGLE];
    double *widened = block(vector->n, sizeof *widened);
    for (size_t i = 0; i < vector->n; i++) {
        widened[i] = (double)single[i];
    }
    assert_agree(widened, vector->data[EXACT], vector->n);
    sgeo_free(widened);
}

static void drop_vector(struct vector *vector)
{
    sgeo_free(vector->data[SINGLE]);
    sgeo_free(vector->data[EXACT]);
}

/* --- activations in both layouts --- */

struct shape {
    size_t n, channels, height, width;
};

struct tensor {
    void *data[N_BACKENDS];
    struct sgeo_layout layout[N_BACKENDS];
    struct shape shape;
};

static struct shape draw_shape(void)
{
    struct shape shape = {draw(1, 3), draw(1, MAX_CHANNELS), draw(5, 9), draw(5, 9)};
    return shape;
}

static size_t count_of(const struct shape *shape)
{
    return shape->n * shape->channels * shape->height * shape->width;
}

static struct tensor draw_tensor(const struct shape *shape)
{
    struct tensor tensor = {.shape = *shape};
    double *planar = draw_values(count_of(shape));
    for (size_t b = 0; b < N_BACKENDS; b++) {
        const struct sgeo_backend_table *ops = backends[b]->ops;
        tensor.layout[b] =
            ops->layout(backends[b], shape->n, shape->channels, shape->height, shape->width);
        tensor.data[b] = block(sgeo_layout_elems(&tensor.layout[b]), ops->maps.bytes);
        ops->activation_import(backends[b], tensor.data[b], planar, shape->channels,
                               &tensor.layout[b]);
    }
    sgeo_free(planar);
    return tensor;
}

/* Every element beyond the last channel of the f32 or bf16 tensor is zero. */
static void assert_padding_is_zero(const struct tensor *tensor)
{
    static const unsigned char zero[sizeof(float)];
    const struct sgeo_layout *layout = &tensor->layout[SINGLE];
    const unsigned char *data = tensor->data[SINGLE];
    size_t bytes = backends[SINGLE]->ops->maps.bytes;
    for (size_t n = 0; n < layout->n; n++) {
        for (size_t c = tensor->shape.channels; c < layout->groups * layout->lanes; c++) {
            for (size_t p = 0; p < layout->height * layout->width; p++) {
                size_t at = n * layout->image + c / layout->lanes * layout->group +
                            p * layout->pitch + c % layout->lanes;
                ck_assert_mem_eq(data + at * bytes, zero, bytes); /* nothing may write there */
            }
        }
    }
}

static void assert_tensor_agrees(const struct tensor *tensor)
{
    double *planar[N_BACKENDS];
    for (size_t b = 0; b < N_BACKENDS; b++) {
        planar[b] = block(count_of(&tensor->shape), sizeof(double));
        backends[b]->ops->activation_export(backends[b], planar[b], tensor->data[b],
                                            tensor->shape.channels, &tensor->layout[b]);
    }
    assert_agree(planar[SINGLE], planar[EXACT], count_of(&tensor->shape));
    assert_padding_is_zero(tensor);
    sgeo_free(planar[SINGLE]);
    sgeo_free(planar[EXACT]);
}

static void drop_tensor(struct tensor *tensor)
{
    sgeo_free(tensor->data[SINGLE]);
    sgeo_free(tensor->data[EXACT]);
}

/* --- convolution --- */

static const struct conv_kind {
    size_t kernel, stride, dilation;
    bool depthwise, image_source;
} conv_kinds[] = {
    {3, 1, 1, false, false}, {1, 1, 1, false, false}, {3, 2, 1, false, false},
    {1, 2, 1, false, false}, {3, 1, 2, false, false}, {3, 1, 1, true, false},
    {5, 2, 1, true, false},  {3, 1, 2, true, false},  {5, 1, 2, true, false},
    {3, 2, 1, true, false},  {5, 1, 1, true, false},  {3, 2, 2, true, false},
    {5, 2, 2, true, false},  {7, 1, 1, true, false},  {3, 1, 1, false, true},
    {3, 2, 1, false, true},
};
#define N_CONV_KINDS  (sizeof conv_kinds / sizeof conv_kinds[0])
#define N_INNER_KINDS (N_CONV_KINDS - 2) /* without the image, which needs no gradient */

static struct sgeo_conv_geometry draw_geometry(const struct conv_kind *kind)
{
    struct shape src = draw_shape();
    struct sgeo_conv_geometry g = {.n = src.n,
                                   .in_channels = kind->image_source ? 3 : src.channels,
                                   .out_channels =
                                       kind->depthwise ? src.channels : draw(1, MAX_CHANNELS),
                                   .height = src.height,
                                   .width = src.width,
                                   .kernel = kind->kernel,
                                   .stride = kind->stride,
                                   .pad = kind->kernel / 2 * kind->dilation,
                                   .dilation = kind->dilation,
                                   .groups = kind->depthwise ? src.channels : 1,
                                   .image_source = kind->image_source};
    if (winograd) {
        g.in_channels = 16 * draw(1, MAX_CHANNELS / 16);
        g.out_channels = 16 * draw(1, MAX_CHANNELS / 16);
    }
    return g;
}

/* With the padding of draw_geometry the output has ceil(size / stride) pixels. */
static struct shape conv_dst_shape(const struct sgeo_conv_geometry *g)
{
    return (struct shape){g->n, g->out_channels, (g->height - 1) / g->stride + 1,
                          (g->width - 1) / g->stride + 1};
}

/* One convolution on both backends with its operands. */
struct conv_case {
    struct sgeo_conv *conv[N_BACKENDS];
    struct sgeo_conv_geometry geometry;
    struct tensor src, dst;
    struct vector image; /* the source when that is the image */
    void *wei[N_BACKENDS];
};

static size_t oihw_count(const struct sgeo_conv_geometry *g)
{
    return g->out_channels * (g->in_channels / g->groups) * g->kernel * g->kernel;
}

static struct conv_case draw_conv(const struct conv_kind *kind)
{
    struct conv_case c = {.geometry = draw_geometry(kind)};
    struct sgeo_conv_geometry *g = &c.geometry;
    struct shape src = {g->n, g->in_channels, g->height, g->width}, dst = conv_dst_shape(g);
    double *oihw = draw_values(oihw_count(g));
    c.src = draw_tensor(&src);
    c.dst = draw_tensor(&dst);
    c.image = draw_vector(count_of(&src));
    for (size_t b = 0; b < N_BACKENDS; b++) {
        const struct sgeo_backend_table *ops = backends[b]->ops;
        ck_assert_int_eq(ops->conv_create(backends[b], &c.conv[b], g), SGEO_OK);
        c.wei[b] = block(ops->conv_weight_elems(c.conv[b]), ops->elem_bytes);
        ops->conv_weight_import(backends[b], c.conv[b], c.wei[b], oihw);
    }
    sgeo_free(oihw);
    return c;
}

static const void *conv_source(const struct conv_case *c, size_t b)
{
    return c->geometry.image_source ? c->image.data[b] : c->src.data[b];
}

static void drop_conv(struct conv_case *c)
{
    drop_tensor(&c->src);
    drop_tensor(&c->dst);
    drop_vector(&c->image);
    sgeo_free(c->wei[SINGLE]);
    sgeo_free(c->wei[EXACT]);
}

static const struct conv_kind *kind_of(int index)
{
    return &conv_kinds[winograd ? 0 : (size_t)index % N_CONV_KINDS];
}

START_TEST(test_conv_forward_agrees)
{
    start_case("conv_forward", _i);
    struct conv_case c = draw_conv(kind_of(_i));
    for (size_t b = 0; b < N_BACKENDS; b++) {
        backends[b]->ops->conv_forward(backends[b], c.conv[b], c.dst.data[b], conv_source(&c, b),
                                       c.wei[b]);
    }
    assert_tensor_agrees(&c.dst);
    drop_conv(&c);
}
END_TEST

START_TEST(test_conv_backward_data_agrees)
{
    start_case("conv_backward_data", _i);
    struct conv_case c = draw_conv(kind_of(_i));
    for (size_t b = 0; b < N_BACKENDS; b++) {
        backends[b]->ops->conv_backward_data(backends[b], c.conv[b], c.src.data[b], c.dst.data[b],
                                             c.wei[b]);
    }
    assert_tensor_agrees(&c.src);
    drop_conv(&c);
}
END_TEST

START_TEST(test_conv_backward_weights_agrees)
{
    start_case("conv_backward_weights", _i);
    struct conv_case c = draw_conv(kind_of(_i));
    double *gradient[N_BACKENDS];
    for (size_t b = 0; b < N_BACKENDS; b++) {
        const struct sgeo_backend_table *ops = backends[b]->ops;
        gradient[b] = block(oihw_count(&c.geometry), sizeof(double));
        ops->conv_backward_weights(backends[b], c.conv[b], c.wei[b], conv_source(&c, b),
                                   c.dst.data[b]);
        ops->conv_weight_export(backends[b], c.conv[b], gradient[b], c.wei[b]);
    }
    assert_agree(gradient[SINGLE], gradient[EXACT], oihw_count(&c.geometry));
    sgeo_free(gradient[SINGLE]);
    sgeo_free(gradient[EXACT]);
    drop_conv(&c);
}
END_TEST

/* Padding of the f32 weights must stay zero too: its squared norm is that of the logical weights.
 */
START_TEST(test_conv_weight_padding_is_zero_in_weights_and_gradient)
{
    start_case("conv_weight_padding", _i);
    struct conv_case c = draw_conv(kind_of(_i));
    for (int pass = 0; pass < 2; pass++) {
        double squares[N_BACKENDS];
        for (size_t b = 0; b < N_BACKENDS; b++) {
            size_t elems = backends[b]->ops->conv_weight_elems(c.conv[b]);
            squares[b] = backends[b]->ops->dot(backends[b], c.wei[b], c.wei[b], elems);
            backends[b]->ops->conv_backward_weights(backends[b], c.conv[b], c.wei[b],
                                                    conv_source(&c, b), c.dst.data[b]);
        }
        assert_agree(&squares[SINGLE], &squares[EXACT], 1);
    }
    drop_conv(&c);
}
END_TEST

START_TEST(test_conv_winograd_computes_every_pass)
{
    start_case("conv_winograd", _i);
    struct conv_case c = draw_conv(kind_of(_i));
    const char *names[3] = {NULL, NULL, NULL};
    backends[SINGLE]->ops->conv_implementations(c.conv[SINGLE], names);
    for (size_t d = 0; d < 3; d++) {
        ck_assert_msg(strncmp(names[d], "sgeo_winograd:", 14) == 0, "pass %zu runs %s", d,
                      names[d]);
    }
    drop_conv(&c);
}
END_TEST

/* Dense convolutions of whole lanes inside the network: every pass is in bf16, none by loops. */
START_TEST(test_conv_bf16_computes_every_pass)
{
    static const size_t kernels[] = {1, 3};
    for (size_t i = 0; i < 4; i++) {
        const struct sgeo_conv_geometry g = {.n = 4,
                                             .in_channels = 16,
                                             .out_channels = 32,
                                             .height = 8,
                                             .width = 8,
                                             .kernel = kernels[i / 2],
                                             .stride = 1 + i % 2,
                                             .pad = kernels[i / 2] / 2,
                                             .dilation = 1,
                                             .groups = 1};
        struct sgeo_conv *conv = NULL;
        const char *names[3] = {NULL, NULL, NULL};
        ck_assert_int_eq(backends[SINGLE]->ops->conv_create(backends[SINGLE], &conv, &g), SGEO_OK);
        backends[SINGLE]->ops->conv_implementations(conv, names);
        for (size_t d = 0; d < 3; d++) {
            ck_assert_msg(strstr(names[d], "bf16") != NULL && strstr(names[d], "ref") == NULL,
                          "%zux%zu, stride %zu: pass %zu runs %s", g.kernel, g.kernel, g.stride, d,
                          names[d]);
        }
    }
}
END_TEST

/* --- linear --- */

START_TEST(test_linear_agrees)
{
    start_case("linear", _i);
    size_t n = draw(1, 6), in = draw(1, 70), out = draw(1, 40);
    bool with_bias = draw(0, 1) == 1, rectified = with_bias && draw(0, 1) == 1;
    struct vector src = draw_vector(n * in), wei = draw_vector(out * in), bias = draw_vector(out);
    struct vector dst = draw_vector(n * out), dsrc = draw_vector(n * in);
    struct vector ddst = draw_vector(n * out), dwei = draw_vector(out * in),
                  dbias = draw_vector(out);
    for (size_t b = 0; b < N_BACKENDS; b++) {
        const struct sgeo_backend_table *ops = backends[b]->ops;
        struct sgeo_linear *linear;
        ck_assert_int_eq(ops->linear_create(backends[b], &linear, n, in, out, rectified), SGEO_OK);
        ops->linear_forward(backends[b], linear, dst.data[b], src.data[b], wei.data[b],
                            with_bias ? bias.data[b] : NULL);
        ops->linear_backward_data(backends[b], linear, dsrc.data[b], ddst.data[b], wei.data[b]);
        ops->linear_backward_weights(backends[b], linear, dwei.data[b],
                                     with_bias ? dbias.data[b] : NULL, src.data[b], ddst.data[b]);
    }
    struct vector *all[] = {&src, &wei, &bias, &dst, &dsrc, &ddst, &dwei, &dbias};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        assert_vector_agrees(all[i]);
        drop_vector(all[i]);
    }
}
END_TEST

/* --- elementwise --- */

/* An array of every channel's value, zero for padding channels. */
static double *draw_channels(size_t channels)
{
    double *values = draw_values(channels);
    double *padded = sgeo_grow(values, channels, sgeo_round_up(channels, 16), sizeof *values);
    ck_assert_ptr_nonnull(padded);
    return padded;
}

START_TEST(test_affine_sum_agrees)
{
    start_case("affine_sum", _i);
    struct shape shape = draw_shape();
    size_t n_terms = draw(1, SGEO_AFFINE_MAX_TERMS);
    struct tensor src[SGEO_AFFINE_MAX_TERMS], dst = draw_tensor(&shape), relu = draw_tensor(&shape);
    double *center = draw_channels(shape.channels), *scale = draw_channels(shape.channels);
    double *shift = draw_channels(shape.channels);
    bool centred = draw(0, 1) == 1, scaled = draw(0, 1) == 1, shifted = draw(0, 1) == 1;
    for (size_t t = 0; t < n_terms; t++) {
        src[t] = draw_tensor(&shape);
    }
    for (size_t b = 0; b < N_BACKENDS; b++) {
        struct sgeo_term terms[SGEO_AFFINE_MAX_TERMS];
        for (size_t t = 0; t < n_terms; t++) {
            terms[t] =
                (struct sgeo_term){src[t].data[b], centred ? center : NULL, scaled ? scale : NULL};
        }
        backends[b]->ops->maps.affine_sum(backends[b], dst.data[b], relu.data[b], terms, n_terms,
                                          shifted ? shift : NULL, &dst.layout[b]);
    }
    assert_tensor_agrees(&dst);
    assert_tensor_agrees(&relu);
    for (size_t t = 0; t < n_terms; t++) {
        drop_tensor(&src[t]);
    }
    drop_tensor(&dst);
    drop_tensor(&relu);
    sgeo_free(center);
    sgeo_free(scale);
    sgeo_free(shift);
}
END_TEST

START_TEST(test_gated_sum_agrees)
{
    start_case("gated_sum", _i);
    size_t n_gated = draw(0, 4), n_plain = draw(n_gated == 0, 4);
    struct shape shape = draw_shape();
    struct tensor gate = draw_tensor(&shape), dst = draw_tensor(&shape), src[8];
    for (size_t t = 0; t < n_gated + n_plain; t++) {
        src[t] = draw_tensor(&shape);
    }
    for (size_t b = 0; b < N_BACKENDS; b++) {
        const void *sources[8] = {NULL};
        for (size_t t = 0; t < n_gated + n_plain; t++) {
            sources[t] = src[t].data[b];
        }
        backends[b]->ops->maps.gated_sum(backends[b], dst.data[b], gate.data[b], sources, n_gated,
                                         sources + n_gated, n_plain,
                                         sgeo_layout_elems(&dst.layout[b]));
    }
    assert_tensor_agrees(&dst);
    for (size_t t = 0; t < n_gated + n_plain; t++) {
        drop_tensor(&src[t]);
    }
    drop_tensor(&gate);
    drop_tensor(&dst);
}
END_TEST

START_TEST(test_channel_sums_agree)
{
    start_case("channel_sums", _i);
    struct shape shape = draw_shape();
    struct tensor d = draw_tensor(&shape), x = draw_tensor(&shape);
    double *center = draw_channels(shape.channels), *results[N_BACKENDS][4];
    for (size_t b = 0; b < N_BACKENDS; b++) {
        for (size_t r = 0; r < 4; r++) {
            results[b][r] = draw_channels(shape.channels);
        }
        backends[b]->ops->channel_moments(backends[b], results[b][0], results[b][1], x.data[b],
                                          &x.layout[b]);
        backends[b]->ops->channel_dots(backends[b], results[b][2], results[b][3], d.data[b],
                                       x.data[b], center, &x.layout[b]);
    }
    for (size_t r = 0; r < 4; r++) {
        assert_agree(results[SINGLE][r], results[EXACT][r], shape.channels);
        sgeo_free(results[SINGLE][r]);
        sgeo_free(results[EXACT][r]);
    }
    sgeo_free(center);
    drop_tensor(&d);
    drop_tensor(&x);
}
END_TEST

/* --- pools --- */

static struct sgeo_pool_window draw_window(void)
{
    size_t kernel = draw(1, 4);
    return (struct sgeo_pool_window){kernel, draw(1, 3), draw(0, kernel - 1)};
}

static struct shape pooled(const struct shape *src, const struct sgeo_pool_window *window)
{
    return (struct shape){src->n, src->channels,
                          (src->height + 2 * window->pad - window->kernel) / window->stride + 1,
                          (src->width + 2 * window->pad - window->kernel) / window->stride + 1};
}

START_TEST(test_avgpool_agrees)
{
    start_case("avgpool", _i);
    struct sgeo_pool_window window = draw_window();
    struct shape in = draw_shape(), out = pooled(&in, &window);
    struct tensor src = draw_tensor(&in), dst = draw_tensor(&out), dsrc = draw_tensor(&in);
    struct tensor ddst = draw_tensor(&out);
    for (size_t b = 0; b < N_BACKENDS; b++) {
        backends[b]->ops->avgpool(backends[b], dst.data[b], src.data[b], &window, &src.layout[b],
                                  &dst.layout[b]);
        backends[b]->ops->avgpool_grad(backends[b], dsrc.data[b], ddst.data[b], &window,
                                       &src.layout[b], &dst.layout[b]);
    }
    struct tensor *all[] = {&src, &dst, &dsrc, &ddst};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        assert_tensor_agrees(all[i]);
        drop_tensor(all[i]);
    }
}
END_TEST

START_TEST(test_maxpool_agrees)
{
    start_case("maxpool", _i);
    struct sgeo_pool_window window = draw_window();
    struct shape in = draw_shape(), out = pooled(&in, &window);
    struct tensor src = draw_tensor(&in), dst = draw_tensor(&out), dsrc = draw_tensor(&in);
    struct tensor ddst = draw_tensor(&out);
    for (size_t b = 0; b < N_BACKENDS; b++) {
        const struct sgeo_backend_table *ops = backends[b]->ops;
        uint8_t *where = block(sgeo_layout_elems(&dst.layout[b]), 1);
        ops->maxpool(backends[b], dst.data[b], where, src.data[b], &window, &src.layout[b],
                     &dst.layout[b]);
        ops->maxpool_grad(backends[b], dsrc.data[b], ddst.data[b], where, &window, &src.layout[b],
                          &dst.layout[b]);
        sgeo_free(where);
    }
    struct tensor *all[] = {&src, &dst, &dsrc, &ddst};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        assert_tensor_agrees(all[i]);
        drop_tensor(all[i]);
    }
}
END_TEST

/* --- whole channels --- */

START_TEST(test_global_mean_agrees)
{
    start_case("global_mean", _i);
    struct shape shape = draw_shape();
    struct tensor src = draw_tensor(&shape), dsrc = draw_tensor(&shape);
    struct vector mean = draw_vector(shape.n * shape.channels);
    struct vector dmean = draw_vector(shape.n * shape.channels);
    for (size_t b = 0; b < N_BACKENDS; b++) {
        backends[b]->ops->global_mean(backends[b], mean.data[b], src.data[b], shape.channels,
                                      &src.layout[b]);
        backends[b]->ops->global_mean_grad(backends[b], dsrc.data[b], dmean.data[b], shape.channels,
                                           &src.layout[b]);
    }
    assert_vector_agrees(&mean);
    assert_tensor_agrees(&dsrc);
    drop_tensor(&src);
    drop_tensor(&dsrc);
    drop_vector(&mean);
    drop_vector(&dmean);
}
END_TEST

/* Zeros, a part of one source and all of another; then all three apart again. */
START_TEST(test_concat_and_split_agree)
{
    start_case("concat", _i);
    struct shape from = draw_shape(), other = from, to = from;
    other.channels = draw(1, MAX_CHANNELS);
    size_t zeros = draw(0, MAX_CHANNELS), first = draw(0, from.channels - 1);
    size_t count = draw(1, from.channels - first);
    to.channels = zeros + count + other.channels + draw(0, MAX_CHANNELS);
    struct tensor a = draw_tensor(&from), b = draw_tensor(&other), joined = draw_tensor(&to);
    struct shape cut_shape = from;
    cut_shape.channels = count;
    struct tensor a_back = draw_tensor(&cut_shape), b_back = draw_tensor(&other);
    for (size_t i = 0; i < N_BACKENDS; i++) {
        const struct sgeo_channel_source sources[] = {{NULL, NULL, 0, zeros},
                                                      {a.data[i], &a.layout[i], first, count},
                                                      {b.data[i], &b.layout[i], 0, other.channels}};
        const struct sgeo_channel_target targets[] = {
            {NULL, NULL, zeros},
            {a_back.data[i], &a_back.layout[i], count},
            {b_back.data[i], &b_back.layout[i], other.channels}};
        backends[i]->ops->maps.concat(backends[i], joined.data[i], sources, 3, &joined.layout[i]);
        backends[i]->ops->maps.split(backends[i], targets, 3, joined.data[i], &joined.layout[i]);
    }
    struct tensor *results[] = {&joined, &a_back, &b_back};
    for (size_t t = 0; t < sizeof results / sizeof results[0]; t++) {
        assert_tensor_agrees(results[t]);
        drop_tensor(results[t]);
    }
    drop_tensor(&a);
    drop_tensor(&b);
}
END_TEST

/* --- flat vectors --- */

START_TEST(test_grad_moments_agree)
{
    start_case("grad_moments", _i);
    size_t n = draw(1, 300), k = draw(2, SGEO_MOMENTS_MAX_BATCHES), n_zero = draw(0, n - 1);
    struct vector g[SGEO_MOMENTS_MAX_BATCHES], theta = draw_vector(n);
    double *values = draw_values(n), results[N_BACKENDS][2];
    size_t zero_std[N_BACKENDS];
    for (size_t i = 0; i < k; i++) {
        for (size_t c = n_zero; c < n; c++) {
            values[c] = draw_value(); /* the first n_zero coordinates are the same in every batch */
        }
        g[i] = vector_of(values, n);
    }
    for (size_t b = 0; b < N_BACKENDS; b++) {
        const void *gradients[SGEO_MOMENTS_MAX_BATCHES];
        for (size_t i = 0; i < k; i++) {
            gradients[i] = g[i].data[b];
        }
        struct sgeo_moments moments;
        backends[b]->ops->grad_moments(backends[b], &moments, gradients, k, theta.data[b], n);
        results[b][0] = moments.ratio_sum;
        results[b][1] = moments.theta_dot;
        zero_std[b] = moments.zero_std;
    }
    assert_agree(results[SINGLE], results[EXACT], 2);
    ck_assert_uint_eq(zero_std[SINGLE], n_zero);
    ck_assert_uint_eq(zero_std[EXACT], n_zero);
    for (size_t i = 0; i < k; i++) {
        drop_vector(&g[i]);
    }
    drop_vector(&theta);
    sgeo_free(values);
}
END_TEST

START_TEST(test_sgd_steps_agree)
{
    start_case("sgd_step", _i);
    size_t n = draw(1, 200);
    struct sgeo_sgd sgd = {.lr = 0.5f,
                           .momentum = 0.9f,
                           .weight_decay = draw(0, 1) == 1 ? 5e-4f : 0.0f,
                           .nesterov = (int)draw(0, 1)};
    bool heavy = draw(0, 1) == 1;
    struct vector theta = draw_vector(n), velocity = draw_vector(n), grad = draw_vector(n);
    for (size_t b = 0; b < N_BACKENDS; b++) {
        for (int step = 0; step < 3; step++) {
            backends[b]->ops->sgd_step(backends[b], theta.data[b], heavy ? velocity.data[b] : NULL,
                                       grad.data[b], &sgd, n);
        }
    }
    assert_vector_agrees(&theta);
    assert_vector_agrees(&velocity);
    drop_vector(&theta);
    drop_vector(&velocity);
    drop_vector(&grad);
}
END_TEST

START_TEST(test_adagrad_steps_agree)
{
    start_case("adagrad_step", _i);
    size_t n = draw(1, 200);
    double *nothing = block(n, sizeof *nothing);
    struct vector theta = draw_vector(n), squares = vector_of(nothing, n), grad = draw_vector(n);
    for (size_t b = 0; b < N_BACKENDS; b++) {
        for (int step = 0; step < 3; step++) {
            backends[b]->ops->adagrad_step(backends[b], theta.data[b], squares.data[b],
                                           grad.data[b], 0.125, 1e-2, n);
        }
    }
    assert_vector_agrees(&theta);
    assert_vector_agrees(&squares);
    drop_vector(&theta);
    drop_vector(&squares);
    drop_vector(&grad);
    sgeo_free(nothing);
}
END_TEST

START_TEST(test_dot_agrees)
{
    start_case("dot", _i);
    size_t n = draw(1, 300);
    struct vector a = draw_vector(n), b = draw_vector(n);
    double dots[N_BACKENDS];
    for (size_t i = 0; i < N_BACKENDS; i++) {
        dots[i] = backends[i]->ops->dot(backends[i], a.data[i], b.data[i], n);
    }
    assert_agree(&dots[SINGLE], &dots[EXACT], 1);
    drop_vector(&a);
    drop_vector(&b);
}
END_TEST

static TCase *winograd_case(const char *name, SFun fixture)
{
    TCase *tests = tcase_create(name);
    tcase_add_checked_fixture(tests, fixture, destroy_backends);
    tcase_set_timeout(tests, 60); /* for busy machines */
    tcase_add_loop_test(tests, test_conv_winograd_computes_every_pass, 0, 1);
    tcase_add_loop_test(tests, test_conv_forward_agrees, 0, N_CASES);
    tcase_add_loop_test(tests, test_conv_backward_data_agrees, 0, N_CASES);
    tcase_add_loop_test(tests, test_conv_backward_weights_agrees, 0, N_CASES);
    tcase_add_loop_test(tests, test_conv_weight_padding_is_zero_in_weights_and_gradient, 0, 2);
    return tests;
}

/* Whether this machine has the executor; where it has not, creation says why. */
static bool has_bf16(void)
{
    struct sgeo_backend *backend = NULL;
    enum sgeo_status status =
        sgeo_backend_create(&backend, (struct sgeo_executor){.precision = SGEO_BF16});
    sgeo_backend_destroy(backend);
    if (status != SGEO_OK) {
        fprintf(stderr, "bf16 skipped: %s\n", sgeo_error_text());
    }
    return status == SGEO_OK;
}

/* What works on activations, in one layout. */
static TCase *layout_case(const char *name, SFun fixture)
{
    TCase *tests = tcase_create(name);
    tcase_add_checked_fixture(tests, fixture, destroy_backends);
    tcase_set_timeout(tests, 60); /* for busy machines */
    tcase_add_loop_test(tests, test_conv_forward_agrees, 0, 2 * N_CONV_KINDS);
    tcase_add_loop_test(tests, test_conv_backward_data_agrees, 0, N_INNER_KINDS);
    tcase_add_loop_test(tests, test_conv_backward_weights_agrees, 0, 2 * N_CONV_KINDS);
    tcase_add_loop_test(tests, test_conv_weight_padding_is_zero_in_weights_and_gradient, 0,
                        N_CONV_KINDS);
    tcase_add_loop_test(tests, test_affine_sum_agrees, 0, N_CASES);
    tcase_add_loop_test(tests, test_gated_sum_agrees, 0, N_CASES);
    tcase_add_loop_test(tests, test_channel_sums_agree, 0, N_CASES);
    tcase_add_loop_test(tests, test_avgpool_agrees, 0, N_CASES);
    tcase_add_loop_test(tests, test_maxpool_agrees, 0, N_CASES);
    tcase_add_loop_test(tests, test_global_mean_agrees, 0, N_CASES);
    tcase_add_loop_test(tests, test_concat_and_split_agree, 0, N_CASES);
    return tests;
}

static TCase *bf16_case(const char *name, SFun fixture)
{
    TCase *tests = layout_case(name, fixture);
    tcase_add_test(tests, test_conv_bf16_computes_every_pass);
    return tests;
}

/* What works on vectors of any meaning. */
static TCase *vector_case(void)
{
    TCase *tests = tcase_create("vectors");
    tcase_add_checked_fixture(tests, create_blocked, destroy_backends);
    tcase_set_timeout(tests, 60); /* for busy machines */
    tcase_add_loop_test(tests, test_linear_agrees, 0, N_CASES);
    tcase_add_loop_test(tests, test_grad_moments_agree, 0, N_CASES);
    tcase_add_loop_test(tests, test_sgd_steps_agree, 0, N_CASES);
    tcase_add_loop_test(tests, test_adagrad_steps_agree, 0, N_CASES);
    tcase_add_loop_test(tests, test_dot_agrees, 0, N_CASES);
    return tests;
}

int main(void)
{
    Suite *suite = suite_create("agreement");
    suite_add_tcase(suite, layout_case("blocked", create_blocked));
    suite_add_tcase(suite, layout_case("nhwc", create_nhwc));
    suite_add_tcase(suite, winograd_case("winograd blocked", create_winograd_blocked));
    suite_add_tcase(suite, winograd_case("winograd nhwc", create_winograd_nhwc));
    suite_add_tcase(suite, vector_case());
    if (has_bf16()) {
        suite_add_tcase(suite, bf16_case("bf16 blocked", create_bf16_blocked));
        suite_add_tcase(suite, bf16_case("bf16 nhwc", create_bf16_nhwc));
    }
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
