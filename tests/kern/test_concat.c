/*
 * What contract/concat.h promises beyond agreement with the reference, for every bundle that this
 * machine runs. Each test gets the bundle as its loop index.
 */
#include <string.h>

#include "bundle.h"

static struct sgeo_layout rows_of(size_t batch, size_t dim)
{
    return (struct sgeo_layout){.n = batch,
                                .groups = 1,
                                .lanes = dim,
                                .height = 1,
                                .width = 1,
                                .image = dim,
                                .group = dim,
                                .pitch = dim};
}

static struct sgeo_layout blocked(size_t n, size_t channels, size_t lanes, size_t side)
{
    size_t groups = (channels + lanes - 1) / lanes, group = side * side * lanes;
    return (struct sgeo_layout){.n = n,
                                .groups = groups,
                                .lanes = lanes,
                                .height = side,
                                .width = side,
                                .image = groups * group,
                                .group = group,
                                .pitch = lanes};
}

static size_t elems_of(const struct sgeo_layout *layout)
{
    return layout->n * layout->image;
}

/* Whether channels channels.. of the last group are zero in every pixel. */
static bool is_padded(const float *x, size_t channels, const struct sgeo_layout *layout)
{
    for (size_t i = 0; i < elems_of(layout); i++) {
        size_t in_image = i % layout->image;
        size_t c = in_image / layout->group * layout->lanes + in_image % layout->lanes;
        if (c >= channels && x[i] != 0.0f) /* exactly: padding */
            return false;
    }
    return true;
}

START_TEST(test_concat_of_rows_by_hand)
{
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    const float a[4] = {1, 2, 3, 4}, b[2] = {5, 6}, expected[8] = {1, 2, 5, 0, 3, 4, 6, 0};
    float dst[8];
    struct sgeo_layout two = rows_of(2, 2), one = rows_of(2, 1), four = rows_of(2, 4);
    struct sgeo_concat_part parts[2] = {{a, &two, 0, 2}, {b, &one, 0, 1}};
    kernels.f32_concat(dst, parts, 2, &four);
    ck_assert_mem_eq(dst, expected, sizeof dst);
}
END_TEST

START_TEST(test_concat_of_no_parts_is_zero)
{
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    float dst[40], zeros[40] = {0};
    struct sgeo_layout layout = rows_of(2, 20);
    fill_waves(dst, 40, 0);
    kernels.f32_concat(dst, NULL, 0, &layout);
    ck_assert_mem_eq(dst, zeros, sizeof dst);
}
END_TEST

/* The vertices of a NAS-Bench-101 cell: 128 channels made of 43, 43 and 42, and back. */
START_TEST(test_split_undoes_a_concat_of_odd_channel_counts)
{
    enum { SIDE = 5, ELEMS = 2 * SIDE * SIDE * 48, SUM = 2 * SIDE * SIDE * 128 };
    static const size_t channels[3] = {43, 43, 42};
    static float src[3][ELEMS], back[3][ELEMS], dst[SUM];
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    for (size_t lanes = 8; lanes <= 16; lanes += 8) {
        struct sgeo_layout whole = blocked(2, 128, lanes, SIDE), layouts[3];
        struct sgeo_concat_part parts[3];
        struct sgeo_split_part split[3];
        for (size_t t = 0; t < 3; t++) {
            layouts[t] = blocked(2, channels[t], lanes, SIDE);
            fill_waves(src[t], elems_of(&layouts[t]), t * ELEMS);
            parts[t] = (struct sgeo_concat_part){src[t], &layouts[t], 0, channels[t]};
            split[t] = (struct sgeo_split_part){back[t], &layouts[t], channels[t]};
        }
        kernels.f32_concat(dst, parts, 3, &whole);
        kernels.f32_split(split, 3, dst, &whole, false);
        for (size_t t = 0; t < 3; t++) {
            ck_assert(is_padded(back[t], channels[t], &layouts[t]));
            parts[t].src = back[t];
        }
        static float again[SUM];
        kernels.f32_concat(again, parts, 3, &whole);
        ck_assert_mem_eq(again, dst, elems_of(&whole) * sizeof *dst);
    }
}
END_TEST

/* A slice is a concatenation of one part from its middle; put back, it is one between zeros. */
START_TEST(test_slice_and_its_transpose_are_concats)
{
    enum { SIDE = 3, WHOLE = SIDE * SIDE * 64, PART = SIDE * SIDE * 32 };
    static float src[WHOLE], slice[PART], back[WHOLE];
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    struct sgeo_layout whole = blocked(1, 60, 16, SIDE), part = blocked(1, 21, 16, SIDE);
    fill_waves(src, WHOLE, 0);
    struct sgeo_concat_part cut = {src, &whole, 13, 21};
    kernels.f32_concat(slice, &cut, 1, &part);
    ck_assert(is_padded(slice, 21, &part));
    struct sgeo_concat_part put_back[2] = {{NULL, NULL, 0, 13}, {slice, &part, 0, 21}};
    kernels.f32_concat(back, put_back, 2, &whole);
    for (size_t i = 0; i < WHOLE; i++) {
        size_t c = i / (SIDE * SIDE * 16) * 16 + i % 16;
        ck_assert_double_eq((double)back[i], c >= 13 && c < 34 ? (double)src[i] : 0.0);
    }
}
END_TEST

START_TEST(test_split_adds_when_it_accumulates)
{
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    float src[6] = {1, 2, 3, 4, 5, 6}, a[4] = {10, 20, 30, 40}, b[2] = {50, 60};
    const float a_sums[4] = {11, 22, 34, 45}, b_sums[2] = {53, 66};
    struct sgeo_layout two = rows_of(2, 2), one = rows_of(2, 1), three = rows_of(2, 3);
    struct sgeo_split_part parts[2] = {{a, &two, 2}, {b, &one, 1}};
    kernels.f32_split(parts, 2, src, &three, true);
    ck_assert_mem_eq(a, a_sums, sizeof a);
    ck_assert_mem_eq(b, b_sums, sizeof b);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("concat");
    ADD_FOR_EVERY_BUNDLE(tcase, test_concat_of_rows_by_hand);
    ADD_FOR_EVERY_BUNDLE(tcase, test_concat_of_no_parts_is_zero);
    ADD_FOR_EVERY_BUNDLE(tcase, test_split_undoes_a_concat_of_odd_channel_counts);
    ADD_FOR_EVERY_BUNDLE(tcase, test_slice_and_its_transpose_are_concats);
    ADD_FOR_EVERY_BUNDLE(tcase, test_split_adds_when_it_accumulates);
    return run_case("kern/concat", tcase);
}
