/* The pass of the authors' code for recommender models, which sees the last layer alone. */
#ifndef SGEO_PROXY_CTR_NASREC_H
#define SGEO_PROXY_CTR_NASREC_H

#include "proxy/ctr_measure.h"

/*
 * Fill the evidence's path: path_losses (k), each before its step; for the last layer's weight and
 * bias, the evidence's first two layers: path_inner, the ratio
 * mean_b|g_b| / std_b(g_b) (unbiased) of the first coordinate with a deviation (NaN where none has:
 * the original dies there), path_all the same summed over all of them, and path_dot <sum_b g_b,
 * theta after the last step>. The model's numbers are the same afterwards. `n_path_layers` says how
 * many.
 */
enum sgeo_status sgeo_ctr_nasrec_pass(struct sgeo_evidence *evidence,
                                      const struct sgeo_ctr_measure_request *request);

#endif
