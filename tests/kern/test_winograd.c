/*
 * What contract/winograd.h promises beyond agreement with the reference: convolutions worked out
 * the direct way, for every bundle that this machine runs. Each test gets the bundle as its loop
 * index.
 */
#include <math.h>
#include <string.h>

#include "bundle.h"

enum { N = 3, C = 16, K = 24, H = 9, W = 11, PIXELS = H * W };
enum { SRC = N * C * PIXELS, DST = N * K * PIXELS, WEI = K * C * 9 };
enum { LANES = 8, BLOCK = 12, LONG_BLOCK = 48, U = 2 * 36 * C * 16, U_BACK = 36 * K * 16 };
enum { ROOM = U + 36 * (LONG_BLOCK * (K + 16) + 32) };

static struct sgeo_layout blocked(size_t n, size_t channels)
{
    return (struct sgeo_layout){.n = n,
                                .groups = channels / LANES,
                                .lanes = LANES,
                                .height = H,
                                .width = W,
                                .image = channels * PIXELS,
                                .group = PIXELS * LANES,
                                .pitch = LANES};
}

static double inner_product(const float *a, const float *b, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++)
        sum += (double)a[i] * (double)b[i];
    return sum;
}

/* Element (n, c, y, x), 0 outside the image. */
static double pixel(const float *values, const struct sgeo_layout *layout, size_t n, size_t c,
                    size_t y, size_t x)
{
    if (y >= H || x >= W)
        return 0.0;
    return (double)values[n * layout->image + c / LANES * layout->group +
                          (y * W + x) * layout->pitch + c % LANES];
}

static double direct(const float *src, const float *wei, size_t n, size_t k, size_t y, size_t x)
{
    struct sgeo_layout in = blocked(N, C);
    double sum = 0.0;
    for (size_t c = 0; c < C; c++)
        for (size_t e = 0; e < 9; e++)
            sum += (double)wei[(k * C + c) * 9 + e] *
                   pixel(src, &in, n, c, y + e / 3 - 1, x + e % 3 - 1);
    return sum;
}

/* Buffers of one convolution, and its two sides' layouts. */
struct convolution {
    float src[SRC], dst[DST], dsrc[SRC], wei[WEI], dwei[WEI], u[U], u_back[U_BACK], room[ROOM];
    struct sgeo_layout in, out;
};

static struct convolution *convolution_of(size_t n)
{
    static struct convolution convolution;
    convolution.in = blocked(n, C);
    convolution.out = blocked(n, K);
    fill_waves(convolution.src, SRC, 0);
    fill_waves(convolution.dst, DST, 7);
    fill_waves(convolution.wei, WEI, 11);
    return &convolution;
}

static void run_forward(const struct sgeo_kernels *kernels, struct convolution *it, size_t block)
{
    kernels->f32_winograd_weights(it->u, it->wei, K, C, false);
    kernels->f32_winograd_conv(it->dst, it->src, it->u, it->room, block, &it->in, &it->out);
}

START_TEST(test_winograd_rooms_hold_what_the_helpers_say)
{
    ck_assert_uint_eq(sgeo_winograd_weights_floats(K, C), U);
    ck_assert_uint_eq(sgeo_winograd_weights_floats(C, K), U_BACK);
    ck_assert_uint_le(sgeo_winograd_room_floats(K, LONG_BLOCK), ROOM);
    ck_assert_uint_le(sgeo_winograd_grad_room_floats(K, C, LONG_BLOCK), ROOM);
    for (size_t channels = 8; channels <= 512; channels *= 2) {
        size_t block = sgeo_winograd_block(channels);
        ck_assert_uint_eq(block % SGEO_WINOGRAD_UNIT, 0);
        ck_assert_uint_gt(block, 0);
    }
}
END_TEST

START_TEST(test_winograd_conv_is_the_direct_convolution)
{
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    struct convolution *it = convolution_of(N);
    run_forward(&kernels, it, BLOCK);
    for (size_t n = 0; n < N; n++)
        for (size_t k = 0; k < K; k++)
            for (size_t y = 0; y < H; y++)
                for (size_t x = 0; x < W; x++)
                    ck_assert_double_eq_tol(pixel(it->dst, &it->out, n, k, y, x),
                                            direct(it->src, it->wei, n, k, y, x), 2e-4);
}
END_TEST

