/* --score: single architectures, one CSV row per proxy. */
#ifndef SGEO_HARNESS_SCORE_H
#define SGEO_HARNESS_SCORE_H

#include <stdio.h>

#include "harness/options.h"

/* Receives finished CSV text. */
typedef void (*sgeo_text_sink)(const char *text, void *context);

/*
 * Score `arch` on options->tasks[0] at random initialisation with every asked proxy;
 * options->repeat > 0: CPU seconds are the median of that many runs after one discarded run. With
 * arch "-", architectures come from `input`, one a line, and share everything that does not depend
 * on the architecture. Rows:
 * task,arch,arch_index,proxy,warmup_percent,warmup_mode,warmup_steps,seed,score,term_zico,term_fr,
 * term_loss,seconds_cpu,status
 */
enum sgeo_status sgeo_score(const struct sgeo_options *options, const char *arch, FILE *input,
                            sgeo_text_sink sink, void *sink_context);

#endif
