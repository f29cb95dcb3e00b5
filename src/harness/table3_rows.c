#include "harness/table3_rows.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define NONE ((double)NAN)

#define CRAFTED(name, printed, model, reference)                                                   \
    {                                                                                              \
        .kind = SGEO_TABLE3_CRAFTED, .setting = "hand-crafted", .level = NONE, .method = name,     \
        .paper_method = printed, .search_space = "", .crafted = model, .against = reference        \
    }

#define NOT_RERUN(name)                                                                            \
    {                                                                                              \
        .kind = SGEO_TABLE3_NOT_RERUN, .setting = "one-shot", .level = 100.0, .method = name,      \
        .paper_method = name, .search_space = ""                                                   \
    }

#define SMALL .search_space = "NASRec-Small", .space = SGEO_NASREC_SMALL
#define FULL  .search_space = "NASRec-Full", .space = SGEO_NASREC_FULL

#define PUBLISHED(where)                                                                           \
    {                                                                                              \
        .kind = SGEO_TABLE3_PUBLISHED, .setting = "one-shot", .level = 100.0,                      \
        .method = "NASRecNet (published)", .paper_method = "NASRecNet", .against = "DLRM", where   \
    }

#define SEARCHED(which, percent, name, judge, reading, reference, where)                           \
    {                                                                                              \
        .kind = SGEO_TABLE3_SEARCHED, .setting = which, .level = percent, .method = name,          \
        .paper_method = name, .by = judge, .proxy = reading, .against = reference, where           \
    }

/* Both spaces. */
#define SEARCHES(which, percent, name, judge, reading, reference)                                  \
    SEARCHED(which, percent, name, judge, reading, reference, SMALL),                              \
        SEARCHED(which, percent, name, judge, reading, reference, FULL)

static const struct sgeo_table3_row rows[] = {
    {.kind = SGEO_TABLE3_BOUND,
     .setting = "best possible",
     .level = NONE,
     .method = "true probabilities",
     .search_space = ""},
    CRAFTED("DLRM", "DLRM", SGEO_CTR_DLRM, NULL),
    CRAFTED("xDeepFM", "xDeepFM", SGEO_CTR_XDEEPFM, "DLRM"),
    CRAFTED("AutoInt+", "AutoInt+", SGEO_CTR_AUTOINT_PLUS, "DLRM"),
    CRAFTED("DeepFM", "DeepFM", SGEO_CTR_DEEPFM, "DLRM"),
    CRAFTED("DCNv2", NULL, SGEO_CTR_DCNV2, "DLRM"),
    NOT_RERUN("DNAS"),
    NOT_RERUN("PROFIT"),
    NOT_RERUN("AutoCTR"),
    SEARCHES("one-shot", 100.0, "Random Search", "random", NULL, "DLRM"),
    SEARCHES("one-shot", 100.0, "NASRecNet", "oneshot", NULL, "Random Search"),
    PUBLISHED(SMALL),
    PUBLISHED(FULL),
    SEARCHES("one-shot", 100.0, "SiGeo", "sigeo", "sigeo-nasrec", "NASRecNet"),
    SEARCHES("one-shot", 100.0, "SiGeo", "sigeo", "sigeo-eq6", "NASRecNet"),
    SEARCHES("sub-one-shot", 1.0, "ZiCo", "zico", "zico-nasrec", "DLRM"),
    SEARCHES("sub-one-shot", 1.0, "ZiCo", "zico", "zico", "DLRM"),
    SEARCHES("sub-one-shot", 1.0, "SiGeo", "sigeo", "sigeo-nasrec", "ZiCo"),
    SEARCHES("sub-one-shot", 1.0, "SiGeo", "sigeo", "sigeo-eq6", "ZiCo"),
    SEARCHES("zero-shot", 0.0, "ZiCo", "zico", "zico-nasrec", "DLRM"),
    SEARCHES("zero-shot", 0.0, "ZiCo", "zico", "zico", "DLRM"),
    SEARCHES("zero-shot", 0.0, "SiGeo", "sigeo", "sigeo-nasrec", "ZiCo"),
    SEARCHES("zero-shot", 0.0, "SiGeo", "sigeo", "sigeo-eq6", "ZiCo"),
};

