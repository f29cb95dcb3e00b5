/*
 * What trained models say of the test rows, kept so that tables compare them row by row without
 * training again: OUT/predictions/TASK-HASH.bin, HASH of model, seed and settings. Little-endian
 * f32 logits behind a head with magic, version, number and identity, and a checksum.
 */
#ifndef SGEO_HARNESS_CTR_PREDICTIONS_H
#define SGEO_HARNESS_CTR_PREDICTIONS_H

#include "harness/ctr_final.h"

/* Publish the logits (n) of a training; `out` is the result folder. */
enum sgeo_status sgeo_ctr_predictions_write(const char *out, const struct sgeo_ctr_final *record,
                                            const double *logits, size_t n);

bool sgeo_ctr_predictions_exist(const char *out, const struct sgeo_ctr_final *record);

/* Read them back, rounded to f32. SGEO_IO when they are missing, damaged or of other rows; logits
 * are then untouched. */
enum sgeo_status sgeo_ctr_predictions_read(double *logits, size_t n, const char *out,
                                           const struct sgeo_ctr_final *record);

#endif
