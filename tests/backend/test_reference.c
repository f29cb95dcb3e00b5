/*
 * The double executor against its definitions: direct sums, central differences, adjointness,
 * long double, and the contracts of kernels/kernel.h.
 */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "backend/reference.h"
#include "base/memory.h"
#include "base/rng.h"

static struct sgeo_backend *backend;
static const struct sgeo_backend_table *ops;

static void create_backend(void)
{
    ck_assert_int_eq(sgeo_reference_create(&backend), SGEO_OK);
    ops = backend->ops;
}

static void destroy_backend(void)
{
    ops->destroy(backend);
}

static double *zeros(size_t n)
{
    double *values = sgeo_calloc(n, sizeof *values);
    ck_assert_ptr_nonnull(values);
    return values;
}

/* n values in [-1, 1), the same at every call with the same name. */
static double *random_values(const char *name, size_t n)
{
    struct sgeo_rng rng = sgeo_rng_stream(1, name, 0);
    double *values = zeros(n);
    for (size_t i = 0; i < n; i++) {
        values[i] = 2.0 * sgeo_rng_uniform(&rng) - 1.0;
    }
    return values;
}

static double inner(const double *a, const double *b, size_t n)
{
    long double sum = 0.0L;
    for (size_t i = 0; i < n; i++) {
        sum += (long double)a[i] * (long double)b[i];
    }
    return (double)sum;
}

static void assert_close(double got, double expected, double tolerance)
{
    double error = fabs(got - expected), bound = tolerance * fmax(1.0, fabs(expected));
    ck_assert_msg(error <= bound, "got %.17g, expected %.17g, error %g over %g", got, expected,
                  error, bound);
}

/* --- maps: an operation in one of its arguments, with its transpose --- */

struct map {
    void (*apply)(const void *context, double *dst, const double *src);
    void (*transpose)(const void *context, double *dsrc, const double *ddst);
    const void *context;
    size_t n_src, n_dst;
};

/* <y, A x> = <A^T y, x>, and the transpose overwrites what was there. */
static void assert_adjoint(const struct map *map)
{
    double *x = random_values("x", map->n_src), *y = random_values("y", map->n_dst);
    double *image = random_values("stale", map->n_dst),
           *gradient = random_values("stale", map->n_src);
    map->apply(map->context, image, x);
    map->transpose(map->context, gradient, y);
    assert_close(inner(gradient, x, map->n_src), inner(y, image, map->n_dst), 1e-12);
    sgeo_free(x);
    sgeo_free(y);
    sgeo_free(image);
    sgeo_free(gradient);
}

/* <y, f(x)> after x[i] moved to `value` */
static double probe(const struct map *map, double *x, size_t i, double value, const double *y,
                    double *image)
{
    double kept = x[i];
    x[i] = value;
    map->apply(map->context, image, x);
    x[i] = kept;
    return inner(y, image, map->n_dst);
}

/* Every component of the gradient of <y, f(x)> against (f(x+h) - f(x-h)) / 2h. */
static void assert_gradient(const struct map *map, double *x)
{
    const double h = 0x1p-10; /* exact differences; the maps here are linear within it */
    double *y = random_values("y", map->n_dst);
    double *image = zeros(map->n_dst), *gradient = random_values("stale", map->n_src);
    map->apply(map->context, image, x);
    map->transpose(map->context, gradient, y);
    for (size_t i = 0; i < map->n_src; i++) {
        double up = probe(map, x, i, x[i] + h, y, image),
               down = probe(map, x, i, x[i] - h, y, image);
        assert_close(gradient[i], (up - down) / (2.0 * h), 1e-10);
    }
    sgeo_free(y);
    sgeo_free(image);
    sgeo_free(gradient);
}

static void assert_transposed(const struct map *map)
{
    double *x = random_values("point", map->n_src);
    assert_adjoint(map);
    assert_gradient(map, x);
    sgeo_free(x);
}

/* --- convolution --- */

/* n, in, out, height, width, kernel, stride, pad, dilation, groups, image_source */
static const struct sgeo_conv_geometry conv_cases[] = {
    {2, 3, 4, 5, 6, 3, 1, 1, 1, 1, false}, /* 3x3 */
    {2, 3, 4, 5, 6, 1, 1, 0, 1, 1, false}, /* 1x1 */
    {2, 3, 4, 5, 6, 1, 2, 0, 1, 1, false}, /* 1x1, stride 2 */
    {2, 3, 2, 7, 6, 3, 2, 1, 1, 1, false}, /* 3x3, stride 2 */
    {1, 2, 3, 7, 8, 3, 1, 2, 2, 1, false}, /* dilation 2 */
    {2, 4, 6, 5, 4, 3, 1, 1, 1, 2, false}, /* two groups */
    {2, 4, 4, 6, 5, 5, 2, 4, 2, 4, false}, /* depthwise, 5x5, stride 2, dilation 2 */
    {2, 4, 6, 5, 4, 1, 1, 0, 1, 2, false}, /* 1x1, two groups */
    {2, 2, 3, 4, 4, 1, 1, 1, 1, 1, false}, /* 1x1 with padding: not its own columns */
    {1, 2, 2, 4, 5, 2, 2, 0, 1, 1, true},  /* 2x2 on the image */
};
#define N_CONV_CASES (sizeof conv_cases / sizeof conv_cases[0])

struct conv_context {
    struct sgeo_conv *conv;
    const double *fixed; /* the argument that is not mapped */
    size_t n_src, n_wei, n_dst;
};

static size_t out_size(const struct sgeo_conv_geometry *g, size_t size)
{
    return (size + 2 * g->pad - g->dilation * (g->kernel - 1) - 1) / g->stride + 1;
}

static struct conv_context conv_context(const struct sgeo_conv_geometry *g)
{
    struct conv_context context = {0};
    ck_assert_int_eq(ops->conv_create(backend, &context.conv, g), SGEO_OK);
    context.n_src = g->n * g->in_channels * g->height * g->width;
    context.n_wei = ops->conv_weight_elems(context.conv);
    context.n_dst = g->n * g->out_channels * out_size(g, g->height) * out_size(g, g->width);
    return context;
}

/* Sum over the filter for output (n, o, y, x), straight from the definition. */
static double direct_pixel(const struct sgeo_conv_geometry *g, const double *src, const double *wei,
                           size_t n, size_t o, size_t y, size_t x)
{
    size_t in = g->in_channels / g->groups, group = o / (g->out_channels / g->groups);
    double sum = 0.0;
    for (size_t tap = 0; tap < in * g->kernel * g->kernel; tap++) {
        size_t c = tap / (g->kernel * g->kernel), ky = tap / g->kernel % g->kernel,
               kx = tap % g->kernel;
        long row = (long)(y * g->stride + ky * g->dilation) - (long)g->pad;
        long col = (long)(x * g->stride + kx * g->dilation) - (long)g->pad;
        if (row >= 0 && row < (long)g->height && col >= 0 && col < (long)g->width) {
            size_t plane = n * g->in_channels + group * in + c;
            sum += wei[o * in * g->kernel * g->kernel + tap] *
                   src[(plane * g->height + (size_t)row) * g->width + (size_t)col];
        }
    }
    return sum;
}

