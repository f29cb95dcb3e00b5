/*
 * Every case of the tree's shape files, shrunk: its load creates inputs that say what a call does,
 * runs in every bundle that this machine supports, hot and cold, and is destroyed.
 */
#include <math.h>

#include "base/text.h"
#include "bench/inputs.h"
#include "rig.h"

enum { PIECES = 3 };

#define MOST_REF_FLOPS 1e8

static struct sgeo_bench_shapes shapes;

/* The largest value of sizes that may shrink without making a case invalid. */
static size_t shrunk(const char *name, size_t value)
{
    static const struct {
        const char *name;
        size_t most;
    } limits[] = {{"n", 3}, {"hw", 9}, {"batch", 3}, {"rows", 2000}, {"bags", 5}};
    bool vector = strcmp(name, "n") == 0 && value > 1000;
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
        if (strcmp(limits[i].name, name) == 0 && limits[i].most < value)
            return vector ? 1003 : limits[i].most;
    return value;
}

/* The case with its sizes shrunk; the caller destroys its arguments. */
static struct sgeo_bench_shape tiny(const struct sgeo_bench_shape *shape)
{
    struct sgeo_bench_shape own = {.kernel = shape->kernel};
    struct sgeo_text text = {0};
    char line[512], *rest = NULL;
    snprintf(line, sizeof line, "%s", sgeo_bench_args_text(shape->args));
    for (char *word = strtok_r(line, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        char *value = strchr(word, '=');
        uint64_t number;
        *value++ = '\0';
        if (sgeo_parse_u64(value, &number))
            sgeo_text_append(&text, "%s=%zu ", word, shrunk(word, (size_t)number));
        else
            sgeo_text_append(&text, "%s=%s ", word, value);
    }
    rig_ok(sgeo_bench_args_create(&own.args, text.bytes, sgeo_bench_args_place(shape->args)));
    sgeo_text_clear(&text);
    return own;
}

static void setup(void)
{
    rig_ok(sgeo_bench_shapes_read_folder(&shapes, "bench/shapes"));
}

static void teardown(void)
{
    sgeo_bench_shapes_clear(&shapes);
}

static void assert_work(const struct sgeo_bench_inputs *inputs, const char *place)
{
    const struct sgeo_work *work = &inputs->work;
    ck_assert_msg(work->flops >= 0.0 && isfinite(work->flops), "%s: %g flops", place, work->flops);
    ck_assert_msg(work->bytes > 0.0 && work->line_bytes >= work->bytes, "%s: %g bytes, %g in lines",
                  place, work->bytes, work->line_bytes);
    ck_assert(inputs->set_bytes > 0);
}

/* The reference takes seconds for what the others do in milliseconds. */
static bool is_too_slow(int isa, const struct sgeo_work *work)
{
    return isa == SGEO_ISA_REF && work->flops > MOST_REF_FLOPS;
}

static void run_in_all_bundles(const struct sgeo_bench_inputs *inputs)
{
    struct sgeo_cpu cpu;
    sgeo_cpu_detect(&cpu);
    for (int isa = 0; isa < SGEO_ISA_COUNT; isa++) {
        struct sgeo_kernels kernels;
        if (is_too_slow(isa, &inputs->work) || !sgeo_cpu_supports(&cpu, (enum sgeo_isa)isa, NULL) ||
            !sgeo_kernels_fill(&kernels, (enum sgeo_isa)isa))
            continue;
        for (size_t turn = 0; turn < 2 * inputs->n; turn++)
            inputs->load->run(inputs->sets[turn % inputs->n], &kernels);
    }
}

static void use_once(const struct sgeo_bench_shape *shape)
{
    struct sgeo_bench_inputs inputs;
    rig_ok(sgeo_bench_inputs_create(&inputs, shape, NULL, 1));
    ck_assert_uint_eq(inputs.n, 1);
    assert_work(&inputs, sgeo_bench_args_place(shape->args));
    run_in_all_bundles(&inputs);
    sgeo_bench_inputs_clear(&inputs);
}

/* That nothing stays behind is what the address sanitizer's run of this test shows. */
START_TEST(test_loads_run_in_every_bundle)
{
    for (size_t i = 0; i < shapes.n; i++) {
        struct sgeo_bench_shape shape = tiny(&shapes.shapes[i]);
        use_once(&shape);
        sgeo_bench_args_destroy(shape.args);
    }
}
END_TEST

START_TEST(test_loads_refuse_a_misspelt_argument)
{
    struct sgeo_bench_shape shape = {.args = rig_args("n=5 momentun=1")};
    struct sgeo_bench_inputs inputs;
    rig_ok(sgeo_bench_kernel_find(&shape.kernel, "f32_sgd_step"));
    ck_assert_int_eq(sgeo_bench_inputs_create(&inputs, &shape, NULL, 1), SGEO_USAGE);
    assert_error_has("momentun=");
    sgeo_bench_args_destroy(shape.args);
}
END_TEST

/* Beyond the kernels' limits, or so large that a product of sizes wraps around. */
static const struct {
    const char *op, *line;
} impossible[] = {
    {"f32_attention", "batch=2 rows=4 heads=1 head_dim=65"},
    {"f32_attention", "batch=2 rows=4 heads=1 head_dim=0"},
    {"f32_depthwise", "n=1 c=8 hw=9 k=9"},
    {"f32_depthwise", "n=1 c=8 hw=9 k=3 stride=9"},
    {"f32_depthwise", "n=1 c=8 hw=9 k=3 dilation=16"},
    {"f32_depthwise", "n=1 c=8 hw=9 k=3 dilation=9223372036854775808"},
    {"f32_depthwise", "n=1 c=8 hw=2 k=2 dilation=8"},
    {"f32_depthwise", "n=1 c=8 hw=9 k=3 lanes=3"},
    {"f32_depthwise", "n=1152921504606846976 c=8 hw=4 k=3"},
    {"f32_winograd_conv", "n=1 c=12 hw=8"},
    {"f32_winograd_conv", "n=1 c=16 hw=8 lanes=4"},
    {"f32_winograd_conv", "n=1 c=2305843009213693952 hw=1"},
    {"f32_winograd_conv", "n=1152921504606846976 c=8 hw=4"},
    {"f32_avgpool", "n=1 c=8 hw=32 k=17"},
    {"f32_grad_moments", "k=17 n=8"},
    {"f32_embbag", "rows=4 dim=4 batch=18446744073709551615 bag=0"},
};

START_TEST(test_loads_refuse_what_no_kernel_takes)
{
    struct sgeo_bench_shape shape = {.args = rig_args(impossible[_i].line)};
    struct sgeo_bench_inputs inputs;
    rig_ok(sgeo_bench_kernel_find(&shape.kernel, impossible[_i].op));
    ck_assert_int_eq(sgeo_bench_inputs_create(&inputs, &shape, NULL, 1), SGEO_USAGE);
    sgeo_bench_args_destroy(shape.args);
}
END_TEST

/* A step of n numbers reads and writes three arrays of them. */
START_TEST(test_cold_inputs_fill_the_pool_and_keep_its_limit)
{
    struct sgeo_bench_shape shape = {.args = rig_args("n=1000")};
    struct sgeo_bench_inputs inputs;
    const struct sgeo_bench_pool pool = {PIECES * 12000 - 1, 1 << 20}, narrow = {1 << 20, 20000},
                                 none = {1 << 20, 1};
    rig_ok(sgeo_bench_kernel_find(&shape.kernel, "f32_sgd_step"));
    rig_ok(sgeo_bench_inputs_create(&inputs, &shape, &pool, 1));
    ck_assert_uint_eq(inputs.n, PIECES);
    run_in_all_bundles(&inputs);
    sgeo_bench_inputs_clear(&inputs);
    rig_ok(sgeo_bench_inputs_create(&inputs, &shape, &narrow, 1));
    ck_assert_uint_le(inputs.n, 20000 / 8000);
    sgeo_bench_inputs_clear(&inputs);
    rig_ok(sgeo_bench_inputs_create(&inputs, &shape, &none, 1));
    ck_assert_uint_eq(inputs.n, 1);
    sgeo_bench_inputs_clear(&inputs);
    sgeo_bench_args_destroy(shape.args);
}
END_TEST

/* What a call does on a line of a kernel's. */
static struct sgeo_work work_of(const char *op, const char *line)
{
    struct sgeo_bench_shape shape = {.args = rig_args(line)};
    struct sgeo_bench_inputs inputs;
    rig_ok(sgeo_bench_kernel_find(&shape.kernel, op));
    rig_ok(sgeo_bench_inputs_create(&inputs, &shape, NULL, 1));
    run_in_all_bundles(&inputs);
    struct sgeo_work work = inputs.work;
    sgeo_bench_inputs_clear(&inputs);
    sgeo_bench_args_destroy(shape.args);
    return work;
}

/* 200 lookups find all of 5 rows. */
START_TEST(test_row_moments_count_every_table)
{
    struct sgeo_work one = work_of("f32_row_moments", "rows=5 dim=16 lookups=200");
    struct sgeo_work three = work_of("f32_row_moments", "tables=3 rows=5 dim=16 lookups=200");
    ck_assert_double_eq(three.bytes, 3.0 * one.bytes);
    ck_assert_double_eq(three.flops, 3.0 * one.flops);
}
END_TEST

START_TEST(test_pool_does_not_believe_absurd_caches)
{
    const size_t mib = (size_t)1 << 20;
    ck_assert_uint_eq(sgeo_bench_pool_of(96 * mib).touched_bytes, 4 * 96 * mib);
    ck_assert_uint_eq(sgeo_bench_pool_of(508 * mib).touched_bytes, 4 * 32 * mib);
    ck_assert_uint_eq(sgeo_bench_pool_of(0).touched_bytes, 4 * 32 * mib);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("loads");
    tcase_set_timeout(tcase, 300);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, test_loads_run_in_every_bundle);
    tcase_add_test(tcase, test_loads_refuse_a_misspelt_argument);
    tcase_add_loop_test(tcase, test_loads_refuse_what_no_kernel_takes, 0,
                        sizeof impossible / sizeof *impossible);
    tcase_add_test(tcase, test_cold_inputs_fill_the_pool_and_keep_its_limit);
    tcase_add_test(tcase, test_row_moments_count_every_table);
    tcase_add_test(tcase, test_pool_does_not_believe_absurd_caches);
    return run_case("loads", tcase);
}
