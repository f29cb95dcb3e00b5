/*
 * --figure N: the figures of the paper that have jobs of their own. Figure 3: statistics of
 * two-layer perceptrons early in their training against the loss that they reach.
 */
#ifndef SGEO_HARNESS_FIGURE_H
#define SGEO_HARNESS_FIGURE_H

#include "harness/options.h"
#include "harness/schedule.h"
#include "harness/score.h"

extern const char sgeo_figure3_summary[]; /* one line for --list figures */

/*
 * Produce figure `number`: run what its journal lacks, publish figureN.csv,
 * figureN_correlations.csv and meta.json under options->out and print the correlations beside the
 * paper's. from: print those of the results saved there instead. options->seeds: repeats of a
 * width, instead of the preset's. Under mpirun rank 0 does all of it. SGEO_USAGE for an unknown
 * figure, SGEO_UNSUPPORTED for one that this version lacks, SGEO_IO without MNIST.
 */
enum sgeo_status sgeo_figure_run(const char *number, const struct sgeo_options *options,
                                 const char *from, int argc, char **argv, sgeo_text_sink sink,
                                 sgeo_progress_fn progress, void *progress_context);

#endif
