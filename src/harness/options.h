/* What the user asked for: filled by the command line, read by the harness. */
#ifndef SGEO_HARNESS_OPTIONS_H
#define SGEO_HARNESS_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backend/backend.h"
#include "proxy/proxy.h"

#define SGEO_LEVELS_MAX    ((size_t)16)
#define SGEO_TASKS_MAX     ((size_t)16)
#define SGEO_CTR_TASKS_MAX ((size_t)3)
#define SGEO_PROXIES_MAX   ((size_t)32)

struct sgeo_task;
struct sgeo_ctr_task;

enum sgeo_warmup_mode { SGEO_WARMUP_SUPERNET, SGEO_WARMUP_CANDIDATE };
enum sgeo_report_truth { SGEO_REPORT_BOTH, SGEO_REPORT_VAL, SGEO_REPORT_TEST };
enum sgeo_preset { SGEO_PRESET_DEFAULT, SGEO_PRESET_SMOKE, SGEO_PRESET_PAPER };

/* Lists own nothing but archs_file, data and out, which are borrowed from argv. 0 / NULL / false:
 * not given, the preset decides. */
struct sgeo_options {
    const struct sgeo_task *tasks[SGEO_TASKS_MAX];
    size_t n_tasks;
    const struct sgeo_ctr_task *ctr_tasks[SGEO_CTR_TASKS_MAX]; /* click-through, apart */
    size_t n_ctr_tasks;
    const struct sgeo_proxy *proxies[SGEO_PROXIES_MAX];
    size_t n_proxies;
    size_t bare_sigeo; /* from 1: the proxy that was named `sigeo`, a reading of the task's kind */
    double levels[SGEO_LEVELS_MAX]; /* warm-up percent, ascending, distinct */
    size_t n_levels;
    enum sgeo_warmup_mode warmup_mode;
    size_t n_archs;         /* first N of the list */
    const char *archs_file; /* or one architecture a line */
    enum sgeo_report_truth truth;
    bool has_lambda;
    struct sgeo_lambda lambda;
    enum sgeo_convention convention;
    size_t batches, batch_size; /* k mini-batches of a proxy; 4 x 64 */
    bool own_batch_sizes;       /* tasks that have a batch size of their own use it */
    size_t seeds;               /* seed, seed+1, ... */
    uint64_t seed;
    size_t epochs;
    size_t repeat;
    bool dedupe;
    bool drop_nonfinite;
    enum sgeo_preset preset;
    struct sgeo_executor executor;
    size_t workers;
    const char *data;  /* directory; NULL: the embedded default only */
    bool data_formula; /* weights, images and labels by the golden formulas */
    const char *out;
    bool resume;
    bool chronological;   /* click-through rows: split by time, not by label */
    size_t skip_bad;      /* of them, bad ones that are passed over */
    size_t shard, shards; /* shard I of N, I from 0; shards 0: all */
    bool quiet, verbose, dry_run;
    bool export_zc; /* NAS-Bench-Suite-Zero's JSON besides (zc_export.h) */
};

#endif
