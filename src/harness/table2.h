/* --table N. Table 2: correlation with ground truth over warm-up levels, ZiCo against SiGeo. */
#ifndef SGEO_HARNESS_TABLE2_H
#define SGEO_HARNESS_TABLE2_H

#include "harness/schedule.h"
#include "harness/score.h"

/*
 * Produce table `number` ("2"): run the campaign, publish scores.csv, table2.csv, meta.json under
 * options->out and print the paper's layout. from: print it from the results saved there instead.
 * Where the run covers embedded tasks only, the reference results that come with the program are
 * printed first.
 */
enum sgeo_status sgeo_table(const char *number, const struct sgeo_options *options,
                            const char *from, int argc, char **argv, sgeo_text_sink sink,
                            sgeo_progress_fn progress, void *progress_context);

#endif
