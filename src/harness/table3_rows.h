/* The rows of Table 3: the paper's 21 methods in its order, and some beside them; and what they are
 * in general, lists of models to search for and train (Figure 4 has one of its own). */
#ifndef SGEO_HARNESS_TABLE3_ROWS_H
#define SGEO_HARNESS_TABLE3_ROWS_H

#include "harness/options.h"
#include "space/ctr_models.h"
#include "space/nasrec.h"

enum sgeo_table3_kind {
    SGEO_TABLE3_CRAFTED,   /* a hand-crafted model */
    SGEO_TABLE3_SEARCHED,  /* a search of ours: the best of its best, trained from scratch */
    SGEO_TABLE3_PUBLISHED, /* the architecture that NASRec's authors published, trained anew */
    SGEO_TABLE3_NOT_RERUN, /* the paper's value alone */
    SGEO_TABLE3_BOUND      /* generated rows' own probabilities: nothing predicts better */
};

struct sgeo_table3_row {
    enum sgeo_table3_kind kind;
    const char *setting; /* as printed: "zero-shot", "sub-one-shot", "one-shot", "hand-crafted";
                            or "best possible" */
    double level;        /* percent of the supernet's schedule; NaN: no supernet */
    const char *method;  /* as printed: "SiGeo" */
    const char *paper_method; /* whose numbers face it; NULL: the paper has none */
    const char *search_space; /* as printed: "NASRec-Small"; "" where there is none */
    enum sgeo_nasrec_space space;
    enum sgeo_ctr_model crafted;
    const char *by;    /* SEARCHED: --by */
    const char *proxy; /* and the reading of its score; NULL: a loss */
    bool has_lambda;   /* the score's terms have these weights, not its own */
    struct sgeo_lambda lambda;
    const char *against; /* method of the row that it is tested against; NULL: none */
};

/* Rows that a run may have. Borrows them. */
struct sgeo_table3_list {
    const char *name; /* in messages: "table 3" */
    const struct sgeo_table3_row *rows;
    size_t n;
};

/* All rows of the table. */
struct sgeo_table3_list sgeo_table3_list(void);

/*
 * Whether a run has the row: options->levels (none: all) choose among the rows with a supernet,
 * options->proxies among searches; without them these are by sigeo-nasrec, sigeo-eq6, zico-nasrec
 * and by losses.
 */
bool sgeo_table3_has_row(const struct sgeo_options *options, const struct sgeo_table3_row *row);

/* Whether `other` is what the row is tested against: hand-crafted, or of the same space, level. */
bool sgeo_table3_is_against(const struct sgeo_table3_row *row, const struct sgeo_table3_row *other);

/* SGEO_USAGE when options ask for a level or proxy that no row of the list has. */
enum sgeo_status sgeo_table3_check(const struct sgeo_options *options,
                                   const struct sgeo_table3_list *list);

#endif