START_TEST(test_conv_forward_equals_the_direct_sum)
{
    const struct sgeo_conv_geometry *g = &conv_cases[_i];
    struct conv_context context = conv_context(g);
    double *src = random_values("src", context.n_src), *wei = random_values("wei", context.n_wei);
    double *dst = random_values("stale", context.n_dst);
    ops->conv_forward(backend, context.conv, dst, src, wei);
    size_t height = out_size(g, g->height), width = out_size(g, g->width);
    for (size_t i = 0; i < context.n_dst; i++) {
        size_t plane = i / (height * width), n = plane / g->out_channels,
               o = plane % g->out_channels;
        assert_close(dst[i], direct_pixel(g, src, wei, n, o, i / width % height, i % width), 1e-13);
    }
    sgeo_free(src);
    sgeo_free(wei);
    sgeo_free(dst);
}
END_TEST

static void conv_of_src(const void *context, double *dst, const double *src)
{
    const struct conv_context *c = context;
    ops->conv_forward(backend, c->conv, dst, src, c->fixed);
}

static void conv_of_src_transposed(const void *context, double *dsrc, const double *ddst)
{
    const struct conv_context *c = context;
    ops->conv_backward_data(backend, c->conv, dsrc, ddst, c->fixed);
}

static void conv_of_wei(const void *context, double *dst, const double *wei)
{
    const struct conv_context *c = context;
    ops->conv_forward(backend, c->conv, dst, c->fixed, wei);
}

static void conv_of_wei_transposed(const void *context, double *dwei, const double *ddst)
{
    const struct conv_context *c = context;
    ops->conv_backward_weights(backend, c->conv, dwei, c->fixed, ddst);
}

START_TEST(test_conv_backward_data_is_the_gradient)
{
    struct conv_context context = conv_context(&conv_cases[_i]);
    double *wei = random_values("wei", context.n_wei);
    context.fixed = wei;
    struct map map = {conv_of_src, conv_of_src_transposed, &context, context.n_src, context.n_dst};
    assert_transposed(&map);
    sgeo_free(wei);
}
END_TEST

START_TEST(test_conv_backward_weights_is_the_gradient)
{
    struct conv_context context = conv_context(&conv_cases[_i]);
    double *src = random_values("src", context.n_src);
    context.fixed = src;
    struct map map = {conv_of_wei, conv_of_wei_transposed, &context, context.n_wei, context.n_dst};
    assert_transposed(&map);
    sgeo_free(src);
}
END_TEST

START_TEST(test_conv_weights_are_oihw_without_padding)
{
    const struct sgeo_conv_geometry *g = &conv_cases[_i];
    struct conv_context context = conv_context(g);
    ck_assert_uint_eq(context.n_wei,
                      g->out_channels * (g->in_channels / g->groups) * g->kernel * g->kernel);
    double *oihw = random_values("wei", context.n_wei), *wei = zeros(context.n_wei),
           *back = zeros(context.n_wei);
    ops->conv_weight_import(backend, context.conv, wei, oihw);
    ops->conv_weight_export(backend, context.conv, back, wei);
    ck_assert_mem_eq(wei, oihw, context.n_wei * sizeof *wei);
    ck_assert_mem_eq(back, oihw, context.n_wei * sizeof *back);
    sgeo_free(oihw);
    sgeo_free(wei);
    sgeo_free(back);
}
END_TEST

START_TEST(test_conv_of_one_geometry_is_created_once)
{
    const struct sgeo_conv_geometry geometries[] = {
        {2, 4, 4, 8, 8, 3, 1, 1, 1, 1, false}, /* the others differ from this one in one field each
                                                */
        {3, 4, 4, 8, 8, 3, 1, 1, 1, 1, false}, {2, 5, 4, 8, 8, 3, 1, 1, 1, 1, false},
        {2, 4, 5, 8, 8, 3, 1, 1, 1, 1, false}, {2, 4, 4, 9, 8, 3, 1, 1, 1, 1, false},
        {2, 4, 4, 8, 9, 3, 1, 1, 1, 1, false}, {2, 4, 4, 8, 8, 4, 1, 1, 1, 1, false},
        {2, 4, 4, 8, 8, 3, 2, 1, 1, 1, false}, {2, 4, 4, 8, 8, 3, 1, 2, 1, 1, false},
        {2, 4, 4, 8, 8, 3, 1, 1, 2, 1, false}, {2, 4, 4, 8, 8, 3, 1, 1, 1, 2, false},
        {2, 4, 4, 8, 8, 3, 1, 1, 1, 1, true},
    };
    struct sgeo_conv *first, *again, *other;
    ck_assert_int_eq(ops->conv_create(backend, &first, &geometries[0]), SGEO_OK);
    for (size_t i = 1; i < sizeof geometries / sizeof geometries[0]; i++) {
        ck_assert_int_eq(ops->conv_create(backend, &other, &geometries[i]), SGEO_OK);
        ck_assert_int_eq(ops->conv_create(backend, &again, &geometries[0]), SGEO_OK);
        ck_assert_ptr_ne(other, first);
        ck_assert_ptr_eq(again, first);
    }
}
END_TEST

START_TEST(test_conv_names_its_three_implementations)
{
    const char *names[3];
    struct conv_context dense = conv_context(&conv_cases[0]),
                        pointwise = conv_context(&conv_cases[1]);
    ops->conv_implementations(dense.conv, names);
    ck_assert_str_eq(names[0], "im2col+dgemm");
    ck_assert_str_eq(names[1], "dgemm+col2im");
    ck_assert_str_eq(names[2], "im2col+dgemm");
    ops->conv_implementations(pointwise.conv, names);
    for (size_t i = 0; i < 3; i++) {
        ck_assert_str_eq(names[i], "dgemm");
    }
}
END_TEST

static void assert_refused(struct sgeo_conv_geometry geometry, enum sgeo_status status)
{
    struct sgeo_conv *untouched = NULL;
    ck_assert_int_eq(ops->conv_create(backend, &untouched, &geometry), status);
    ck_assert_ptr_null(untouched);
    ck_assert_ptr_nonnull(strstr(sgeo_error_text(), "convolution"));
}

