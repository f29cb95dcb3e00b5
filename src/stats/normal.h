/* Quantiles of the standard normal distribution. */
#ifndef SGEO_STATS_NORMAL_H
#define SGEO_STATS_NORMAL_H

#define SGEO_Z_TWO_SIDED_5_PERCENT 1.959963984540054 /* at 0.975 */

#endif