struct sgeo_table3_list sgeo_table3_list(void)
{
    return (struct sgeo_table3_list){"table 3", rows, sizeof rows / sizeof *rows};
}

static bool has_level(const struct sgeo_options *options, double level)
{
    bool found = options->n_levels == 0;
    for (size_t i = 0; i < options->n_levels; i++) {
        found = found || options->levels[i] == level;
    }
    return found;
}

static bool has_proxy(const struct sgeo_options *options, const char *proxy)
{
    bool found = false;
    for (size_t i = 0; proxy != NULL && i < options->n_proxies; i++) {
        found = found || strcmp(options->proxies[i]->name, proxy) == 0;
    }
    return found || (options->n_proxies == 0 && (proxy == NULL || strcmp(proxy, "zico") != 0));
}

bool sgeo_table3_has_row(const struct sgeo_options *options, const struct sgeo_table3_row *row)
{
    bool searched = row->kind == SGEO_TABLE3_SEARCHED;
    return (isnan(row->level) || has_level(options, row->level)) &&
           (!searched || has_proxy(options, row->proxy));
}

bool sgeo_table3_is_against(const struct sgeo_table3_row *row, const struct sgeo_table3_row *other)
{
    if (row->against == NULL || strcmp(row->against, other->method) != 0) {
        return false;
    }
    return other->kind == SGEO_TABLE3_CRAFTED ||
           (other->space == row->space && other->level == row->level);
}

static bool any_row(const struct sgeo_table3_list *list,
                    bool (*fits)(const struct sgeo_table3_row *row, const void *wanted),
                    const void *wanted)
{
    bool found = false;
    for (size_t r = 0; r < list->n; r++) {
        found =
            found || (list->rows[r].kind == SGEO_TABLE3_SEARCHED && fits(&list->rows[r], wanted));
    }
    return found;
}

static bool is_of_level(const struct sgeo_table3_row *row, const void *wanted)
{
    return row->level == *(const double *)wanted;
}

static bool is_by_proxy(const struct sgeo_table3_row *row, const void *wanted)
{
    return row->proxy != NULL && strcmp(row->proxy, wanted) == 0;
}

/* The levels of its searches, as --warmup takes them. */
static void hint_levels(char *hint, size_t capacity, const struct sgeo_table3_list *list)
{
    static const double levels[] = {0.0, 1.0, 100.0};
    size_t length = (size_t)snprintf(hint, capacity, "--warmup ");
    for (size_t i = 0, n = 0; i < sizeof levels / sizeof *levels; i++) {
        if (any_row(list, is_of_level, &levels[i])) {
            length += (size_t)snprintf(hint + length, capacity - length, "%s%g",
                                       n++ == 0 ? "" : ",", levels[i]);
        }
    }
}

enum sgeo_status sgeo_table3_check(const struct sgeo_options *options,
                                   const struct sgeo_table3_list *list)
{
    char hint[64];
    hint_levels(hint, sizeof hint, list);
    for (size_t i = 0; i < options->n_levels; i++) {
        if (!any_row(list, is_of_level, &options->levels[i])) {
            return sgeo_fail(SGEO_USAGE, hint, "%s has no rows at %g %% warm-up", list->name,
                             options->levels[i]);
        }
    }
    for (size_t i = 0; i < options->n_proxies; i++) {
        if (!any_row(list, is_by_proxy, options->proxies[i]->name)) {
            return sgeo_fail(SGEO_USAGE, "--proxy sigeo-nasrec,sigeo-eq6,zico-nasrec,zico",
                             "%s has no rows by %s", list->name, options->proxies[i]->name);
        }
    }
    return SGEO_OK;
}
