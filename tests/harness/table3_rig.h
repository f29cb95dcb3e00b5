/* A small Table 3 whose cells need no search: made by hand on the small set of clicks_rig.h. */
#ifndef SGEO_TESTS_HARNESS_TABLE3_RIG_H
#define SGEO_TESTS_HARNESS_TABLE3_RIG_H

#include <math.h>

#include "harness/clicks_rig.h"
#include "harness/table3_cells.h"

enum { RIG_CELLS = 5 };

static struct sgeo_table3 table;
static struct sgeo_table3_cell rig_cells[RIG_CELLS];

static inline const struct sgeo_table3_row *rig_row(const char *method)
{
    const struct sgeo_table3_list all = sgeo_table3_list();
    size_t r = 0;
    while (r < all.n && strcmp(all.rows[r].method, method) != 0) {
        r++;
    }
    ck_assert_uint_lt(r, all.n);
    return &all.rows[r];
}

/* A row of the table; models it has "found", NULL: none more. */
static inline void rig_cell(const char *method, const char *first, const char *second)
{
    struct sgeo_table3_cell *cell = &rig_cells[table.n_cells++];
    *cell = (struct sgeo_table3_cell){.row = rig_row(method),
                                      .clicks = &clicks,
                                      .paper_equivalent_percent = (double)NAN,
                                      .supernet = (double)NAN,
                                      .search = (double)NAN,
                                      .retraining = (double)NAN};
    if (first != NULL) {
        ok(sgeo_ctr_named_parse(&cell->found[cell->n_found++], first));
    }
    if (second != NULL) {
        ok(sgeo_ctr_named_parse(&cell->found[cell->n_found++], second));
    }
}

static inline void table3_create(void)
{
    clicks_create("criteo");
    table = (struct sgeo_table3){.options = &click_options,
                                 .size = {.final_epochs = 1},
                                 .sets = &clicks,
                                 .n_sets = 1,
                                 .cells = rig_cells,
                                 .seeds = 2};
    ok(sgeo_ctr_finals_open(&table.finals, &click_options));
    rig_cell("DLRM", "dlrm", NULL);
    rig_cell("DCNv2", "dcnv2", NULL);
    rig_cell("AutoCTR", NULL, NULL);
    rig_cell("NASRecNet (published)", "deepfm", "xdeepfm");
    rig_cell("true probabilities", NULL, NULL);
}

static inline void table3_destroy(void)
{
    sgeo_ctr_finals_close(table.finals);
    clicks_destroy();
}

#endif