START_TEST(test_conv_refuses_geometries_without_meaning)
{
    struct sgeo_conv_geometry uneven = conv_cases[5], large = conv_cases[0], empty = conv_cases[0];
    uneven.groups = 4; /* 6 outputs */
    large.kernel = 9;
    empty.in_channels = 0;
    assert_refused(uneven, SGEO_USAGE);
    assert_refused(large, SGEO_USAGE);
    assert_refused(empty, SGEO_USAGE);
    struct sgeo_conv_geometry wide = {1, 1, (size_t)1 << 31, 1, 1, 1, 1, 0, 1, 1, false};
    assert_refused(wide, SGEO_UNSUPPORTED);
}
END_TEST

START_TEST(test_conv_of_no_images_has_zero_weight_gradient)
{
    struct sgeo_conv_geometry geometry = conv_cases[0];
    geometry.n = 0;
    struct conv_context context = conv_context(&geometry);
    double *dwei = random_values("stale", context.n_wei), *none = zeros(context.n_wei),
           unread = 0.0;
    ops->conv_forward(backend, context.conv, &unread, &unread, dwei);
    ops->conv_backward_data(backend, context.conv, &unread, &unread, dwei);
    ops->conv_backward_weights(backend, context.conv, dwei, &unread, &unread);
    ck_assert_mem_eq(dwei, none, context.n_wei * sizeof *dwei);
    sgeo_free(dwei);
    sgeo_free(none);
}
END_TEST

/* --- linear --- */

enum { ROWS = 3, IN = 5, OUT = 4 };

struct linear_context {
    struct sgeo_linear *linear;
    const double *src, *wei;
};

static struct linear_context linear_context(const double *src, const double *wei)
{
    struct linear_context context = {NULL, src, wei};
    ck_assert_int_eq(ops->linear_create(backend, &context.linear, ROWS, IN, OUT, false), SGEO_OK);
    return context;
}

START_TEST(test_linear_forward_adds_the_bias_when_there_is_one)
{
    double *src = random_values("src", ROWS * IN), *wei = random_values("wei", OUT * IN);
    double *bias = random_values("bias", OUT), *with = zeros(ROWS * OUT),
           *without = random_values("stale", ROWS * OUT);
    struct linear_context context = linear_context(src, wei);
    ops->linear_forward(backend, context.linear, with, src, wei, bias);
    ops->linear_forward(backend, context.linear, without, src, wei, NULL);
    for (size_t i = 0; i < ROWS * OUT; i++) {
        double product = inner(src + i / OUT * IN, wei + i % OUT * IN, IN);
        assert_close(without[i], product, 1e-14);
        assert_close(with[i], product + bias[i % OUT], 1e-14);
    }
    sgeo_free(src);
    sgeo_free(wei);
    sgeo_free(bias);
    sgeo_free(with);
    sgeo_free(without);
}
END_TEST

static void linear_of_src(const void *context, double *dst, const double *src)
{
    const struct linear_context *c = context;
    ops->linear_forward(backend, c->linear, dst, src, c->wei, NULL);
}

static void linear_of_src_transposed(const void *context, double *dsrc, const double *ddst)
{
    const struct linear_context *c = context;
    ops->linear_backward_data(backend, c->linear, dsrc, ddst, c->wei);
}

/* parameters: wei (OUT,IN), then bias (OUT) */
static void linear_of_parameters(const void *context, double *dst, const double *parameters)
{
    const struct linear_context *c = context;
    ops->linear_forward(backend, c->linear, dst, c->src, parameters, parameters + OUT * IN);
}

static void linear_of_parameters_transposed(const void *context, double *dparameters,
                                            const double *ddst)
{
    const struct linear_context *c = context;
    ops->linear_backward_weights(backend, c->linear, dparameters, dparameters + OUT * IN, c->src,
                                 ddst);
}

START_TEST(test_linear_backward_is_the_gradient)
{
    double *src = random_values("src", ROWS * IN), *wei = random_values("wei", OUT * IN);
    struct linear_context context = linear_context(src, wei);
    struct map of_src = {linear_of_src, linear_of_src_transposed, &context, ROWS * IN, ROWS * OUT};
    struct map of_parameters = {linear_of_parameters, linear_of_parameters_transposed, &context,
                                OUT * IN + OUT, ROWS * OUT};
    assert_transposed(&of_src);
    assert_transposed(&of_parameters);
    sgeo_free(src);
    sgeo_free(wei);
}
END_TEST

START_TEST(test_linear_of_one_size_is_created_once)
{
    struct sgeo_linear *other;
    struct linear_context first = linear_context(NULL, NULL), second = linear_context(NULL, NULL);
    ck_assert_int_eq(ops->linear_create(backend, &other, ROWS + 1, IN, OUT, false), SGEO_OK);
    ck_assert_ptr_eq(first.linear, second.linear);
    ck_assert_ptr_ne(first.linear, other);
    ck_assert_int_eq(ops->linear_create(backend, &other, ROWS, 0, OUT, false), SGEO_USAGE);
    ck_assert_int_eq(ops->linear_create(backend, &other, ROWS, (size_t)1 << 31, OUT, false),
                     SGEO_UNSUPPORTED);
}
END_TEST

START_TEST(test_linear_of_no_rows_has_zero_gradient)
{
    struct sgeo_linear *linear;
    double *dwei = random_values("stale", OUT * IN), *dbias = random_values("stale", OUT),
           unread = 0.0;
    ck_assert_int_eq(ops->linear_create(backend, &linear, 0, IN, OUT, false), SGEO_OK);
    ops->linear_forward(backend, linear, &unread, &unread, dwei, dbias);
    ops->linear_backward_data(backend, linear, &unread, &unread, dwei);
    ops->linear_backward_weights(backend, linear, dwei, dbias, &unread, &unread);
    for (size_t i = 0; i < OUT * IN; i++) {
        ck_assert_double_eq(dwei[i], 0.0);
    }
    for (size_t i = 0; i < OUT; i++) {
        ck_assert_double_eq(dbias[i], 0.0);
    }
    sgeo_free(dwei);
    sgeo_free(dbias);
}
END_TEST

/* --- layouts: what the loops have to honour --- */

enum layout_kind { PLANAR, BLOCKED, CHANNELS_LAST, HALVED_LAST, N_LAYOUT_KINDS };

static struct sgeo_layout layout_of(int kind, size_t n, size_t channels, size_t height,
                                    size_t width)
{
    size_t pixels = height * width, groups = (channels + 7) / 8;
    switch (kind) {
    case BLOCKED:
        return (struct sgeo_layout){n,          groups, 8, height, width, groups * 8 * pixels,
                                    8 * pixels, 8};
    case CHANNELS_LAST:
        return (struct sgeo_layout){n,        1,       channels, height, width, channels * pixels,
                                    channels, channels};
    case HALVED_LAST: /* channels-last in two groups */
        return (struct sgeo_layout){
            n, 2, channels / 2, height, width, channels * pixels, channels / 2, channels};
    default:
        return ops->layout(backend, n, channels, height, width);
    }
}

