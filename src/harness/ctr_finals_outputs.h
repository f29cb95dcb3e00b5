/* The CSV files of trainings from scratch: models.csv and curves.csv (results/schema.md). */
#ifndef SGEO_HARNESS_CTR_FINALS_OUTPUTS_H
#define SGEO_HARNESS_CTR_FINALS_OUTPUTS_H

#include "harness/ctr_finals.h"

/* models.csv and curves.csv of a list whose trainings are done, in its order. */
void sgeo_ctr_models_write(struct sgeo_text *csv, const struct sgeo_ctr_finals *finals);
void sgeo_ctr_curves_write(struct sgeo_text *csv, const struct sgeo_ctr_finals *finals);

/* Publish both under `out`: the list, and behind it the folder's other trainings, of runs that
 * shared it, so that none loses its rows. */
enum sgeo_status sgeo_ctr_finals_publish(const char *out, const struct sgeo_ctr_finals *finals);

#endif
