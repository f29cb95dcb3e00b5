#include "stats/mann_whitney.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "stats/ranks.h"

/* --- the exact distribution --- */

/*
 * splits[k][s]: how many ways to choose k of the pooled values with doubled mid-ranks of sum s.
 * Doubled, mid-ranks are whole numbers.
 */
struct splits {
    double *counts;
    size_t n_sums;
};

static double *splits_at(const struct splits *splits, size_t k)
{
    return splits->counts + k * splits->n_sums;
}

/* Add one value to the pool; sizes descend, so that no value is chosen twice. */
static void add_value(struct splits *splits, size_t most, size_t doubled)
{
    for (size_t k = most; k > 0; k--) {
        double *with = splits_at(splits, k);
        const double *without = splits_at(splits, k - 1);
        for (size_t s = splits->n_sums; s-- > doubled;) {
            with[s] += without[s - doubled];
        }
    }
}

/* Share of the splits with n_x values whose sum is at most, and at least, `sum`. */
static void tails(double *low, double *high, const struct splits *splits, size_t n_x, size_t sum)
{
    const double *counts = splits_at(splits, n_x);
    double all = 0.0, below = 0.0, at = counts[sum];
    for (size_t s = 0; s < splits->n_sums; s++) {
        all += counts[s];
        below += s < sum ? counts[s] : 0.0;
    }
    *low = (below + at) / all;
    *high = (all - below) / all;
}

static enum sgeo_status exact_p(double *p, const double *ranks, size_t n_x, size_t n)
{
    struct splits splits = {.n_sums = n * (n + 1) + 1};
    double low, high;
    size_t sum = 0;
    splits.counts = sgeo_calloc((n_x + 1) * splits.n_sums, sizeof *splits.counts);
    if (splits.counts == NULL) {
        return sgeo_fail_memory("Mann-Whitney test");
    }
    splits.counts[0] = 1.0;
    for (size_t i = 0; i < n; i++) {
        size_t doubled = (size_t)(2.0 * ranks[i]);
        add_value(&splits, n_x, doubled);
        sum += i < n_x ? doubled : 0;
    }
    tails(&low, &high, &splits, n_x, sum);
    sgeo_free(splits.counts);
    *p = fmin(1.0, 2.0 * fmin(low, high));
    return SGEO_OK;
}

/* --- the normal approximation --- */

/* Sum of t^3 - t over groups of t tied values, from mid-ranks: a value of a group of t contributes
 * t^2 - 1. */
static double tie_term(const double *ranks, size_t n)
{
    double term = 0.0;
    for (size_t i = 0; i < n; i++) {
        size_t t = 0;
        for (size_t j = 0; j < n; j++) {
            t += ranks[j] == ranks[i]; /* mid-ranks are exact halves */
        }
        term += (double)t * (double)t - 1.0;
    }
    return term;
}

static double normal_p(double u, const double *ranks, size_t n_x, size_t n)
{
    double x = (double)n_x, y = (double)(n - n_x), all = (double)n;
    double variance = x * y / 12.0 * (all + 1.0 - tie_term(ranks, n) / (all * (all - 1.0)));
    double distance = fabs(u - 0.5 * x * y) - 0.5;
    if (distance <= 0.0 || variance <= 0.0) {
        return 1.0;
    }
    return erfc(distance / sqrt(2.0 * variance));
}

/* --- the test --- */

static enum sgeo_status pool(double **values, struct sgeo_column x, struct sgeo_column y)
{
    if (x.n == 0 || y.n == 0) {
        return sgeo_fail(SGEO_USAGE, "measure both sides", "Mann-Whitney test of an empty sample");
    }
    *values = sgeo_calloc(x.n + y.n, sizeof **values);
    if (*values == NULL) {
        return sgeo_fail_memory("Mann-Whitney test");
    }
    memcpy(*values, x.values, x.n * sizeof **values);
    memcpy(*values + x.n, y.values, y.n * sizeof **values);
    return SGEO_OK;
}

static enum sgeo_status test_ranks(struct sgeo_mann_whitney *test, const double *ranks, size_t n_x,
                                   size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n_x; i++) {
        sum += ranks[i];
    }
    struct sgeo_mann_whitney result = {.u = sum - 0.5 * (double)n_x * (double)(n_x + 1)};
    enum sgeo_status status = SGEO_OK;
    if (n <= SGEO_MANN_WHITNEY_EXACT_MAX) {
        status = exact_p(&result.p, ranks, n_x, n);
    } else {
        result.p = normal_p(result.u, ranks, n_x, n);
    }
    if (status == SGEO_OK) {
        *test = result;
    }
    return status;
}

enum sgeo_status sgeo_mann_whitney(struct sgeo_mann_whitney *test, struct sgeo_column x,
                                   struct sgeo_column y)
{
    double *values = NULL;
    size_t n = x.n + y.n;
    enum sgeo_status status = pool(&values, x, y);
    if (status != SGEO_OK) {
        return status;
    }
    double *ranks = sgeo_calloc(n, sizeof *ranks);
    status = ranks == NULL ? sgeo_fail_memory("Mann-Whitney test")
                           : sgeo_ranks_mid(ranks, (struct sgeo_column){values, n});
    if (status == SGEO_OK) {
        status = test_ranks(test, ranks, x.n, n);
    }
    sgeo_free(ranks);
    sgeo_free(values);
    return status;
}

/* --- Holm --- */

struct claim {
    double p;
    size_t index;
};

static int compare_claims(const void *a, const void *b)
{
    const struct claim *x = a, *y = b;
    return (x->p > y->p) - (x->p < y->p);
}

enum sgeo_status sgeo_holm(double *adjusted, const double *p, size_t n)
{
    struct claim *claims = sgeo_calloc(n, sizeof *claims);
    if (claims == NULL && n > 0) {
        return sgeo_fail_memory("Holm adjustment");
    }
    for (size_t i = 0; i < n; i++) {
        claims[i] = (struct claim){p[i], i};
    }
    if (n > 0) {
        qsort(claims, n, sizeof *claims, compare_claims);
    }
    double largest = 0.0;
    for (size_t i = 0; i < n; i++) {
        largest = fmax(largest, fmin(1.0, (double)(n - i) * claims[i].p));
        adjusted[claims[i].index] = largest;
    }
    sgeo_free(claims);
    return SGEO_OK;
}
