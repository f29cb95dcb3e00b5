/* What a run of Table 3b has to do, before it starts. */
#ifndef SGEO_HARNESS_TABLE3B_PLAN_H
#define SGEO_HARNESS_TABLE3B_PLAN_H

#include "harness/options.h"
#include "harness/score.h"

/*
 * Hand the sink a line per task and space, with its trainings, warm-ups and scores, and one with
 * the core-hours of all, roughly: of AVX-512 cores, what is done already included. options: filled
 * in. Opens no rows. Errors as sgeo_table3b_archs, and SGEO_IO when the rows cannot be read.
 */
enum sgeo_status sgeo_table3b_print_plan(const struct sgeo_options *options, sgeo_text_sink sink,
                                         void *sink_context);

#endif