static size_t at(const struct sgeo_layout *layout, size_t n, size_t c, size_t p)
{
    return n * layout->image + c / layout->lanes * layout->group + p * layout->pitch +
           c % layout->lanes;
}

enum { IMAGES = 2, CHANNELS = 6, HEIGHT = 5, WIDTH = 4 };

START_TEST(test_own_layout_is_planar_without_padding)
{
    struct sgeo_layout layout = ops->layout(backend, IMAGES, CHANNELS, HEIGHT, WIDTH);
    ck_assert_uint_eq(sgeo_layout_elems(&layout), IMAGES * CHANNELS * HEIGHT * WIDTH);
    ck_assert_uint_eq(at(&layout, 1, 2, 3), (1 * CHANNELS + 2) * HEIGHT * WIDTH + 3);
    ck_assert_uint_eq(layout.groups * layout.lanes, CHANNELS);
    ck_assert_uint_eq(ops->elem_bytes, sizeof(double));
    ck_assert_int_eq(ops->precision, SGEO_F64);
    ck_assert_str_eq(ops->name, "reference-f64");
}
END_TEST

START_TEST(test_import_places_elements_and_clears_padding)
{
    struct sgeo_layout layout = layout_of(_i, IMAGES, CHANNELS, HEIGHT, WIDTH);
    size_t pixels = HEIGHT * WIDTH, channels = layout.groups * layout.lanes;
    double *planar = random_values("planar", IMAGES * CHANNELS * pixels),
           *back = zeros(IMAGES * CHANNELS * pixels);
    double *inside = random_values("stale", sgeo_layout_elems(&layout));
    ops->activation_import(backend, inside, planar, CHANNELS, &layout);
    for (size_t n = 0; n < IMAGES; n++) {
        for (size_t c = 0; c < channels; c++) {
            for (size_t p = 0; p < pixels; p++) {
                double expected = c < CHANNELS ? planar[(n * CHANNELS + c) * pixels + p] : 0.0;
                ck_assert_double_eq(inside[at(&layout, n, c, p)], expected);
            }
        }
    }
    ops->activation_export(backend, back, inside, CHANNELS, &layout);
    ck_assert_mem_eq(back, planar, IMAGES * CHANNELS * pixels * sizeof *back);
    sgeo_free(planar);
    sgeo_free(back);
    sgeo_free(inside);
}
END_TEST

/* --- pools --- */

static const struct sgeo_pool_window windows[] = {{3, 1, 1}, {3, 2, 1}, {2, 2, 0},
                                                  {5, 1, 2}, {3, 3, 2}, {1, 2, 0}};
#define N_WINDOWS (sizeof windows / sizeof windows[0])

struct pool_context {
    const struct sgeo_pool_window *window;
    struct sgeo_layout in, out;
    uint8_t *where;
};

static struct pool_context pool_context(const struct sgeo_pool_window *window, int kind)
{
    size_t height = (HEIGHT + 2 * window->pad - window->kernel) / window->stride + 1;
    size_t width = (WIDTH + 2 * window->pad - window->kernel) / window->stride + 1;
    struct pool_context context = {window, layout_of(kind, IMAGES, CHANNELS, HEIGHT, WIDTH),
                                   layout_of(kind, IMAGES, CHANNELS, height, width), NULL};
    context.where = sgeo_calloc(sgeo_layout_elems(&context.out), 1);
    ck_assert_ptr_nonnull(context.where);
    return context;
}

static void average(const void *context, double *dst, const double *src)
{
    const struct pool_context *c = context;
    ops->avgpool(backend, dst, src, c->window, &c->in, &c->out);
}

static void average_transposed(const void *context, double *dsrc, const double *ddst)
{
    const struct pool_context *c = context;
    ops->avgpool_grad(backend, dsrc, ddst, c->window, &c->in, &c->out);
}

static void maximum(const void *context, double *dst, const double *src)
{
    const struct pool_context *c = context;
    ops->maxpool(backend, dst, c->where, src, c->window, &c->in, &c->out);
}

static void maximum_transposed(const void *context, double *dsrc, const double *ddst)
{
    const struct pool_context *c = context;
    ops->maxpool_grad(backend, dsrc, ddst, c->where, c->window, &c->in, &c->out);
}

START_TEST(test_avgpool_grad_is_the_gradient_in_every_layout)
{
    for (size_t w = 0; w < N_WINDOWS; w++) {
        struct pool_context context = pool_context(&windows[w], _i);
        struct map map = {average, average_transposed, &context, sgeo_layout_elems(&context.in),
                          sgeo_layout_elems(&context.out)};
        assert_transposed(&map);
        sgeo_free(context.where);
    }
}
END_TEST

START_TEST(test_avgpool_of_a_constant_is_the_constant)
{
    for (size_t w = 0; w < N_WINDOWS; w++) {
        struct pool_context context = pool_context(&windows[w], _i);
        double *src = zeros(sgeo_layout_elems(&context.in)),
               *dst = zeros(sgeo_layout_elems(&context.out));
        for (size_t i = 0; i < sgeo_layout_elems(&context.in); i++) {
            src[i] = 3.0;
        }
        average(&context, dst, src);
        for (size_t i = 0; i < sgeo_layout_elems(&context.out); i++) {
            assert_close(dst[i], 3.0, 1e-15);
        }
        sgeo_free(src);
        sgeo_free(dst);
        sgeo_free(context.where);
    }
}
END_TEST

/* Distinct values one apart, so that no winner changes within a finite difference. */
static double *shuffled_integers(size_t n)
{
    struct sgeo_rng rng = sgeo_rng_stream(1, "shuffled", 0);
    double *values = zeros(n);
    uint32_t *order = sgeo_calloc(n, sizeof *order);
    ck_assert_ptr_nonnull(order);
    for (size_t i = 0; i < n; i++) {
        order[i] = (uint32_t)i;
    }
    sgeo_rng_shuffle(&rng, order, n);
    for (size_t i = 0; i < n; i++) {
        values[i] = (double)order[i] - (double)n / 2.0;
    }
    sgeo_free(order);
    return values;
}

START_TEST(test_maxpool_grad_is_the_gradient_in_every_layout)
{
    for (size_t w = 0; w < N_WINDOWS; w++) {
        struct pool_context context = pool_context(&windows[w], _i);
        struct map map = {maximum, maximum_transposed, &context, sgeo_layout_elems(&context.in),
                          sgeo_layout_elems(&context.out)};
        double *src = shuffled_integers(map.n_src);
        assert_gradient(&map, src);
        sgeo_free(src);
        sgeo_free(context.where);
    }
}
END_TEST

/* A 3x3 pool with stride 2 and padding 1 over 3x3 pixels: four windows that share the centre. */
static void pool_nine(double dst[4], uint8_t where[4], const double src[9])
{
    const struct sgeo_pool_window window = {3, 2, 1};
    struct sgeo_layout in = ops->layout(backend, 1, 1, 3, 3),
                       out = ops->layout(backend, 1, 1, 2, 2);
    ops->maxpool(backend, dst, where, src, &window, &in, &out);
}

