/* --train-truth: ground truth of an embedded task, measured by training architectures from scratch.
 */
#ifndef SGEO_HARNESS_TRUTH_TRAINING_H
#define SGEO_HARNESS_TRUTH_TRAINING_H

#include "harness/options.h"
#include "harness/schedule.h"
#include "harness/score.h"

/*
 * Train options->n_archs stratified architectures of `task` for
 * options->epochs epochs and write OUT/accuracy.csv:
 * index,arch,val,test,epochs,train_images,seed,seconds_cpu. One journal line per architecture;
 * options->resume goes on. Architectures are trained in list order (column index), which is
 * prefix-stratified: any prefix spreads over sizes and depths. With options->dry_run one line to
 * the sink says what there is to do, and nothing is done.
 */
enum sgeo_status sgeo_train_truth(const struct sgeo_options *options, const struct sgeo_task *task,
                                  sgeo_text_sink sink, void *sink_context,
                                  sgeo_progress_fn progress, void *progress_context);

#endif
