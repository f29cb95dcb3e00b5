#include "stats/knight.h"

#include "sample.h"

#define N_MOST 100

/* The definition, in O(n^2). */
static uint64_t count_inversions(const struct sgeo_knight_item *items, size_t n)
{
    uint64_t inversions = 0;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = i + 1; j < n; j++) {
            if (items[i].key > items[j].key) {
                inversions += (uint64_t)items[i].weight * items[j].weight;
            }
        }
    }
    return inversions;
}

START_TEST(test_inversions_equal_the_definition_at_every_length)
{
    struct sgeo_knight_item items[N_MOST];
    struct sgeo_knight_item scratch[N_MOST];
    struct sgeo_rng rng = sgeo_rng_stream(2, "knight", 0);
    for (size_t n = 0; n <= N_MOST; n++) {
        for (size_t i = 0; i < n; i++) {
            items[i].key = (uint32_t)sgeo_rng_below(&rng, 1 + n / 2);
            items[i].weight = (uint32_t)sgeo_rng_below(&rng, 4);
        }
        uint64_t expected = count_inversions(items, n);
        ck_assert_uint_eq(sgeo_knight_inversions(items, scratch, n), expected);
    }
}
END_TEST

START_TEST(test_descending_keys_are_all_inverted)
{
    struct sgeo_knight_item items[N_MOST];
    struct sgeo_knight_item scratch[N_MOST];
    for (uint32_t i = 0; i < N_MOST; i++) {
        items[i] = (struct sgeo_knight_item){.key = N_MOST - i, .weight = 1};
    }
    ck_assert_uint_eq(sgeo_knight_inversions(items, scratch, N_MOST), N_MOST * (N_MOST - 1) / 2);
}
END_TEST

START_TEST(test_products_beyond_32_bits_are_exact)
{
    struct sgeo_knight_item items[] = {{2, 2000000000}, {1, 2000000000}};
    struct sgeo_knight_item scratch[2];
    ck_assert_uint_eq(sgeo_knight_inversions(items, scratch, 2), UINT64_C(4000000000000000000));
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("knight");
    tcase_add_test(tcase, test_inversions_equal_the_definition_at_every_length);
    tcase_add_test(tcase, test_descending_keys_are_all_inverted);
    tcase_add_test(tcase, test_products_beyond_32_bits_are_exact);
    return run_case("stats/knight", tcase);
}