START_TEST(test_maxpool_first_maximum_wins_and_padding_never_does)
{
    const double src[9] = {-5, -5, -5, -5, -5, -2, -3, -2, -5};
    const uint8_t expected[4] = {4, 7, 5, 1}; /* row * 3 + column in the uncut window */
    double dst[4];
    uint8_t where[4];
    pool_nine(dst, where, src);
    for (size_t i = 0; i < 4; i++) {
        ck_assert_double_eq(dst[i], i == 0 ? -5.0 : -2.0);
        ck_assert_uint_eq(where[i], expected[i]);
    }
}
END_TEST

START_TEST(test_maxpool_first_nan_wins_over_any_number)
{
    const double src[9] = {(double)INFINITY, 1, 1, 1, (double)NAN, 1, 1, (double)NAN,
                           (double)INFINITY};
    const uint8_t expected[4] = {8, 6, 2, 0}; /* the centre, seen from each corner */
    double dst[4];
    uint8_t where[4];
    pool_nine(dst, where, src);
    for (size_t i = 0; i < 4; i++) {
        ck_assert(isnan(dst[i]));
        ck_assert_uint_eq(where[i], expected[i]);
    }
}
END_TEST

/* --- global mean and concatenation --- */

static void global_mean(const void *context, double *dst, const double *src)
{
    ops->global_mean(backend, dst, src, CHANNELS, context);
}

static void global_mean_transposed(const void *context, double *dsrc, const double *ddst)
{
    ops->global_mean_grad(backend, dsrc, ddst, CHANNELS, context);
}

START_TEST(test_global_mean_grad_is_the_gradient_in_every_layout)
{
    struct sgeo_layout layout = layout_of(_i, IMAGES, CHANNELS, HEIGHT, WIDTH);
    struct map map = {global_mean, global_mean_transposed, &layout, sgeo_layout_elems(&layout),
                      IMAGES * CHANNELS};
    assert_transposed(&map);
}
END_TEST

START_TEST(test_global_mean_rows_are_unpadded)
{
    struct sgeo_layout layout = layout_of(_i, IMAGES, CHANNELS, HEIGHT, WIDTH);
    double *src = random_values("src", sgeo_layout_elems(&layout)), mean[IMAGES * CHANNELS];
    ops->global_mean(backend, mean, src, CHANNELS, &layout);
    for (size_t i = 0; i < IMAGES * CHANNELS; i++) {
        double sum = 0.0;
        for (size_t p = 0; p < HEIGHT * WIDTH; p++) {
            sum += src[at(&layout, i / CHANNELS, i % CHANNELS, p)];
        }
        assert_close(mean[i], sum / (HEIGHT * WIDTH), 1e-14);
    }
    sgeo_free(src);
}
END_TEST

/* Two sources, flat one behind the other, of layouts of two kinds; two channels of zeros between
 * them and what is left behind them, in a third. */
struct concat_context {
    struct sgeo_layout first, second, dst;
};

enum { DST_CHANNELS = 16, SECOND = 1, SECOND_COUNT = 4 };

static struct concat_context concat_context(int kind)
{
    return (struct concat_context){
        layout_of(kind, IMAGES, CHANNELS, HEIGHT, WIDTH),
        layout_of((kind + 1) % N_LAYOUT_KINDS, IMAGES, CHANNELS, HEIGHT, WIDTH),
        layout_of((kind + 2) % N_LAYOUT_KINDS, IMAGES, DST_CHANNELS, HEIGHT, WIDTH)};
}

/* The second source is a slice. */
static void join(const void *context, double *dst, const double *src)
{
    const struct concat_context *c = context;
    const struct sgeo_channel_source sources[] = {
        {src, &c->first, 0, CHANNELS},
        {NULL, NULL, 0, 2},
        {src + sgeo_layout_elems(&c->first), &c->second, SECOND, SECOND_COUNT}};
    ops->maps.concat(backend, dst, sources, 3, &c->dst);
}

/* The slice goes back by a concatenation with zeros in front. */
static void part(const void *context, double *dsrc, const double *ddst)
{
    const struct concat_context *c = context;
    double *cut = random_values("stale", sgeo_layout_elems(&c->second));
    struct sgeo_layout layout = layout_of(CHANNELS_LAST, IMAGES, SECOND_COUNT, HEIGHT, WIDTH);
    const struct sgeo_channel_target targets[] = {
        {dsrc, &c->first, CHANNELS}, {NULL, NULL, 2}, {cut, &layout, SECOND_COUNT}};
    const struct sgeo_channel_source sources[] = {{NULL, NULL, 0, SECOND},
                                                  {cut, &layout, 0, SECOND_COUNT}};
    ops->maps.split(backend, targets, 3, ddst, &c->dst);
    ops->maps.concat(backend, dsrc + sgeo_layout_elems(&c->first), sources, 2, &c->second);
    sgeo_free(cut);
}

START_TEST(test_split_is_the_transpose_of_concat)
{
    struct concat_context context = concat_context(_i);
    struct map map = {join, part, &context,
                      sgeo_layout_elems(&context.first) + sgeo_layout_elems(&context.second),
                      sgeo_layout_elems(&context.dst)};
    assert_transposed(&map);
}
END_TEST

START_TEST(test_concat_puts_channels_side_by_side_and_zeros_elsewhere)
{
    struct concat_context c = concat_context(_i);
    size_t n_first = sgeo_layout_elems(&c.first), n_dst = sgeo_layout_elems(&c.dst);
    double *src = random_values("src", n_first + sgeo_layout_elems(&c.second));
    double *dst = random_values("stale", n_dst);
    join(&c, dst, src);
    for (size_t i = 0; i < IMAGES * DST_CHANNELS * HEIGHT * WIDTH; i++) {
        size_t p = i % (HEIGHT * WIDTH), to = i / (HEIGHT * WIDTH) % DST_CHANNELS;
        size_t n = i / (HEIGHT * WIDTH) / DST_CHANNELS, begin = CHANNELS + 2;
        double want = to < CHANNELS ? src[at(&c.first, n, to, p)]
                      : to >= begin && to < begin + SECOND_COUNT
                          ? src[n_first + at(&c.second, n, SECOND + to - begin, p)]
                          : 0.0;
        ck_assert_double_eq(dst[at(&c.dst, n, to, p)], want);
    }
    sgeo_free(src);
    sgeo_free(dst);
}
END_TEST

/* --- affine and gated sums --- */

