/* A small generated click-through set in the scratch directory of the running test. */
#ifndef SGEO_TESTS_HARNESS_CLICKS_RIG_H
#define SGEO_TESTS_HARNESS_CLICKS_RIG_H

#include "harness/ctr_set.h"
#include "harness/rig.h"

enum { CLICK_ROWS = 4000 };

static const struct sgeo_search_size click_size = {.rows = CLICK_ROWS, .cap = 500};

static struct sgeo_ctr_set clicks;
static struct sgeo_options click_options;
static char click_out[SCRATCH_PATH_BYTES];

static inline void ok(enum sgeo_status status)
{
    ck_assert_msg(status == SGEO_OK, "%s", sgeo_error_text());
}

/* Rows of a data folder; NULL: generated ones, of the size. */
static inline void clicks_open(const char *task, const char *data,
                               const struct sgeo_search_size *size)
{
    scratch_path(click_out, "out");
    click_options = (struct sgeo_options){.workers = 2, .seed = 3, .data = data, .out = click_out};
    ok(sgeo_ctr_set_open(&clicks, sgeo_ctr_task_find(task), &click_options, size));
}

static inline void clicks_create(const char *task)
{
    scratch_create();
    clicks_open(task, NULL, &click_size);
}

static inline void clicks_destroy(void)
{
    sgeo_ctr_set_close(&clicks);
    scratch_remove();
}

#endif
