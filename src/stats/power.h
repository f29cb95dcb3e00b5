/* How many architectures it takes to tell two proxies apart. */
#ifndef SGEO_STATS_POWER_H
#define SGEO_STATS_POWER_H

#include <stddef.h>

#include "base/status.h"

/*
 * Architectures needed so that a paired two-sided test at 5 % finds the difference of two Spearman
 * correlations with the same truth in 80 % of all samples.
 *
 *   rho_a, rho_b  Spearman of each score with the truth
 *   rho_ab        Spearman of the two scores with each other
 *
 *   n = 3 + f ((z_0.975 sqrt(2 - 2 c(m, m, rho_ab)) + z_0.8 sqrt(2 - 2 c(a, b, rho_ab))) /
 *              (atanh(a) - atanh(b)))^2, rounded up, with m = (a + b) / 2 and f = 1 + m^2 / 2;
 *   c(a, b, k) = (k (1 - a^2 - b^2) - a b (1 - a^2 - b^2 - k^2) / 2) / ((1 - a^2) (1 - b^2)).
 *
 * c is the correlation of the two Fisher transforms (O. J. Dunn and V. Clark, JASA 64 (1969)
 * 366-377), under the hypothesis of no difference taken at the mean m (J. H. Steiger, Psychol.
 * Bull. 87 (1980) 245-251). f widens Fisher's variance 1 / (n - 3) to that of Spearman's rho (D. G.
 * Bonett and T. A. Wright, Psychometrika 65 (2000) 23-28).
 *
 * SGEO_USAGE when a correlation is not inside (-1, 1), rho_a equals rho_b, no three variables can
 * correlate so, or n is out of reach of size_t.
 */
enum sgeo_status sgeo_power_sample_size(size_t *n, double rho_a, double rho_b, double rho_ab);

#endif