START_TEST(test_affine_sum_adds_centred_and_scaled_terms)
{
    struct sgeo_layout layout = layout_of(_i, IMAGES, CHANNELS, HEIGHT, WIDTH);
    size_t elems = sgeo_layout_elems(&layout), channels = layout.groups * layout.lanes;
    double *a = random_values("a", elems), *b = random_values("b", elems),
           *c = random_values("c", elems);
    double *center = random_values("center", channels), *scale = random_values("scale", channels);
    double *shift = random_values("shift", channels), *dst = zeros(elems), *relu = zeros(elems);
    struct sgeo_term terms[] = {{a, center, scale}, {b, NULL, scale}, {c, center, NULL}};
    ops->maps.affine_sum(backend, dst, relu, terms, 3, shift, &layout);
    for (size_t i = 0; i < IMAGES * channels * HEIGHT * WIDTH; i++) {
        size_t p = i % (HEIGHT * WIDTH), k = i / (HEIGHT * WIDTH) % channels,
               n = i / (HEIGHT * WIDTH) / channels;
        size_t e = at(&layout, n, k, p);
        double expected =
            shift[k] + (a[e] - center[k]) * scale[k] + b[e] * scale[k] + (c[e] - center[k]);
        assert_close(dst[e], expected, 1e-15);
        assert_close(relu[e], fmax(expected, 0.0), 1e-15);
    }
    double *all[] = {a, b, c, center, scale, shift, dst, relu};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        sgeo_free(all[i]);
    }
}
END_TEST

START_TEST(test_affine_sum_may_write_over_a_source)
{
    double a[4] = {1, -2, 3, -4}, b[4] = {1, 1, -5, 9};
    struct sgeo_layout layout = ops->layout(backend, 1, 1, 2, 2);
    struct sgeo_term terms[] = {{a, NULL, NULL}, {b, NULL, NULL}};
    ops->maps.affine_sum(backend, a, b, terms, 2, NULL, &layout);
    const double sum[4] = {2, -1, -2, 5}, relu[4] = {2, 0, 0, 5};
    ck_assert_mem_eq(a, sum, sizeof sum);
    ck_assert_mem_eq(b, relu, sizeof relu);
}
END_TEST

START_TEST(test_affine_sum_relu_keeps_nan_and_drops_the_sign_of_zero)
{
    const double src[2] = {(double)NAN, -0.0};
    const double minus_zero[1] = {-0.0};
    double relu[2];
    struct sgeo_layout layout = ops->layout(backend, 1, 1, 1, 2);
    struct sgeo_term term = {src, NULL, NULL};
    ops->maps.affine_sum(backend, NULL, relu, &term, 1, minus_zero, &layout);
    ck_assert(isnan(relu[0]));
    ck_assert_double_eq(relu[1], 0.0);
    ck_assert(!signbit(relu[1]));
}
END_TEST

START_TEST(test_gated_sum_closed_gate_stops_even_nan)
{
    const double nan = (double)NAN, gate[5] = {1, 0, -1, nan, 2},
                 first[5] = {1, nan, nan, nan, nan};
    const double second[5] = {2, 2, 2, 2, 2}, plain[5] = {10, 20, 30, 40, 50};
    const void *gated_sources[] = {first, second}, *plain_sources[] = {plain};
    double dst[5];
    ops->maps.gated_sum(backend, dst, gate, gated_sources, 2, plain_sources, 1, 5);
    ck_assert_double_eq(dst[0], 13.0);
    ck_assert_double_eq(dst[1], 20.0);
    ck_assert_double_eq(dst[2], 30.0);
    ck_assert_double_eq(dst[3], 40.0);
    ck_assert(isnan(dst[4]));
}
END_TEST

START_TEST(test_gated_sum_may_write_over_any_source)
{
    double gate[2] = {1, -1}, gated[2] = {3, 3}, plain[2] = {4, 4};
    const void *gated_sources[] = {gated}, *plain_sources[] = {plain};
    ops->maps.gated_sum(backend, plain, gate, gated_sources, 1, plain_sources, 1, 2);
    ck_assert_double_eq(plain[0], 7.0);
    ck_assert_double_eq(plain[1], 4.0);
    ops->maps.gated_sum(backend, gated, gate, gated_sources, 1, plain_sources, 1, 2);
    ck_assert_double_eq(gated[0], 10.0);
    ck_assert_double_eq(gated[1], 4.0);
    ops->maps.gated_sum(backend, gate, gate, gated_sources, 1, NULL, 0, 2);
    ck_assert_double_eq(gate[0], 10.0);
    ck_assert_double_eq(gate[1], 0.0);
}
END_TEST

START_TEST(test_gated_sum_without_gated_sources_needs_no_gate)
{
    const double a[2] = {1, 2}, b[2] = {10, 20};
    const void *plain[] = {a, b};
    double dst[2];
    ops->maps.gated_sum(backend, dst, NULL, NULL, 0, plain, 2, 2);
    ck_assert_double_eq(dst[0], 11.0);
    ck_assert_double_eq(dst[1], 22.0);
}
END_TEST

/* --- moments of channels --- */

/* Mean and biased variance of a channel in long double. */
static void exact_moments(long double *mean, long double *var, const double *src,
                          const struct sgeo_layout *layout, size_t c)
{
    long double count = (long double)(layout->n * layout->height * layout->width);
    *mean = *var = 0.0L;
    for (size_t i = 0; i < layout->n * layout->height * layout->width; i++) {
        size_t pixels = layout->height * layout->width;
        *mean += (long double)src[at(layout, i / pixels, c, i % pixels)] / count;
    }
    for (size_t i = 0; i < layout->n * layout->height * layout->width; i++) {
        size_t pixels = layout->height * layout->width;
        long double deviation = (long double)src[at(layout, i / pixels, c, i % pixels)] - *mean;
        *var += deviation * deviation / count;
    }
}

START_TEST(test_channel_moments_match_long_double_far_from_zero)
{
    struct sgeo_layout layout = layout_of(_i, IMAGES, CHANNELS, HEIGHT, WIDTH);
    size_t channels = layout.groups * layout.lanes;
    double *src = random_values("src", sgeo_layout_elems(&layout)), *mean = zeros(channels),
           *var = zeros(channels);
    for (size_t i = 0; i < sgeo_layout_elems(&layout); i++) {
        src[i] += 1e6; /* E[x^2] - E[x]^2 would keep four digits of the variance */
    }
    ops->channel_moments(backend, mean, var, src, &layout);
    for (size_t c = 0; c < channels; c++) {
        long double exact_mean, exact_var;
        exact_moments(&exact_mean, &exact_var, src, &layout, c);
        assert_close(mean[c], (double)exact_mean, 1e-15);
        ck_assert_double_le(fabs(var[c] / (double)exact_var - 1.0), 1e-12);
    }
    sgeo_free(src);
    sgeo_free(mean);
    sgeo_free(var);
}
END_TEST

