/* What a run of Table 3, or of Figure 4, has to do, before it starts. */
#ifndef SGEO_HARNESS_TABLE3_PLAN_H
#define SGEO_HARNESS_TABLE3_PLAN_H

#include "harness/options.h"
#include "harness/score.h"
#include "harness/table3_rows.h"

/*
 * Hand the sink a line per task of options->ctr_tasks, with its searches, their evaluations, and
 * trainings, of the rows of the list, and one with the core-hours of what the result folder lacks
 * and the hours of options->workers, roughly: of AVX-512 cores, for the rows of options->data, or
 * as many as the preset generates. Opens no rows. Fails as building networks does, and SGEO_IO when
 * the rows cannot be read.
 */
enum sgeo_status sgeo_table3_print_plan(const struct sgeo_options *options,
                                        const struct sgeo_table3_list *list, sgeo_text_sink sink,
                                        void *sink_context);

#endif
