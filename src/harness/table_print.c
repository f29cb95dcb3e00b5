#include "harness/table_print.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "harness/task.h"

/* Columns of a table that the layout reads; those from OPTIONAL on are younger than the format. */
enum column {
    TASK,
    PROXY,
    LEVEL,
    MODE,
    TRUTH,
    STATISTIC,
    VALUE,
    LOW,
    HIGH,
    ARCHS,
    SEEDS,
    PAPER,
    DELTA,
    DATA,
    OPTIONAL,
    SCORES = OPTIONAL,
    LAMBDA1,
    LAMBDA2,
    LAMBDA3,
    SPACE,
    ARITHMETIC,
    COLUMNS
};

static const char *const column_names[COLUMNS] = {
    "task",   "proxy",   "warmup_percent", "warmup_mode", "truth",        "statistic", "value",
    "ci_low", "ci_high", "n_archs",        "seeds",       "paper_value",  "delta",     "data",
    "scores", "lambda1", "lambda2",        "lambda3",     "search_space", "arithmetic"};

struct reader {
    const struct sgeo_csv *csv;
    size_t columns[COLUMNS];
};

/* A younger column that the file lacks is empty. */
static const char *field(const struct reader *reader, size_t row, enum column column)
{
    if (reader->columns[column] == SGEO_CSV_NONE) {
        return "";
    }
    return sgeo_csv_cell(reader->csv, row, reader->columns[column]);
}

static bool same(const struct reader *reader, size_t a, size_t b, enum column column)
{
    return strcmp(field(reader, a, column), field(reader, b, column)) == 0;
}

/* Whether both rows' scores are ours, or the suite's. */
static bool same_origin(const struct reader *reader, size_t a, size_t b)
{
    return (strcmp(field(reader, a, SCORES), "stored") == 0) ==
           (strcmp(field(reader, b, SCORES), "stored") == 0);
}

/* Rows of one block: same task, mode, truth, number of seeds and kind of data. Cold rows belong to
 * every mode's block. */
static bool same_block(const struct reader *reader, size_t a, size_t b)
{
    bool mode = same(reader, a, b, MODE) || strcmp(field(reader, b, MODE), "none") == 0;
    return mode && same(reader, a, b, TASK) && same(reader, a, b, SPACE) &&
           same(reader, a, b, TRUTH) && same(reader, a, b, SEEDS) && same_origin(reader, a, b);
}

static bool is_statistic(const struct reader *reader, size_t row, const char *name)
{
    return strcmp(field(reader, row, STATISTIC), name) == 0;
}

static double number(const struct reader *reader, size_t row, enum column column)
{
    double value;
    return sgeo_parse_double(field(reader, row, column), &value) ? value : (double)NAN;
}

/* The row of a statistic in the cell of `row`; SGEO_CSV_NONE when there is none. */
static size_t companion(const struct reader *reader, size_t row, const char *statistic)
{
    for (size_t r = 0; r < reader->csv->n_rows; r++) {
        if (is_statistic(reader, r, statistic) && same(reader, r, row, TASK) &&
            same(reader, r, row, SPACE) && same(reader, r, row, PROXY) &&
            same(reader, r, row, LEVEL) && same(reader, r, row, MODE) &&
            same(reader, r, row, TRUTH) && same(reader, r, row, SEEDS) &&
            same_origin(reader, r, row) && same(reader, r, row, LAMBDA1) &&
            same(reader, r, row, LAMBDA2) && same(reader, r, row, LAMBDA3)) {
            return r;
        }
    }
    return SGEO_CSV_NONE;
}

static void print_verdict(struct sgeo_text *text, const struct reader *reader, size_t row)
{
    size_t gain = companion(reader, row, "spearman_gain_over_zico");
    if (gain == SGEO_CSV_NONE) {
        return;
    }
    double low = number(reader, gain, LOW), high = number(reader, gain, HIGH);
    const char *verdict = low > 0.0    ? "better than ZiCo"
                          : high < 0.0 ? "worse than ZiCo"
                                       : "undecided against ZiCo";
    sgeo_text_append(text, "  %s (%+.3f [%+.3f, %+.3f])", verdict, number(reader, gain, VALUE), low,
                     high);
}

/* Where the best that is possible is known. */
static void print_regret(struct sgeo_text *text, const struct reader *reader, size_t row)
{
    size_t bayes = companion(reader, row, "regret_to_bayes");
    if (bayes != SGEO_CSV_NONE) {
        sgeo_text_append(text, "  over Bayes %.4f [%.4f, %.4f]", number(reader, bayes, VALUE),
                         number(reader, bayes, LOW), number(reader, bayes, HIGH));
    }
}

static void print_cell(struct sgeo_text *text, const struct reader *reader, size_t row)
{
    size_t kendall = companion(reader, row, "kendall");
    sgeo_text_append(text, "  %6s %%  %-13s", field(reader, row, LEVEL), field(reader, row, PROXY));
    if (*field(reader, row, LAMBDA1) != '\0') {
        sgeo_text_append(text, " (%s,%s,%s)", field(reader, row, LAMBDA1),
                         field(reader, row, LAMBDA2), field(reader, row, LAMBDA3));
    }
    sgeo_text_append(text, " n=%-5s rho %6.3f [%6.3f, %6.3f]", field(reader, row, ARCHS),
                     number(reader, row, VALUE), number(reader, row, LOW),
                     number(reader, row, HIGH));
    if (kendall != SGEO_CSV_NONE) {
        sgeo_text_append(text, "  tau %6.3f", number(reader, kendall, VALUE));
    }
    if (*field(reader, row, PAPER) != '\0') {
        sgeo_text_append(text, "  paper %s", field(reader, row, PAPER));
    }
    if (*field(reader, row, DELTA) != '\0') {
        sgeo_text_append(text, " (%+.3f)", number(reader, row, DELTA));
    }
    print_regret(text, reader, row);
    print_verdict(text, reader, row);
    sgeo_text_append(text, "\n");
}

