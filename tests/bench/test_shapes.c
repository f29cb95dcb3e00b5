/* Shape files: strict, errors with their line; the committed ones cover every kernel. */
#include "bench/shapes.h"
#include "rig.h"

static void assert_refused(const char *text, size_t line, const char *reason)
{
    char path[SCRATCH_PATH_BYTES], place[SCRATCH_PATH_BYTES + 32];
    struct sgeo_bench_shapes shapes = {0};
    scratch_write(path, "shapes.txt", text, strlen(text));
    ck_assert_int_eq(sgeo_bench_shapes_read(&shapes, path), SGEO_USAGE);
    snprintf(place, sizeof place, "shapes.txt:%zu: ", line);
    assert_error_has(place);
    assert_error_has(reason);
    sgeo_bench_shapes_clear(&shapes);
}

START_TEST(test_shapes_are_read_in_order)
{
    static const char text[] = "# a comment\n\n  f32_sgd_step n=5 \n\tf32_grad_moments k=2  n=3\n"
                               "# the last line has no end\nf32_sgd_step n=6";
    char path[SCRATCH_PATH_BYTES];
    struct sgeo_bench_shapes shapes = {0};
    scratch_write(path, "shapes.txt", text, sizeof text - 1);
    rig_ok(sgeo_bench_shapes_read(&shapes, path));
    ck_assert_uint_eq(shapes.n, 3);
    ck_assert_str_eq(shapes.shapes[0].kernel->op, "f32_sgd_step");
    ck_assert_str_eq(sgeo_bench_args_text(shapes.shapes[1].args), "k=2 n=3");
    ck_assert_ptr_nonnull(strstr(sgeo_bench_args_place(shapes.shapes[2].args), "shapes.txt:6"));
    sgeo_bench_shapes_clear(&shapes);
    ck_assert_uint_eq(shapes.n, 0);
}
END_TEST

START_TEST(test_shapes_errors_name_the_line)
{
    assert_refused("f32_sgd_step n=5\nf32_sgd_stop n=5\n", 2, "unknown kernel 'f32_sgd_stop'");
    ck_assert_str_eq(sgeo_error_hint(), "did you mean f32_sgd_step?");
    assert_refused("# one\n\nf32_sgd_step n\n", 3, "malformed 'n'");
    assert_refused("f32_sgd_step n=5 n=5\n", 1, "given twice");
    assert_refused("f32_sgd_step n=5\n\nf32_sgd_step   n=5\n", 3, "shapes.txt:1 already");
}
END_TEST

START_TEST(test_shapes_missing_or_binary_files_are_io)
{
    char path[SCRATCH_PATH_BYTES];
    struct sgeo_bench_shapes shapes = {0};
    scratch_path(path, "none.txt");
    ck_assert_int_eq(sgeo_bench_shapes_read(&shapes, path), SGEO_IO);
    assert_error_has("none.txt");
    ck_assert_int_eq(sgeo_bench_shapes_read_folder(&shapes, scratch_directory), SGEO_IO);
    scratch_write(path, "shapes.txt", "# a\0b\n", 6);
    ck_assert_int_eq(sgeo_bench_shapes_read_folder(&shapes, scratch_directory), SGEO_IO);
    assert_error_has("NUL");
    sgeo_bench_shapes_clear(&shapes);
}
END_TEST

START_TEST(test_shapes_of_the_tree_cover_every_kernel)
{
    struct sgeo_bench_shapes shapes = {0};
    rig_ok(sgeo_bench_shapes_read_folder(&shapes, "bench/shapes"));
    for (size_t k = 0; k < sgeo_bench_kernel_count(); k++) {
        size_t cases = 0;
        for (size_t i = 0; i < shapes.n; i++)
            cases += shapes.shapes[i].kernel == sgeo_bench_kernel_at(k);
        ck_assert_msg(cases > 0, "no shapes of %s", sgeo_bench_kernel_at(k)->op);
    }
    sgeo_bench_shapes_clear(&shapes);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("shapes");
    tcase_add_checked_fixture(tcase, scratch_create, scratch_remove);
    tcase_add_test(tcase, test_shapes_are_read_in_order);
    tcase_add_test(tcase, test_shapes_errors_name_the_line);
    tcase_add_test(tcase, test_shapes_missing_or_binary_files_are_io);
    tcase_add_test(tcase, test_shapes_of_the_tree_cover_every_kernel);
    return run_case("shapes", tcase);
}
