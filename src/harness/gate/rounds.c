#include "harness/gate/rounds.h"

#include "base/clock.h"
#include "base/process.h"

/* Repetitions of a bench in one process, and the least time of each, seconds: Google Benchmark
 * takes 1.4 times that, 50 ms. */
#define REPETITIONS "--benchmark_repetitions=7"
#define MIN_TIME    "--benchmark_min_time=0.036"

static enum sgeo_status run_process(struct sgeo_gate_samples *samples, const char *program,
                                    const char *filter)
{
    struct sgeo_text argument = {0}, json = {0};
    sgeo_text_append(&argument, "--benchmark_filter=%s", filter);
    if (argument.failed) {
        return sgeo_fail_memory("bench filter");
    }
    const char *const argv[] = {program,
                                "--gate",
                                "--no-roofs",
                                argument.bytes,
                                REPETITIONS,
                                MIN_TIME,
                                "--benchmark_enable_random_interleaving=true",
                                "--benchmark_format=json",
                                NULL};
    enum sgeo_status status = sgeo_process_capture(&json, argv);
    if (status == SGEO_OK) {
        status = sgeo_gate_add_process(samples, json.bytes == NULL ? "" : json.bytes);
    }
    sgeo_text_clear(&argument);
    sgeo_text_clear(&json);
    return status;
}

/* A bench that a process left out would shift the rounds behind it. */
static enum sgeo_status check_whole(const struct sgeo_gate_samples *samples, const char *program,
                                    size_t rounds)
{
    for (size_t b = 0; b < samples->n; b++) {
        if (samples->benches[b].n != rounds) {
            return sgeo_fail(SGEO_UNSUPPORTED, "measure fewer benches, or mend the program",
                             "%s does not measure %s every time", program,
                             samples->benches[b].name);
        }
    }
    return SGEO_OK;
}

static void tell(const struct sgeo_gate_plan *plan, size_t done, double since)
{
    struct sgeo_progress progress = {.jobs_done = done, .jobs_total = 2 * plan->rounds};
    progress.fraction = (double)done / (double)progress.jobs_total;
    progress.eta_seconds =
        (sgeo_wall_seconds() - since) / (double)done * (double)(progress.jobs_total - done);
    if (plan->progress != NULL) {
        plan->progress(&progress, plan->progress_context);
    }
}

enum sgeo_status sgeo_gate_measure(struct sgeo_gate_samples sides[2],
                                   const struct sgeo_gate_plan *plan)
{
    double since = sgeo_wall_seconds();
    enum sgeo_status status = SGEO_OK;
    for (size_t i = 0; status == SGEO_OK && i < 2 * plan->rounds; i++) {
        size_t side = (i + 1) / 2 % 2; /* 0 1 1 0 0 1 1 0 ... */
        status = run_process(&sides[side], plan->programs[side], plan->filter);
        if (status == SGEO_OK) {
            status = check_whole(&sides[side], plan->programs[side], i / 2 + 1);
        }
        if (status == SGEO_OK && i == 1) {
            status = sgeo_gate_same_setting(&sides[0].setting, &sides[1].setting);
        }
        if (status == SGEO_OK) {
            tell(plan, i + 1, since);
        }
    }
    return status;
}
