/*
 * What a program's benches cost, one value a round. As a file: rounds.csv (results/schema.md).
 */
#ifndef SGEO_HARNESS_GATE_SAMPLES_H
#define SGEO_HARNESS_GATE_SAMPLES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"
#include "base/text.h"

#define SGEO_GATE_SECONDS      "seconds" /* metrics: CPU time, */
#define SGEO_GATE_INSTRUCTIONS "instructions"

/* What must be the same on both sides for a comparison to mean anything. */
struct sgeo_gate_setting {
    char metric[16]; /* SGEO_GATE_SECONDS or SGEO_GATE_INSTRUCTIONS, of one call */
    char cpu[128], isa[32], compiler[96], schema[16];
};

struct sgeo_gate_bench {
    char *name;
    double *values; /* of a call, a round each; the setting says what */
    size_t n, capacity;
};

struct sgeo_gate_samples {
    struct sgeo_gate_setting setting;
    struct sgeo_gate_bench *benches; /* in the order in which they first came */
    size_t n, capacity;
};

void sgeo_gate_samples_clear(struct sgeo_gate_samples *samples);

/* NULL when there is no such bench. */
const struct sgeo_gate_bench *sgeo_gate_find(const struct sgeo_gate_samples *samples,
                                             const char *name);

/* One more round of a bench; SGEO_IO without memory. */
enum sgeo_status sgeo_gate_add(struct sgeo_gate_samples *samples, const char *name, double value);

/*
 * Add the benches of one process: Google Benchmark's JSON, of each bench the median CPU time of its
 * repetitions. The first process sets the setting, later ones must agree. SGEO_IO for text of
 * another kind, a bench that failed, or no bench at all.
 */
enum sgeo_status sgeo_gate_add_process(struct sgeo_gate_samples *samples, const char *json);

/* The setting of a process that printed Google Benchmark's JSON; SGEO_IO when it does not say. */
enum sgeo_status sgeo_gate_read_setting(struct sgeo_gate_setting *setting, const char *json);

/* SGEO_UNSUPPORTED that names the first thing in which the two settings differ. */
enum sgeo_status sgeo_gate_same_setting(const struct sgeo_gate_setting *base,
                                        const struct sgeo_gate_setting *candidate);

/* To and from a file. Reading: SGEO_IO for missing columns, values that are no positive numbers,
 * rows of different settings, or no row. */
enum sgeo_status sgeo_gate_samples_publish(const struct sgeo_gate_samples *samples,
                                           const char *path);
enum sgeo_status sgeo_gate_samples_read(struct sgeo_gate_samples *samples, const char *path);

#endif
