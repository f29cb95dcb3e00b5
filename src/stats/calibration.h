/* Whether predicted clicks come as often as predicted. */
#ifndef SGEO_STATS_CALIBRATION_H
#define SGEO_STATS_CALIBRATION_H

#include <stddef.h>

#include "base/status.h"
#include "stats/clicks.h"

#define SGEO_CALIBRATION_BINS ((size_t)10)

/* Rows of one tenth of the predictions. Means of an empty bin are NaN. */
struct sgeo_calibration_bin {
    size_t n;
    double predicted; /* mean probability */
    double observed;  /* share of clicked rows */
};

/*
 * Bins hold a tenth of the rows each, from the lowest predictions up: click rates are low, so that
 * bins of equal width would leave most of them empty. Equal predictions share a bin: that of the
 * middle of their ranks.
 */
struct sgeo_calibration {
    double predicted; /* mean probability over all rows */
    double observed;  /* click rate */
    double ratio;     /* predicted / observed; 1 when calibrated in the large */
    double error;     /* mean over rows of |predicted - observed| of their bins */
    struct sgeo_calibration_bin bins[SGEO_CALIBRATION_BINS];
};

/* Errors: sgeo_clicks_check, and SGEO_IO without memory; *calibration is then untouched. */
enum sgeo_status sgeo_calibration(struct sgeo_calibration *calibration, struct sgeo_clicks clicks);

#endif
