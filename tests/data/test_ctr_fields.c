/* Names and vocabularies of the click-through sets against the published totals. */
#include "data/ctr_fields.h"

#include "fixture.h"

START_TEST(test_ctr_vocabularies_sum_to_the_published_totals)
{
    ck_assert_uint_eq(sgeo_ctr_vocabulary_sum(&sgeo_ctr_criteo, 0), 33762601);
    ck_assert_uint_eq(sgeo_ctr_vocabulary_sum(&sgeo_ctr_avazu, 0), 9459467);
    ck_assert_uint_eq(sgeo_ctr_vocabulary_sum(&sgeo_ctr_kdd12, 0), 50666853);
}
END_TEST

START_TEST(test_ctr_vocabularies_capped_at_half_a_million_do_too)
{
    ck_assert_uint_eq(sgeo_ctr_vocabulary_sum(&sgeo_ctr_criteo, 500000), 3069317);
    ck_assert_uint_eq(sgeo_ctr_vocabulary_sum(&sgeo_ctr_avazu, 500000), 1043571);
    ck_assert_uint_eq(sgeo_ctr_vocabulary_sum(&sgeo_ctr_kdd12, 500000), 3041134);
}
END_TEST

START_TEST(test_ctr_schemas_have_as_many_fields_as_nasrec_s)
{
    static const size_t n_dense[] = {13, 1, 3}, n_fields[] = {26, 23, 10};
    const struct sgeo_ctr_schema *const *all = sgeo_ctr_schema_all();
    for (size_t s = 0; s < 3; s++) {
        ck_assert_uint_eq(all[s]->n_dense, n_dense[s]);
        ck_assert_uint_eq(all[s]->n_fields, n_fields[s]);
        ck_assert_uint_le(all[s]->n_dense, SGEO_CTR_DENSE_MAX);
        ck_assert_uint_le(all[s]->n_fields, SGEO_CTR_FIELDS_MAX);
        ck_assert_uint_eq(all[s]->multi_hot, 0);
        for (size_t f = 0; f < n_fields[s]; f++) {
            ck_assert_uint_ge(all[s]->vocabulary[f], 3);
            ck_assert_str_ne(all[s]->field_names[f], "");
            for (size_t g = 0; g < f; g++) {
                ck_assert_str_ne(all[s]->field_names[f], all[s]->field_names[g]);
            }
        }
        for (size_t d = 0; d < n_dense[s]; d++) {
            ck_assert_str_ne(all[s]->dense_names[d], "");
        }
    }
    ck_assert_ptr_null(all[3]);
}
END_TEST

START_TEST(test_ctr_schemas_are_found_by_name)
{
    ck_assert_ptr_eq(sgeo_ctr_schema_find("criteo"), &sgeo_ctr_criteo);
    ck_assert_ptr_eq(sgeo_ctr_schema_find("avazu"), &sgeo_ctr_avazu);
    ck_assert_ptr_eq(sgeo_ctr_schema_find("kdd12"), &sgeo_ctr_kdd12);
    ck_assert_ptr_null(sgeo_ctr_schema_find("criteo2"));
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        test_ctr_vocabularies_sum_to_the_published_totals,
        test_ctr_vocabularies_capped_at_half_a_million_do_too,
        test_ctr_schemas_have_as_many_fields_as_nasrec_s,
        test_ctr_schemas_are_found_by_name,
    };
    return fixture_run("data/ctr_fields", tests, sizeof tests / sizeof *tests);
}
