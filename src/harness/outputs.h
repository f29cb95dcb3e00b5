/* The CSV files of a run, and rows of scores.csv (results/schema.md describes every column). */
#ifndef SGEO_HARNESS_OUTPUTS_H
#define SGEO_HARNESS_OUTPUTS_H

#include "base/text.h"
#include "harness/campaign.h"

/* Publish a table as OUT/name; `out` is there. SGEO_IO, also when there was no memory for its text.
 */
enum sgeo_status sgeo_outputs_publish(const char *out, const char *name,
                                      const struct sgeo_text *csv);

extern const char sgeo_scores_header[]; /* with its newline */

/* One row per proxy of a SCORE record that `executor` computed. status: ok, nan, inf, degenerate.
 */
void sgeo_scores_rows(struct sgeo_text *csv, const struct sgeo_record *record,
                      struct sgeo_executor executor);

/* OUT/scores.csv of a finished campaign, rows in the records' order. */
enum sgeo_status sgeo_scores_publish(const struct sgeo_campaign *campaign);

#endif