/* What no score can be asked to exceed: a row of its own for all that share task and space. */
static void print_ceiling(struct sgeo_text *text, const struct reader *reader, size_t row,
                          const char *statistic, const char *name)
{
    for (size_t r = 0; r < reader->csv->n_rows; r++) {
        if (is_statistic(reader, r, statistic) && same(reader, r, row, TASK) &&
            same(reader, r, row, SPACE)) {
            sgeo_text_append(text, "  %-24s n=%-5s rho %6.3f [%6.3f, %6.3f]\n", name,
                             field(reader, r, ARCHS), number(reader, r, VALUE),
                             number(reader, r, LOW), number(reader, r, HIGH));
            return;
        }
    }
}

/* Of rows, whose truth is a log loss. */
static void print_space_heading(struct sgeo_text *text, const struct reader *reader, size_t row)
{
    sgeo_text_append(text, "\n%s, %s against %s log loss, warm-up mode %s, %s seed%s, %s rows\n",
                     field(reader, row, TASK), field(reader, row, SPACE), field(reader, row, TRUTH),
                     field(reader, row, MODE), field(reader, row, SEEDS),
                     strcmp(field(reader, row, SEEDS), "1") == 0 ? "" : "s",
                     field(reader, row, DATA));
}

static void print_heading(struct sgeo_text *text, const struct reader *reader, size_t first)
{
    const struct sgeo_task *task = sgeo_task_find(field(reader, first, TASK));
    bool stored = strcmp(field(reader, first, SCORES), "stored") == 0;
    bool ours = strcmp(field(reader, first, SCORES), "ours") == 0;
    const char *arithmetic = field(reader, first, ARITHMETIC);
    bool is_usual = *arithmetic == '\0' || strcmp(arithmetic, "f32") == 0;
    sgeo_text_append(text, "\n%s against %s accuracy%s, %s%s, %s seed%s, %s images%s%s%s\n",
                     field(reader, first, TASK), field(reader, first, TRUTH),
                     task != NULL && task->surrogate ? " by a surrogate" : "",
                     stored ? "scores stored by NAS-Bench-Suite-Zero" : "warm-up mode ",
                     stored ? "" : field(reader, first, MODE), field(reader, first, SEEDS),
                     strcmp(field(reader, first, SEEDS), "1") == 0 ? "" : "s",
                     field(reader, first, DATA), ours ? ", --convention ours" : "",
                     is_usual ? "" : ", in ", is_usual ? "" : arithmetic);
}

static void print_block(struct sgeo_text *text, const struct reader *reader, size_t first,
                        bool *printed)
{
    bool has_space = *field(reader, first, SPACE) != '\0';
    if (has_space) {
        print_space_heading(text, reader, first);
    } else {
        print_heading(text, reader, first);
    }
    for (size_t r = 0; r < reader->csv->n_rows; r++) {
        if (!printed[r] && is_statistic(reader, r, "spearman") && same_block(reader, first, r)) {
            printed[r] = true;
            print_cell(text, reader, r);
        }
    }
    if (has_space) {
        print_ceiling(text, reader, first, "ceiling_spearman", "validation against test");
        print_ceiling(text, reader, first, "ceiling_seeds_spearman", "two seeds' trainings");
    }
}

/* A warm block starts at its first warm row, so that the cold rows before it join it. */
static size_t block_leader(const struct reader *reader, size_t row)
{
    for (size_t r = row; r < reader->csv->n_rows; r++) {
        if (is_statistic(reader, r, "spearman") && same(reader, row, r, TASK) &&
            same(reader, row, r, SPACE) && same(reader, row, r, TRUTH) &&
            same(reader, row, r, SEEDS) && same_origin(reader, row, r) &&
            strcmp(field(reader, r, MODE), "none") != 0) {
            return r;
        }
    }
    return row;
}

enum sgeo_status sgeo_table_print(struct sgeo_text *text, const struct sgeo_csv *table)
{
    struct reader reader = {.csv = table};
    for (int c = 0; c < COLUMNS; c++) {
        reader.columns[c] = sgeo_csv_column(table, column_names[c]);
        if (reader.columns[c] == SGEO_CSV_NONE && c < OPTIONAL) {
            return sgeo_fail(SGEO_IO, "is it a table of this program?", "%s has no column %s",
                             table->path, column_names[c]);
        }
    }
    bool *printed = sgeo_calloc(table->n_rows + 1, sizeof *printed);
    if (printed == NULL) {
        return sgeo_fail_memory("table");
    }
    for (size_t r = 0; r < table->n_rows; r++) {
        if (!printed[r] && is_statistic(&reader, r, "spearman")) {
            print_block(text, &reader, block_leader(&reader, r), printed);
        }
    }
    sgeo_free(printed);
    return text->failed ? sgeo_fail_memory("table") : SGEO_OK;
}