START_TEST(test_channel_moments_of_nothing_are_zero)
{
    double mean[CHANNELS] = {7}, var[CHANNELS] = {7}, unread = 0.0;
    struct sgeo_layout layout = ops->layout(backend, 0, CHANNELS, HEIGHT, WIDTH);
    ops->channel_moments(backend, mean, var, &unread, &layout);
    for (size_t c = 0; c < CHANNELS; c++) {
        ck_assert_double_eq(mean[c], 0.0);
        ck_assert_double_eq(var[c], 0.0);
    }
}
END_TEST

START_TEST(test_channel_dots_sum_over_images_and_pixels)
{
    struct sgeo_layout layout = layout_of(_i, IMAGES, CHANNELS, HEIGHT, WIDTH);
    size_t elems = sgeo_layout_elems(&layout), channels = layout.groups * layout.lanes;
    double *d = random_values("d", elems), *x = random_values("x", elems);
    double *center = random_values("center", channels), *sum = zeros(channels),
           *dot = zeros(channels);
    ops->channel_dots(backend, sum, dot, d, x, center, &layout);
    for (size_t c = 0; c < channels; c++) {
        long double exact_sum = 0.0L, exact_dot = 0.0L;
        for (size_t i = 0; i < IMAGES * HEIGHT * WIDTH; i++) {
            size_t e = at(&layout, i / (HEIGHT * WIDTH), c, i % (HEIGHT * WIDTH));
            exact_sum += (long double)d[e];
            exact_dot += (long double)d[e] * ((long double)x[e] - (long double)center[c]);
        }
        assert_close(sum[c], (double)exact_sum, 1e-14);
        assert_close(dot[c], (double)exact_dot, 1e-14);
    }
    double *all[] = {d, x, center, sum, dot};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        sgeo_free(all[i]);
    }
}
END_TEST

/* --- flat vectors --- */

enum { COORDINATES = 37, BATCHES = 4 };

START_TEST(test_grad_moments_match_long_double)
{
    double *g = random_values("g", BATCHES * COORDINATES),
           *theta = random_values("theta", COORDINATES);
    const void *gradients[BATCHES];
    for (size_t b = 0; b < BATCHES; b++) {
        gradients[b] = g + b * COORDINATES;
    }
    long double ratio_sum = 0.0L, theta_dot = 0.0L;
    for (size_t i = 0; i < COORDINATES; i++) {
        long double sum = 0.0L, magnitude = 0.0L, squares = 0.0L;
        for (size_t b = 0; b < BATCHES; b++) {
            sum += (long double)g[b * COORDINATES + i];
            magnitude += fabsl((long double)g[b * COORDINATES + i]);
        }
        for (size_t b = 0; b < BATCHES; b++) {
            long double deviation = (long double)g[b * COORDINATES + i] - sum / BATCHES;
            squares += deviation * deviation;
        }
        ratio_sum += magnitude / BATCHES / sqrtl(squares / BATCHES);
        theta_dot += (long double)theta[i] * sum;
    }
    struct sgeo_moments moments;
    ops->grad_moments(backend, &moments, gradients, BATCHES, theta, COORDINATES);
    assert_close(moments.ratio_sum, (double)ratio_sum, 1e-13);
    assert_close(moments.theta_dot, (double)theta_dot, 1e-13);
    ck_assert_uint_eq(moments.zero_std, 0);
    sgeo_free(g);
    sgeo_free(theta);
}
END_TEST

START_TEST(test_grad_moments_count_equal_coordinates_and_keep_tiny_deviations)
{
    /* coordinates: equal though a third of their sum rounds; zeros of either sign; 1e-30 apart
     * (ratio 2); so close that the squares are 0 */
    const double a[4] = {0.1, 0.0, 1e-30, 1e-170}, b[4] = {0.1, -0.0, 3e-30, 3e-170};
    const void *equal[] = {a, a, a}, *pair[] = {a, b};
    struct sgeo_moments moments;
    ops->grad_moments(backend, &moments, equal, 3, NULL, 3);
    ck_assert_uint_eq(moments.zero_std, 3);
    ck_assert_double_eq(moments.ratio_sum, 0.0);
    ck_assert_double_eq(moments.theta_dot, 0.0);
    ops->grad_moments(backend, &moments, pair, 2, NULL, 4);
    ck_assert_uint_eq(moments.zero_std, 3);
    assert_close(moments.ratio_sum, 2.0, 1e-14);
}
END_TEST

START_TEST(test_grad_moments_of_non_finite_gradients_are_not_finite)
{
    const double infinite[1] = {(double)INFINITY}, undefined[1] = {(double)NAN}, one[1] = {1.0};
    const void *same[] = {infinite, infinite}, *mixed[] = {infinite, one},
               *nans[] = {undefined, undefined};
    const void *const *cases[] = {same, mixed, nans};
    for (size_t i = 0; i < 3; i++) {
        struct sgeo_moments moments;
        ops->grad_moments(backend, &moments, cases[i], 2, NULL, 1);
        ck_assert(!isfinite(moments.ratio_sum));
        ck_assert_uint_eq(moments.zero_std, 0);
    }
}
END_TEST

START_TEST(test_sgd_step_follows_momentum_decay_and_nesterov)
{
    const double grad[1] = {2.0};
    double plain[1] = {8.0}, heavy[1] = {8.0}, nesterov[1] = {8.0}, speed[1] = {4.0},
           other[1] = {4.0};
    /* d = 2 + 0.25 * 8 = 4; velocity = 0.5 * 4 + 4 = 6 */
    struct sgeo_sgd sgd = {.lr = 0.5f, .momentum = 0.5f, .weight_decay = 0.25f, .nesterov = 0};
    ops->sgd_step(backend, plain, NULL, grad, &sgd, 1);
    ck_assert_double_eq(plain[0], 6.0);
    ops->sgd_step(backend, heavy, speed, grad, &sgd, 1);
    ck_assert_double_eq(speed[0], 6.0);
    ck_assert_double_eq(heavy[0], 5.0);
    sgd.nesterov = 1;
    ops->sgd_step(backend, nesterov, other, grad, &sgd, 1);
    ck_assert_double_eq(other[0], 6.0);
    ck_assert_double_eq(nesterov[0], 4.5); /* step = 4 + 0.5 * 6 */
}
END_TEST

START_TEST(test_adagrad_step_divides_by_the_accumulated_root)
{
    const double grad[1] = {4.0};
    double theta[1] = {1.0}, accumulator[1] = {9.0};
    ops->adagrad_step(backend, theta, accumulator, grad, 0.5, 3.0, 1);
    ck_assert_double_eq(accumulator[0], 25.0);
    ck_assert_double_eq(theta[0], 0.75); /* 1 - 0.5 * 4 / (5 + 3) */
}
END_TEST

