/*
 * Presets: what a run does where the command line is silent, by task (design: smoke, default,
 * paper).
 */
#ifndef SGEO_HARNESS_PRESET_H
#define SGEO_HARNESS_PRESET_H

#include "harness/options.h"
#include "harness/task.h"
#include "search/evolution.h"

/* The size of a run on one task: given options first, the preset for the rest. */
struct sgeo_run_size {
    double levels[SGEO_LEVELS_MAX];
    size_t n_levels;
    size_t n_archs;
    size_t epochs;
    size_t seeds;
};

struct sgeo_run_size sgeo_run_size(const struct sgeo_options *options,
                                   const struct sgeo_task *task);

/* Images of a proxy's mini-batch on one task. */
size_t sgeo_batch_size(const struct sgeo_options *options, const struct sgeo_task *task);

/* The size of an architecture search for click-through models. */
struct sgeo_search_size {
    struct sgeo_evolution evolution;
    size_t oneshot_steps; /* of fine-tuning the head, where candidates are scored one-shot */
    size_t best;          /* architectures that go on to be trained */
    size_t rows;          /* of a generated set */
    size_t epochs;        /* of a supernet at 100 %, on a sample of the public rows */
    uint32_t cap;         /* most rows of an embedding table */
    size_t final_epochs;  /* of a training from scratch, on a sample */
    size_t final_seeds;   /* of a model that is reported */
    size_t truths[2];     /* architectures of each space whose ground truth is measured */
    size_t truths_twice;  /* the first of each that are trained with a second seed too */
};

struct sgeo_search_size sgeo_search_size(enum sgeo_preset preset);

#endif
