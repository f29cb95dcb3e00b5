/*
 * The bounds of kernels.inc follow from recorded samples: prove/worst_errors.csv is what --check
 * --seeds printed, part by part.
 */
#include <math.h>
#include <string.h>

#include "base/csv.h"
#include "suite.h"

#define RECORD      "kernels/prove/worst_errors.csv"
#define MARGIN      4.0
#define LEAST_SEEDS 100000

struct bound {
    const char *op;
    double bound;
};

static const struct bound bounds[] = {
#define SGEO_KERNEL(op, tile, bound, ...) {#op, bound},
#include "kernels/kernels.inc"
#undef SGEO_KERNEL
};

#define N_BOUNDS (sizeof bounds / sizeof *bounds)

static struct sgeo_csv record;

static void setup(void)
{
    ck_assert_msg(sgeo_csv_read(&record, RECORD) == SGEO_OK, "%s", sgeo_error_text());
}

static void teardown(void)
{
    sgeo_csv_clear(&record);
}

static const char *field(size_t row, const char *column)
{
    size_t index = sgeo_csv_column(&record, column);
    ck_assert_uint_ne(index, SGEO_CSV_NONE);
    return sgeo_csv_cell(&record, row, index);
}

static double number(size_t row, const char *column)
{
    double value = 0.0;
    ck_assert(sgeo_parse_double(field(row, column), &value));
    return value;
}

/* The worst error of a kernel in the parts of a tier's record, and the seeds behind it. */
static double worst_of(const char *op, const char *tier, double *seeds)
{
    double worst = 0.0;
    *seeds = 0.0;
    for (size_t r = 0; r < record.n_rows; r++) {
        if (strcmp(field(r, "op"), op) != 0 || strcmp(field(r, "tier"), tier) != 0)
            continue;
        ck_assert_str_eq(field(r, "verdict"), "proven");
        worst = fmax(worst, number(r, "worst_error"));
        *seeds += number(r, "cases");
    }
    return worst;
}

/* The smallest number of two digits that is not below x. */
static double two_digits(double x)
{
    double unit = pow(10.0, floor(log10(x)) - 1.0);
    return ceil(x / unit - 1e-9) * unit;
}

/* Only its kernels on bf16 are avx512bf16's own: the others are those of avx512. */
static bool has_record(const char *op, const char *tier)
{
    return strcmp(tier, "avx512bf16") != 0 || strncmp(op, "bf16_", 5) == 0;
}

START_TEST(test_bounds_are_four_times_the_worst_error_of_all_tiers)
{
    static const char *const tiers[] = {"scalar", "avx2", "avx512", "avx512bf16"};
    for (size_t i = 0; i < N_BOUNDS; i++) {
        if (bounds[i].bound == 0.0)
            continue; /* exact: compared bit for bit */
        double worst = 0.0;
        for (size_t t = 0; t < sizeof tiers / sizeof *tiers; t++) {
            if (!has_record(bounds[i].op, tiers[t]))
                continue;
            double seeds, error = worst_of(bounds[i].op, tiers[t], &seeds);
            ck_assert_msg(seeds >= LEAST_SEEDS, "%s of %s: %.0f seeds", bounds[i].op, tiers[t],
                          seeds);
            worst = fmax(worst, error);
        }
        double expected = worst > 0.0 ? two_digits(MARGIN * worst) : 0.0;
        ck_assert_msg(fabs(bounds[i].bound - expected) <= 1e-6 * expected,
                      "%s: bound %.3g, worst error %.3g: make it %.3g", bounds[i].op,
                      bounds[i].bound, worst, expected);
    }
}
END_TEST

/* Parts that overlap would count seeds twice. */
START_TEST(test_parts_of_a_record_do_not_overlap)
{
    for (size_t a = 0; a < record.n_rows; a++)
        for (size_t b = 0; b < a; b++)
            if (strcmp(field(a, "op"), field(b, "op")) == 0 &&
                strcmp(field(a, "tier"), field(b, "tier")) == 0)
                ck_assert_msg(number(a, "seed") >= number(b, "seed") + number(b, "cases") ||
                                  number(b, "seed") >= number(a, "seed") + number(a, "cases"),
                              "%s of %s: rows %zu and %zu", field(a, "op"), field(a, "tier"), b, a);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("bounds");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, test_bounds_are_four_times_the_worst_error_of_all_tiers);
    tcase_add_test(tcase, test_parts_of_a_record_do_not_overlap);
    return run_case("kern/bounds", tcase);
}