START_TEST(test_dot_matches_long_double)
{
    double *a = random_values("a", COORDINATES), *b = random_values("b", COORDINATES);
    assert_close(ops->dot(backend, a, b, COORDINATES), inner(a, b, COORDINATES), 1e-14);
    sgeo_free(a);
    sgeo_free(b);
}
END_TEST

START_TEST(test_operations_on_nothing_write_nothing)
{
    double value = 5.0;
    const void *sources[] = {&value};
    struct sgeo_term term = {&value, NULL, NULL};
    struct sgeo_sgd sgd = {.lr = 1.0f, .momentum = 0.0f, .weight_decay = 0.0f, .nesterov = 0};
    struct sgeo_moments moments;
    struct sgeo_layout none = ops->layout(backend, 0, 1, 1, 1);
    ops->maps.affine_sum(backend, &value, NULL, &term, 1, NULL, &none);
    ops->maps.gated_sum(backend, &value, &value, sources, 1, sources, 1, 0);
    ops->global_mean(backend, &value, &value, 1, &none);
    ops->global_mean_grad(backend, &value, &value, 1, &none);
    ops->maps.concat(backend, &value, &(struct sgeo_channel_source){&value, &none, 0, 1}, 1, &none);
    ops->maps.split(backend, &(struct sgeo_channel_target){&value, &none, 1}, 1, &value, &none);
    ops->avgpool_grad(backend, &value, &value, &windows[5], &none, &none);
    ops->sgd_step(backend, &value, NULL, &value, &sgd, 0);
    ops->adagrad_step(backend, &value, &value, &value, 1.0, 0.0, 0);
    ops->grad_moments(backend, &moments, sources, 1, &value, 0);
    ck_assert_double_eq(value, 5.0);
    ck_assert_double_eq(ops->dot(backend, &value, &value, 0), 0.0);
    ck_assert_double_eq(moments.ratio_sum, 0.0);
    ck_assert_double_eq(moments.theta_dot, 0.0);
    ck_assert_uint_eq(moments.zero_std, 0);
}
END_TEST

/* --- suite --- */

static TCase *new_case(Suite *suite, const char *name)
{
    TCase *tests = tcase_create(name);
    tcase_add_checked_fixture(tests, create_backend, destroy_backend);
    tcase_set_timeout(tests, 60); /* for busy machines */
    suite_add_tcase(suite, tests);
    return tests;
}

static void add_products(Suite *suite)
{
    TCase *tests = new_case(suite, "products");
    tcase_add_loop_test(tests, test_conv_forward_equals_the_direct_sum, 0, N_CONV_CASES);
    tcase_add_loop_test(tests, test_conv_backward_data_is_the_gradient, 0, N_CONV_CASES);
    tcase_add_loop_test(tests, test_conv_backward_weights_is_the_gradient, 0, N_CONV_CASES);
    tcase_add_loop_test(tests, test_conv_weights_are_oihw_without_padding, 0, N_CONV_CASES);
    tcase_add_test(tests, test_conv_of_one_geometry_is_created_once);
    tcase_add_test(tests, test_conv_names_its_three_implementations);
    tcase_add_test(tests, test_conv_refuses_geometries_without_meaning);
    tcase_add_test(tests, test_conv_of_no_images_has_zero_weight_gradient);
    tcase_add_test(tests, test_linear_forward_adds_the_bias_when_there_is_one);
    tcase_add_test(tests, test_linear_backward_is_the_gradient);
    tcase_add_test(tests, test_linear_of_one_size_is_created_once);
    tcase_add_test(tests, test_linear_of_no_rows_has_zero_gradient);
}

static void add_layouts(Suite *suite)
{
    TCase *tests = new_case(suite, "layouts");
    tcase_add_test(tests, test_own_layout_is_planar_without_padding);
    tcase_add_loop_test(tests, test_import_places_elements_and_clears_padding, 0, N_LAYOUT_KINDS);
    tcase_add_loop_test(tests, test_avgpool_grad_is_the_gradient_in_every_layout, 0,
                        N_LAYOUT_KINDS);
    tcase_add_loop_test(tests, test_avgpool_of_a_constant_is_the_constant, 0, N_LAYOUT_KINDS);
    tcase_add_loop_test(tests, test_maxpool_grad_is_the_gradient_in_every_layout, 0,
                        N_LAYOUT_KINDS);
    tcase_add_test(tests, test_maxpool_first_maximum_wins_and_padding_never_does);
    tcase_add_test(tests, test_maxpool_first_nan_wins_over_any_number);
    tcase_add_loop_test(tests, test_global_mean_grad_is_the_gradient_in_every_layout, 0,
                        N_LAYOUT_KINDS);
    tcase_add_loop_test(tests, test_global_mean_rows_are_unpadded, 0, N_LAYOUT_KINDS);
    tcase_add_loop_test(tests, test_split_is_the_transpose_of_concat, 0, N_LAYOUT_KINDS);
    tcase_add_loop_test(tests, test_concat_puts_channels_side_by_side_and_zeros_elsewhere, 0,
                        N_LAYOUT_KINDS);
}

static void add_elementwise(Suite *suite)
{
    TCase *tests = new_case(suite, "elementwise");
    tcase_add_loop_test(tests, test_affine_sum_adds_centred_and_scaled_terms, 0, N_LAYOUT_KINDS);
    tcase_add_test(tests, test_affine_sum_may_write_over_a_source);
    tcase_add_test(tests, test_affine_sum_relu_keeps_nan_and_drops_the_sign_of_zero);
    tcase_add_test(tests, test_gated_sum_closed_gate_stops_even_nan);
    tcase_add_test(tests, test_gated_sum_may_write_over_any_source);
    tcase_add_test(tests, test_gated_sum_without_gated_sources_needs_no_gate);
    tcase_add_loop_test(tests, test_channel_moments_match_long_double_far_from_zero, 0,
                        N_LAYOUT_KINDS);
    tcase_add_test(tests, test_channel_moments_of_nothing_are_zero);
    tcase_add_loop_test(tests, test_channel_dots_sum_over_images_and_pixels, 0, N_LAYOUT_KINDS);
}

static void add_vectors(Suite *suite)
{
    TCase *tests = new_case(suite, "vectors");
    tcase_add_test(tests, test_grad_moments_match_long_double);
    tcase_add_test(tests, test_grad_moments_count_equal_coordinates_and_keep_tiny_deviations);
    tcase_add_test(tests, test_grad_moments_of_non_finite_gradients_are_not_finite);
    tcase_add_test(tests, test_sgd_step_follows_momentum_decay_and_nesterov);
    tcase_add_test(tests, test_adagrad_step_divides_by_the_accumulated_root);
    tcase_add_test(tests, test_dot_matches_long_double);
    tcase_add_test(tests, test_operations_on_nothing_write_nothing);
}

int main(void)
{
    Suite *suite = suite_create("reference");
    add_products(suite);
    add_layouts(suite);
    add_elementwise(suite);
    add_vectors(suite);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
