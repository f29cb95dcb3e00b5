/* What the files of Table 3b's scores share. */
#ifndef SGEO_HARNESS_TABLE3B_PARTS_H
#define SGEO_HARNESS_TABLE3B_PARTS_H

#include "base/journal.h"
#include "harness/ctr_scorer.h"
#include "harness/table3b.h"

struct sgeo_table3b_run;

/* A supernet at a level, and the scores with what it hands down. */
struct sgeo_table3b_cell {
    struct sgeo_table3b_run *run;
    const struct sgeo_table3b_part *part;
    struct sgeo_ctr_recipe recipe;
    uint64_t seed;
    struct sgeo_record *records; /* (part->n) */
    bool *done;                  /* (part->n) */
    double *costs;               /* (part->n) */
    size_t n_done;               /* in the journal */
    /* while it is scored */
    struct sgeo_backend *backend; /* the supernet's */
    struct sgeo_ctr_supernet *supernet;
    struct sgeo_ctr_draw draw;
    struct sgeo_ctr_judge judge;
};

struct sgeo_table3b_run {
    struct sgeo_table3b *table;
    struct sgeo_options placed; /* of the journal */
    char folder[1024];
    struct sgeo_journal *journal;
    struct sgeo_table3b_cell *cells; /* (n) by part, seed, level */
    size_t n;
    size_t n_total, n_recalled; /* scores of all cells; those of the journal */
    size_t n_fresh;             /* new ones of the cells before the one at work */
    double start;               /* of the first cell */
};

/* The cells of a run, and what the journal knows of them; the caller closes them in any case.
 * SGEO_USAGE when it holds scores of other rows, warm-ups or architectures. */
enum sgeo_status sgeo_table3b_list_cells(struct sgeo_table3b_run *run);
enum sgeo_status sgeo_table3b_open_journal(struct sgeo_table3b_run *run);
void sgeo_table3b_close_cells(struct sgeo_table3b_run *run);

#endif
