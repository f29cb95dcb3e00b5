#include "stats/aligned_ranks.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "stats/column.h"
#include "stats/ranks.h"

/* Pairs first.. of a block, `count` of them. */
struct block {
    size_t first, count;
};

static struct block block_at(size_t first, size_t n, size_t size)
{
    return (struct block){first, n - first < size ? n - first : size};
}

/* Ways to choose `count` of 2 `count` values. */
static double count_ways(size_t count)
{
    double ways = 1.0;
    for (size_t i = 1; i <= count; i++) {
        ways *= (double)(count + i) / (double)i;
    }
    return ways;
}

double sgeo_aligned_ranks_least_p(size_t n, size_t block)
{
    double p = 2.0;
    for (size_t first = 0; first < n; first += block) {
        p /= count_ways(block_at(first, n, block).count);
    }
    return fmin(1.0, p);
}

/* values (2n): x and y of each pair side by side, less the mean of their block. */
static void align(double *values, const double *x, const double *y, size_t n, size_t size)
{
    for (size_t first = 0; first < n; first += size) {
        struct block block = block_at(first, n, size);
        double mean = 0.0;
        for (size_t i = first; i < first + block.count; i++) {
            mean += (x[i] + y[i]) / (double)(2 * block.count);
        }
        for (size_t i = first; i < first + block.count; i++) {
            values[2 * i] = x[i] - mean;
            values[2 * i + 1] = y[i] - mean;
        }
    }
}

static double sum_of_y(const double *ranks, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) {
        sum += ranks[2 * i + 1];
    }
    return sum;
}

/* --- the exact distribution --- */

/*
 * next[s]: ways to choose half of the block's values, after now's of the blocks before, whose
 * doubled ranks sum to s. Doubled, mid-ranks are whole numbers.
 */
static void add_block(double *next, const double *now, size_t n_sums, const double *ranks,
                      size_t count)
{
    memset(next, 0, n_sums * sizeof *next);
    for (unsigned chosen = 0; chosen < 1U << (2 * count); chosen++) {
        size_t n_chosen = 0, sum = 0;
        for (size_t i = 0; i < 2 * count; i++) {
            if ((chosen >> i & 1U) != 0) {
                n_chosen++;
                sum += (size_t)(2.0 * ranks[i]);
            }
        }
        for (size_t s = sum; n_chosen == count && s < n_sums; s++) {
            next[s] += now[s - sum];
        }
    }
}

static enum sgeo_status exact_p(double *p, const double *ranks, size_t n, size_t size)
{
    size_t n_sums = 2 * n * (2 * n + 1) + 1, at = (size_t)(2.0 * sum_of_y(ranks, n));
    double *memory = sgeo_calloc(2 * n_sums, sizeof *memory), *now = memory;
    double *next = memory + n_sums;
    if (memory == NULL) {
        return sgeo_fail_memory("aligned-rank test");
    }
    now[0] = 1.0;
    for (size_t first = 0; first < n; first += size) {
        add_block(next, now, n_sums, ranks + 2 * first, block_at(first, n, size).count);
        double *kept = now;
        now = next;
        next = kept;
    }
    double all = 0.0, below = 0.0, here = now[at];
    for (size_t s = 0; s < n_sums; s++) {
        all += now[s];
        below += s < at ? now[s] : 0.0;
    }
    sgeo_free(memory);
    *p = fmin(1.0, 2.0 * fmin(below + here, all - below) / all);
    return SGEO_OK;
}

/* --- the normal approximation --- */

/* Sum of a block's ranks that are y's: its mean over all choices, and its variance. */
static void add_moments(double *mean, double *variance, const double *ranks, size_t count)
{
    double n = 2.0 * (double)count, sum = 0.0, squares = 0.0;
    for (size_t i = 0; i < 2 * count; i++) {
        sum += ranks[i];
    }
    for (size_t i = 0; i < 2 * count; i++) {
        double distance = ranks[i] - sum / n;
        squares += distance * distance;
    }
    *mean += 0.5 * sum;
    *variance += 0.25 * n * squares / (n - 1.0); /* half of n, drawn without replacement */
}

static double normal_p(const double *ranks, size_t n, size_t size)
{
    double mean = 0.0, variance = 0.0;
    for (size_t first = 0; first < n; first += size) {
        add_moments(&mean, &variance, ranks + 2 * first, block_at(first, n, size).count);
    }
    double distance = fabs(sum_of_y(ranks, n) - mean) - 0.5;
    return distance <= 0.0 || variance <= 0.0 ? 1.0 : erfc(distance / sqrt(2.0 * variance));
}

/* --- the test --- */

enum sgeo_status sgeo_aligned_ranks(double *p, const double *x, const double *y, size_t n,
                                    size_t block)
{
    if (n == 0 || block == 0 || block > SGEO_ALIGNED_RANKS_BLOCK_MAX) {
        return sgeo_fail(SGEO_USAGE, "pairs in blocks of one to four",
                         "aligned-rank test of %zu pairs in blocks of %zu", n, block);
    }
    double *values = sgeo_calloc(4 * n, sizeof *values), *ranks = values + 2 * n;
    if (values == NULL) {
        return sgeo_fail_memory("aligned-rank test");
    }
    align(values, x, y, n, block);
    enum sgeo_status status = sgeo_ranks_mid(ranks, (struct sgeo_column){values, 2 * n});
    if (status == SGEO_OK && 2 * n <= SGEO_ALIGNED_RANKS_EXACT_MAX) {
        status = exact_p(p, ranks, n, block);
    } else if (status == SGEO_OK) {
        *p = normal_p(ranks, n, block);
    }
    sgeo_free(values);
    return status;
}
