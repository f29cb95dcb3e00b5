#include "harness/figure4_print.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "stats/mann_whitney.h"
#include "stats/robust.h"

static const char *const columns[] = {"dataset",       "search_space", "method", "by",
                                      "test_log_loss", "status",       "chosen", "paper_value",
                                      "paper_line",    "data",         NULL};

/* Of a two-sided test: above it a difference is undecided. */
#define LEVEL 0.05

/* The rows of one search. */
struct box {
    const struct sgeo_csv *csv;
    size_t first, n;
};

static bool same(const struct sgeo_csv *csv, size_t a, size_t b, const char *column)
{
    return strcmp(sgeo_csv_field(csv, a, column), sgeo_csv_field(csv, b, column)) == 0;
}

static struct box box_at(const struct sgeo_csv *csv, size_t first)
{
    struct box box = {csv, first, 1};
    while (first + box.n < csv->n_rows && same(csv, first, first + box.n, "dataset") &&
           same(csv, first, first + box.n, "search_space") &&
           same(csv, first, first + box.n, "method") && same(csv, first, first + box.n, "by")) {
        box.n++;
    }
    return box;
}

/* What the box is tested against: SiGeo's, and ZiCo's readings go with those of the same code. */
static bool is_against(const struct box *box, size_t row)
{
    const struct sgeo_csv *csv = box->csv;
    const char *by = sgeo_csv_field(csv, box->first, "by"), *other = sgeo_csv_field(csv, row, "by");
    bool is_sigeo = strcmp(sgeo_csv_field(csv, row, "method"), "SiGeo") == 0;
    bool same_reading = strcmp(by, other) == 0 ||
                        (strcmp(by, "zico-nasrec") == 0 && strcmp(other, "sigeo-nasrec") == 0) ||
                        (strcmp(by, "zico") == 0 && strcmp(other, "sigeo-eq6") == 0);
    return is_sigeo && same_reading && same(csv, box->first, row, "dataset") &&
           same(csv, box->first, row, "search_space") && !same(csv, box->first, row, "method");
}

/* n = 0: this file has none. */
static struct box opponent_of(const struct box *box)
{
    for (size_t r = 0; r < box->csv->n_rows; r++) {
        if (is_against(box, r)) {
            return box_at(box->csv, r);
        }
    }
    return (struct box){box->csv, 0, 0};
}

/* Those that diverged have a loss larger than any: it counts in ranks. */
static void fill_losses(double *losses, const struct box *box)
{
    for (size_t i = 0; i < box->n; i++) {
        losses[i] = sgeo_csv_number(box->csv, box->first + i, "test_log_loss");
    }
}

/* Those that did not, as the plot has them. How many. */
static size_t fill_good_losses(double *losses, const struct box *box)
{
    size_t n = 0;
    for (size_t i = 0; i < box->n; i++) {
        if (sgeo_csv_is(box->csv, box->first + i, "status", "ok")) {
            losses[n++] = sgeo_csv_number(box->csv, box->first + i, "test_log_loss");
        }
    }
    return n;
}

static double chosen_of(const struct box *box)
{
    for (size_t i = 0; i < box->n; i++) {
        if (strcmp(sgeo_csv_field(box->csv, box->first + i, "chosen"), "yes") == 0) {
            return sgeo_csv_number(box->csv, box->first + i, "test_log_loss");
        }
    }
    return (double)NAN;
}

static enum sgeo_status print_test(struct sgeo_text *text, const struct box *box, double *losses)
{
    struct box other = opponent_of(box);
    struct sgeo_mann_whitney test;
    if (other.n == 0) {
        return SGEO_OK;
    }
    fill_losses(losses, box);
    fill_losses(losses + box->n, &other);
    enum sgeo_status status = sgeo_mann_whitney(&test, (struct sgeo_column){losses, box->n},
                                                (struct sgeo_column){losses + box->n, other.n});
    if (status == SGEO_OK) {
        bool worse = test.u > 0.5 * (double)(box->n * other.n);
        sgeo_text_append(text, "  %s SiGeo, p %.2g",
                         test.p > LEVEL ? "undecided against"
                         : worse        ? "worse than"
                                        : "better than",
                         test.p);
    }
    return status;
}