/* <conv x, y> = <x, conv' y> = <w, dw>: both gradients are the transposes of forward. */
START_TEST(test_winograd_gradients_are_transposes)
{
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    static float ddst[DST];
    struct convolution *it = convolution_of(N);
    fill_waves(ddst, DST, 5);
    run_forward(&kernels, it, BLOCK);
    kernels.f32_winograd_weights(it->u_back, it->wei, K, C, true);
    kernels.f32_winograd_conv(it->dsrc, ddst, it->u_back, it->room, BLOCK, &it->out, &it->in);
    kernels.f32_winograd_weight_grad(it->dwei, it->src, ddst, it->room, BLOCK, &it->in, &it->out);
    double forward = inner_product(it->dst, ddst, DST);
    ck_assert_double_gt(fabs(forward), 1.0);
    ck_assert_double_eq_tol(inner_product(it->src, it->dsrc, SRC), forward, 1e-4 * fabs(forward));
    ck_assert_double_eq_tol(inner_product(it->wei, it->dwei, WEI), forward, 1e-4 * fabs(forward));
}
END_TEST

START_TEST(test_winograd_conv_returns_the_same_bits_for_any_block)
{
    static float first[DST];
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    struct convolution *it = convolution_of(N);
    run_forward(&kernels, it, BLOCK);
    memcpy(first, it->dst, sizeof first);
    for (size_t block = 2 * SGEO_WINOGRAD_UNIT; block <= LONG_BLOCK; block += SGEO_WINOGRAD_UNIT) {
        run_forward(&kernels, it, block);
        ck_assert_mem_eq(it->dst, first, sizeof first);
    }
}
END_TEST

START_TEST(test_winograd_returns_the_same_bits_at_any_alignment)
{
    static float src[SRC + 16], dst[DST + 16], room[ROOM + 16], dwei[WEI], first[WEI];
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    struct convolution *it = convolution_of(N);
    run_forward(&kernels, it, BLOCK);
    kernels.f32_winograd_weight_grad(first, it->src, it->dst, it->room, BLOCK, &it->in, &it->out);
    for (size_t shift = 1; shift < 16; shift += 2) {
        memcpy(src + shift, it->src, sizeof it->src);
        kernels.f32_winograd_conv(dst + shift, src + shift, it->u, room + shift, BLOCK, &it->in,
                                  &it->out);
        ck_assert_mem_eq(dst + shift, it->dst, sizeof it->dst);
        kernels.f32_winograd_weight_grad(dwei, src + shift, dst + shift, room + shift, BLOCK,
                                         &it->in, &it->out);
        ck_assert_mem_eq(dwei, first, sizeof first);
    }
}
END_TEST

/* A mean far above the deviation: what a tile's transforms cancel must not be what counts. */
START_TEST(test_winograd_conv_keeps_a_constant_image_constant)
{
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    struct convolution *it = convolution_of(N);
    for (size_t i = 0; i < SRC; i++)
        it->src[i] = 1000.0f;
    for (size_t i = 0; i < WEI; i++)
        it->wei[i] = 0.5f;
    run_forward(&kernels, it, BLOCK);
    for (size_t y = 1; y + 1 < H; y++)
        for (size_t x = 1; x + 1 < W; x++)
            ck_assert_double_eq_tol(pixel(it->dst, &it->out, 1, 5, y, x), 72000.0, 0.5);
}
END_TEST

START_TEST(test_winograd_weight_grad_without_images_is_zero)
{
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    struct convolution *it = convolution_of(0);
    memset(it->dwei, 0x7f, sizeof it->dwei);
    kernels.f32_winograd_weight_grad(it->dwei, NULL, NULL, it->room, BLOCK, &it->in, &it->out);
    for (size_t i = 0; i < WEI; i++)
        ck_assert(it->dwei[i] == 0.0f); /* a sum of nothing is exactly zero */
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("winograd");
    tcase_add_test(tcase, test_winograd_rooms_hold_what_the_helpers_say);
#define EVERY_BUNDLE(test) tcase_add_loop_test(tcase, test, SGEO_ISA_REF, SGEO_ISA_COUNT)
    EVERY_BUNDLE(test_winograd_conv_is_the_direct_convolution);
    EVERY_BUNDLE(test_winograd_gradients_are_transposes);
    EVERY_BUNDLE(test_winograd_conv_returns_the_same_bits_for_any_block);
    EVERY_BUNDLE(test_winograd_returns_the_same_bits_at_any_alignment);
    EVERY_BUNDLE(test_winograd_conv_keeps_a_constant_image_constant);
    EVERY_BUNDLE(test_winograd_weight_grad_without_images_is_zero);
    return run_case("kern/winograd", tcase);
}
