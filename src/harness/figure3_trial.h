/*
 * One trial of Figure 3: a two-layer perceptron trained for 3 epochs on MNIST, with three
 * statistics taken on the way. Sources: spec protocol, section 5; spec of the proxies, section 3.4.
 *
 * At a level four consecutive mini-batches are measured, each right after the SGD step on it, at
 * the new weights: g_b, the gradient of the mini-batch's mean loss.
 *
 *   fisher_rao_norm          ln((sum_i G_i theta_i)^2), G = sum_b g_b, over all parameters, theta
 *                            after the fourth step
 *   mean_absolute_gradients  sum of mean_b |g_b,i| over the weights (no biases) whose four g_b,i
 *                            are not all equal
 *   current_training_loss    of the fourth mini-batch after its step
 *
 * The authors' notebook never zeroes the gradient of the copy that it measures, so that there g_b
 * is the sum over all measurements so far: `accumulated`, beside `clean`.
 */
#ifndef SGEO_HARNESS_FIGURE3_TRIAL_H
#define SGEO_HARNESS_FIGURE3_TRIAL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backend/backend.h"
#include "base/text.h"
#include "data/images.h"

enum {
    SGEO_FIGURE3_LEVELS = 7,
    SGEO_FIGURE3_EPOCHS = 3,
    SGEO_FIGURE3_BATCH = 128,
    SGEO_FIGURE3_MEASURED = 4 /* mini-batches at a level */
};

enum sgeo_gradients { SGEO_GRADIENTS_CLEAN, SGEO_GRADIENTS_ACCUMULATED, SGEO_GRADIENTS };

struct sgeo_figure3_protocol {
    const char *name;    /* "paper", "code" */
    const char *summary; /* what it stands for, one line */
    size_t widths;       /* 2, 4, ..., 2 * widths hidden units */
    double lr;
    bool output_relu; /* on the logits */
    double mean, std; /* a pixel p in 0..1 enters as (p - mean) / std */
    bool accumulates; /* measured with accumulated gradients too */
};

extern const struct sgeo_figure3_protocol sgeo_figure3_paper, sgeo_figure3_code;

/* By name; NULL when unknown. */
const struct sgeo_figure3_protocol *sgeo_figure3_protocol_find(const char *name);

extern const double sgeo_figure3_levels[SGEO_FIGURE3_LEVELS]; /* percent */

/* Steps before a level's first measured one, of an epoch of `steps`: int(steps * percent/100), and
 * 99 % for 100 %. */
size_t sgeo_figure3_start(size_t level, size_t steps);

struct sgeo_figure3_point {
    double fisher_rao[SGEO_GRADIENTS];
    double gradient[SGEO_GRADIENTS];
    double loss;
};

struct sgeo_figure3_record {
    const struct sgeo_figure3_protocol *protocol;
    size_t width, repeat;
    struct sgeo_figure3_point points[SGEO_FIGURE3_LEVELS];
    /* After the 3 epochs: mean over the mini-batches of their mean losses (nats). */
    double test_loss, train_loss;
    double seconds; /* CPU */
};

/* A journal line, and back: SGEO_IO for another text. Every number survives exactly. */
void sgeo_figure3_record_write(struct sgeo_text *line, const struct sgeo_figure3_record *record);
enum sgeo_status sgeo_figure3_record_parse(struct sgeo_figure3_record *record, const char *line);

struct sgeo_figure3_data {
    struct sgeo_images train, test; /* (n, 1, 28, 28) */
};

/* Executes trials, one at a time, on the thread that created it. data and stop (NULL: none) outlive
 * it. */
struct sgeo_figure3_bench;
enum sgeo_status sgeo_figure3_bench_create(struct sgeo_figure3_bench **bench,
                                           struct sgeo_executor executor,
                                           const struct sgeo_figure3_data *data,
                                           const atomic_bool *stop);
void sgeo_figure3_bench_destroy(struct sgeo_figure3_bench *bench);

/*
 * Fill the numbers of record, whose protocol, width and repeat say which trial. Weights come from
 * the stream (seed, "init:NAME", 4096 width + repeat), an epoch's order from
 * (seed, "figure3:order", 3 (4096 width + repeat) + epoch): both protocols see the same draws.
 * SGEO_INTERRUPTED once *stop is set.
 */
enum sgeo_status sgeo_figure3_trial(struct sgeo_figure3_bench *bench, uint64_t seed,
                                    struct sgeo_figure3_record *record);

#endif
