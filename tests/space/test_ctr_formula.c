/* Click-through rows by formula: the golden rules, from any row on, in both precisions. */
#include "space/ctr_formula.h"

#include "base/hash.h"
#include "base/suite.h"

enum { DENSE = 3, FIELDS = 2, N = 5, FIRST = 7 };

/* Loop index 0: double, 1: float. */
START_TEST(test_ctr_formula_rows_follow_their_numbers)
{
    double dense[N * DENSE];
    float floats[N * DENSE];
    int32_t indices[FIELDS * N];
    uint16_t labels[N];
    struct sgeo_ctr_formula formula = {DENSE, FIELDS, 1000, _i == 0 ? SGEO_F64 : SGEO_F32, NULL};
    const struct sgeo_ctr_buffer rows = {_i == 0 ? (void *)dense : floats, indices, labels, NULL};
    ck_assert_int_eq(sgeo_ctr_formula_read(&rows, FIRST, N, &formula), SGEO_OK);
    for (size_t n = 0; n < N; n++) {
        for (size_t j = 0; j < DENSE; j++) {
            double expected = 4.0 * sgeo_hash_uniform(sgeo_fnv1a("dense"), (FIRST + n) * DENSE + j);
            double got = _i == 0 ? dense[n * DENSE + j] : (double)floats[n * DENSE + j];
            ck_assert_double_eq(got, _i == 0 ? expected : (double)(float)expected);
        }
        for (size_t f = 0; f < FIELDS; f++) {
            double u = sgeo_hash_uniform(sgeo_fnv1a("sparse"), (FIRST + n) * FIELDS + f);
            ck_assert_int_eq(indices[f * N + n], (int32_t)(1000.0 * u));
        }
        ck_assert_uint_eq(labels[n],
                          (uint16_t)(2.0 * sgeo_hash_uniform(sgeo_fnv1a("label"), FIRST + n)));
    }
}
END_TEST

/* Fields of three values and of one: a sample has four in turn, and they lie field by field. */
START_TEST(test_ctr_formula_fields_of_several_values_have_offsets)
{
    static const size_t hotness[FIELDS] = {3, 1};
    double dense[N * DENSE];
    int32_t indices[4 * N], offsets[FIELDS * N + 1];
    uint16_t labels[N];
    struct sgeo_ctr_formula formula = {DENSE, FIELDS, 1000, SGEO_F64, hotness};
    const struct sgeo_ctr_buffer rows = {dense, indices, labels, offsets};
    ck_assert_int_eq(sgeo_ctr_formula_read(&rows, FIRST, N, &formula), SGEO_OK);
    for (int32_t n = 0; n < N; n++) {
        ck_assert_int_eq(offsets[n], 3 * n);
        ck_assert_int_eq(offsets[N + n], 3 * N + n);
        for (size_t v = 0; v < 4; v++) {
            double u = sgeo_hash_uniform(sgeo_fnv1a("sparse"), (FIRST + (size_t)n) * 4 + v);
            size_t at = v < 3 ? 3 * (size_t)n + v : 3 * N + (size_t)n;
            ck_assert_int_eq(indices[at], (int32_t)(1000.0 * u));
        }
    }
    ck_assert_int_eq(offsets[FIELDS * N], 4 * N);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("ctr formula");
    tcase_add_loop_test(tcase, test_ctr_formula_rows_follow_their_numbers, 0, 2);
    tcase_add_test(tcase, test_ctr_formula_fields_of_several_values_have_offsets);
    return run_case("ctr formula", tcase);
}
