/*
 * --export zc-json: the scores of a run in NAS-Bench-Suite-Zero's own form (data/zcjson.h reads
 * it), a file a space:
 *   {DATASET: {ARCH: {PROXY: {"score": x, "time": s}, ..., "val_accuracy": percent}, ...}, ...}
 * ARCH is NASLib's key, PROXY the suite's name ("nwot"), else ours ("zico"). Proxies with terms
 * have "term_zico", "term_fr" and "term_loss" beside them. PROXY names a cold score of the first
 * seed; behind another one's name stand its differences: "zico/warmup=10/mode=candidate/seed=1".
 * "test_accuracy" is there besides where it is known; an unknown accuracy is absent.
 */
#ifndef SGEO_HARNESS_ZC_EXPORT_H
#define SGEO_HARNESS_ZC_EXPORT_H

#include <stddef.h>

#include "harness/job.h"

/*
 * Publish OUT/zc_SPACE.json for every space of context->options->tasks that has a SCORE among
 * `records` (n, any order); of records with equal keys and architectures the first counts. The file
 * is written an architecture at a time. context->truths are the accuracies (NULL or empty: none).
 * SGEO_IO when a file cannot be written; SGEO_USAGE on an architecture that the space cannot parse.
 */
enum sgeo_status sgeo_zc_export(const struct sgeo_run_context *context,
                                const struct sgeo_record *records, size_t n_records);

#endif
