/* Predictions of clicks beside what happened: what AUC, log loss and calibration are measured on.
 */
#ifndef SGEO_STATS_CLICKS_H
#define SGEO_STATS_CLICKS_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/* n rows; whoever made the arrays frees them. */
struct sgeo_clicks {
    const double *logit;  /* (n) of the predicted probability; infinities are in order */
    const uint8_t *label; /* (n) 1: clicked, 0: not */
    size_t n;
};

/* SGEO_USAGE unless there are 2 rows or more, fewer than 2^32, no logit is NaN, and all labels are
 * 0 or 1. `measure` begins the error's text. */
enum sgeo_status sgeo_clicks_check(struct sgeo_clicks clicks, const char *measure);

/* Both, and SGEO_USAGE unless they are predictions of the same rows: equal labels. */
enum sgeo_status sgeo_clicks_check_pair(struct sgeo_clicks a, struct sgeo_clicks b,
                                        const char *measure);

/* 1 / (1 + exp(-logit)). */
double sgeo_click_probability(double logit);

/* Log loss of one row, ln(1 + exp(-logit)) when clicked, ln(1 + exp(logit)) when not, without
 * overflow or cancellation. */
double sgeo_click_loss(double logit, uint8_t label);

#endif