/* NaN: there is none. */
static void print_number(struct sgeo_text *text, int width, double value)
{
    if (isnan(value)) {
        sgeo_text_append(text, " %*s", width, "-");
    } else {
        sgeo_text_append(text, " %*.4f", width, value);
    }
}

static void print_quartiles(struct sgeo_text *text, const double *sorted, size_t n)
{
    static const double parts[] = {0.0, 0.25, 0.5, 0.75, 1.0};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        print_number(text, 7, n == 0 ? (double)NAN : sgeo_quantile_sorted(sorted, n, parts[i]));
    }
}

static enum sgeo_status print_box(struct sgeo_text *text, const struct box *box, double *losses)
{
    const struct sgeo_csv *csv = box->csv;
    size_t n = fill_good_losses(losses, box);
    sgeo_sort_ascending(losses, n);
    sgeo_text_append(text, "  %-8s %-13s %3zu ", sgeo_csv_field(csv, box->first, "method"),
                     sgeo_csv_field(csv, box->first, "by"), n);
    print_quartiles(text, losses, n);
    print_number(text, 8, chosen_of(box));
    print_number(text, 8, sgeo_csv_number(csv, box->first, "paper_value"));
    if (n < box->n) {
        sgeo_text_append(text, "  %zu diverged", box->n - n);
    }
    enum sgeo_status status = print_test(text, box, losses);
    sgeo_text_append(text, "\n");
    return status;
}

static void print_heading(struct sgeo_text *text, const struct sgeo_csv *csv, size_t row)
{
    sgeo_text_append(text, "\n%s, %s, %s; the paper's line %s\n  %-8s %-13s %3s ",
                     sgeo_csv_field(csv, row, "dataset"), sgeo_csv_field(csv, row, "search_space"),
                     sgeo_csv_field(csv, row, "data"), sgeo_csv_field(csv, row, "paper_line"),
                     "method", "by", "n");
    sgeo_text_append(text, " %7s %7s %7s %7s %7s  %7s  %7s\n", "least", "1/4", "median", "3/4",
                     "most", "chosen", "paper");
}

/* Both spaces of a data set follow each other in any order: boxes of one are printed together. */
static bool starts_panel(const struct sgeo_csv *csv, size_t row)
{
    for (size_t r = 0; r < row; r++) {
        if (same(csv, r, row, "dataset") && same(csv, r, row, "search_space")) {
            return false;
        }
    }
    return true;
}

static enum sgeo_status print_panel(struct sgeo_text *text, const struct sgeo_csv *csv,
                                    size_t first, double *losses)
{
    enum sgeo_status status = SGEO_OK;
    print_heading(text, csv, first);
    for (size_t r = first; status == SGEO_OK && r < csv->n_rows;) {
        const struct box box = box_at(csv, r);
        if (same(csv, first, r, "dataset") && same(csv, first, r, "search_space")) {
            status = print_box(text, &box, losses);
        }
        r += box.n;
    }
    return status;
}

static enum sgeo_status check(const struct sgeo_csv *csv)
{
    enum sgeo_status status = sgeo_csv_require(csv, columns);
    for (size_t r = 0; status == SGEO_OK && r < csv->n_rows; r++) {
        if (isnan(sgeo_csv_number(csv, r, "test_log_loss"))) {
            return sgeo_fail(SGEO_IO, "is it a file of this program?",
                             "%s:%zu: test_log_loss '%s' is not a number", csv->path, r + 2,
                             sgeo_csv_field(csv, r, "test_log_loss"));
        }
    }
    return status;
}

enum sgeo_status sgeo_figure4_print(struct sgeo_text *text, const struct sgeo_csv *figure)
{
    enum sgeo_status status = check(figure);
    double *losses = sgeo_calloc(2 * figure->n_rows + 1, sizeof *losses);
    if (status == SGEO_OK && losses == NULL) {
        status = sgeo_fail_memory("figure 4");
    }
    if (status == SGEO_OK) {
        sgeo_text_append(text, "Figure 4: test log loss of the best of each search after 1 %% "
                               "warm-up, trained from scratch\n");
    }
    for (size_t r = 0; status == SGEO_OK && r < figure->n_rows; r++) {
        if (starts_panel(figure, r)) {
            status = print_panel(text, figure, r, losses);
        }
    }
    sgeo_free(losses);
    return status == SGEO_OK && text->failed ? sgeo_fail_memory("figure 4") : status;
}
