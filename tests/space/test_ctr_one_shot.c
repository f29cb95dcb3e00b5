/* The one-shot evaluation in both precisions (loop index 0: double, 1: float). */
#include "space/ctr_one_shot.h"

#include "space/ctr_rig.h"

enum { TRAIN_ROWS = 2048, VALID_ROWS = 1000 };

static const enum sgeo_precision precisions[2] = {SGEO_F64, SGEO_F32};

static double one_shot(struct ctr_rig *rig, size_t steps)
{
    struct ctr_planted train = {.backend = rig->backend};
    struct ctr_planted valid = {.backend = rig->backend, .shift = TRAIN_ROWS};
    const struct sgeo_ctr_one_shot evaluation = {.train = {TRAIN_ROWS, ctr_read, &train},
                                                 .valid = {VALID_ROWS, ctr_read, &valid},
                                                 .steps = steps,
                                                 .batch = 64,
                                                 .valid_batch = 256};
    double loss = 0.0;
    rig_ok(sgeo_ctr_one_shot(&loss, &rig->use, &evaluation));
    return loss;
}

START_TEST(test_ctr_one_shot_tunes_the_head_and_leaves_the_model)
{
    struct ctr_rig rig;
    ctr_open(&rig, precisions[_i], ctr_graph(&ctr_layout, 8), &ctr_layout, ctr_table_rows);
    size_t bytes = sgeo_store_total(rig.store) * rig.backend->ops->elem_bytes;
    void *start = sgeo_store_vector(rig.store);
    memcpy(start, rig.use.theta, bytes);
    double before = one_shot(&rig, 0), after = one_shot(&rig, 200);
    ck_assert_double_lt(after, before - 0.01);
    ck_assert_mem_eq(start, rig.use.theta, bytes);
    ck_assert(one_shot(&rig, 200) == after);
    sgeo_free(start);
    ctr_close(&rig);
}
END_TEST

START_TEST(test_ctr_one_shot_of_a_diverged_model_is_the_published_number)
{
    struct ctr_rig rig;
    ctr_open(&rig, precisions[_i], ctr_graph(&ctr_layout, 8), &ctr_layout, ctr_table_rows);
    double *head = rig_segment(rig.store, rig.use.theta, 2);
    head[0] = (double)NAN;
    sgeo_store_import(rig.store, rig.use.theta, 2, head);
    ck_assert(one_shot(&rig, 10) == 999.99);
    ck_assert(one_shot(&rig, 0) == 999.99);
    sgeo_free(head);
    ctr_close(&rig);
}
END_TEST

START_TEST(test_ctr_one_shot_needs_validation_rows)
{
    const struct sgeo_ctr_one_shot nothing = {.steps = 1, .batch = 1, .valid_batch = 1};
    struct ctr_rig rig;
    double loss = 0.0;
    ctr_open(&rig, SGEO_F32, ctr_graph(&ctr_layout, 8), &ctr_layout, ctr_table_rows);
    ck_assert_int_eq(sgeo_ctr_one_shot(&loss, &rig.use, &nothing), SGEO_USAGE);
    ck_assert_ptr_nonnull(strstr(sgeo_error_text(), "no rows to validate on"));
    ctr_close(&rig);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ctr one-shot");
    TCase *tcase = tcase_create("ctr one-shot");
    tcase_set_timeout(tcase, 120);
    tcase_add_loop_test(tcase, test_ctr_one_shot_tunes_the_head_and_leaves_the_model, 0, 2);
    tcase_add_loop_test(tcase, test_ctr_one_shot_of_a_diverged_model_is_the_published_number, 0, 2);
    tcase_add_test(tcase, test_ctr_one_shot_needs_validation_rows);
    suite_add_tcase(suite, tcase);
    return rig_run(suite);
}
