#include "harness/preset.h"

#include <string.h>

/* [embedded][preset]; the paper's seven levels are its six and 1 %. */
static const struct sgeo_run_size presets[2][3] = {
    {
        [SGEO_PRESET_SMOKE] =
            {.levels = {0}, .n_levels = 1, .n_archs = 24, .epochs = 10, .seeds = 1},
        [SGEO_PRESET_DEFAULT] =
            {.levels = {0, 1, 10, 100}, .n_levels = 4, .n_archs = 300, .epochs = 10, .seeds = 1},
        [SGEO_PRESET_PAPER] = {.levels = {0, 1, 10, 20, 40, 60, 100},
                               .n_levels = 7,
                               .n_archs = 1000,
                               .epochs = 10,
                               .seeds = 1},
    },
    {
        [SGEO_PRESET_SMOKE] =
            {.levels = {0, 10}, .n_levels = 2, .n_archs = 24, .epochs = 1, .seeds = 1},
        [SGEO_PRESET_DEFAULT] =
            {.levels = {0, 1, 10, 100}, .n_levels = 4, .n_archs = 200, .epochs = 2, .seeds = 1},
        [SGEO_PRESET_PAPER] = {.levels = {0, 1, 10, 20, 40, 60, 100},
                               .n_levels = 7,
                               .n_archs = 1000,
                               .epochs = 10,
                               .seeds = 3},
    },
};

struct sgeo_run_size sgeo_run_size(const struct sgeo_options *options, const struct sgeo_task *task)
{
    struct sgeo_run_size size = presets[task->embedded ? 1 : 0][options->preset];
    if (options->n_levels > 0) {
        memcpy(size.levels, options->levels, sizeof size.levels);
        size.n_levels = options->n_levels;
    }
    size.n_archs = options->n_archs > 0 ? options->n_archs : size.n_archs;
    if (task->supernet_epochs > 0 && options->warmup_mode == SGEO_WARMUP_SUPERNET) {
        size.epochs = task->supernet_epochs;
    }
    size.epochs = options->epochs > 0 ? options->epochs : size.epochs;
    size.seeds = options->seeds > 0 ? options->seeds : size.seeds;
    return size;
}

size_t sgeo_batch_size(const struct sgeo_options *options, const struct sgeo_task *task)
{
    return options->own_batch_sizes && task->batch_size > 0 ? task->batch_size
                                                            : options->batch_size;
}

struct sgeo_search_size sgeo_search_size(enum sgeo_preset preset)
{
    static const struct sgeo_search_size sizes[3] = {
        [SGEO_PRESET_SMOKE] =
            {{.population = 16, .generations = 8, .sample = 8, .children = 4, .kept = 2},
             .oneshot_steps = 50,
             .best = 2,
             .rows = 20000,
             .epochs = 1,
             .cap = 10000,
             .final_epochs = 1,
             .final_seeds = 3,
             .truths = {8, 4},
             .truths_twice = 3},
        [SGEO_PRESET_DEFAULT] =
            {{.population = 32, .generations = 24, .sample = 16, .children = 4, .kept = 2},
             .oneshot_steps = 50,
             .best = 5,
             .rows = 50000,
             .epochs = 8,
             .cap = 500000,
             .final_epochs = 1,
             .final_seeds = 3,
             .truths = {150, 50},
             .truths_twice = 30},
        [SGEO_PRESET_PAPER] =
            {{.population = 128, .generations = 240, .sample = 64, .children = 8, .kept = 2},
             .oneshot_steps = 500,
             .best = 15,
             .rows = 3700000,
             .epochs = 8,
             .cap = 500000,
             .final_epochs = 1,
             .final_seeds = 3,
             .truths = {150, 50},
             .truths_twice = 30},
    };
    return sizes[preset];
}
