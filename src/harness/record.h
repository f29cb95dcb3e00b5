/*
 * Records: what a finished job leaves in the journal, one JSON line each.
 *   {"job":"score","task":..,"warmup":..,"mode":..,"steps":..,"seed":..,"index":..,"arch":..,
 *    "data":..,"proxies":[{"proxy":..,"score":..,"zico":..,"fr":..,"loss":..,"seconds":..},..]}
 *   {"job":"warmup","task":..,"warmup":..,"seed":..,"steps":..,"loss":..,"data":..}
 *   {"job":"truth","task":..,"seed":..,"steps":..,"index":..,"arch":..,"loss":..,"val":..,
 *    "test":..,"seconds":..,"data":..}
 * A score that is rounding noise has "degenerate":true besides, a record of proxies by our
 * convention "convention":"ours".
 * Numbers that JSON cannot hold are strings: "nan", "inf", "-inf". `data` identifies the images
 * (first 16 digits of their SHA-256), so a record of other data is never taken for this one.
 */
#ifndef SGEO_HARNESS_RECORD_H
#define SGEO_HARNESS_RECORD_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "base/text.h"
#include "harness/options.h"
#include "harness/task.h"

#define SGEO_DATA_ID ((size_t)17)

enum sgeo_job_kind { SGEO_JOB_WARMUP, SGEO_JOB_SCORE, SGEO_JOB_TRUTH };

/* What a job is about; the key of its record. */
struct sgeo_job_key {
    enum sgeo_job_kind kind;
    const struct sgeo_task *task; /* or one of ctr_list.h */
    double level;                 /* warm-up percent */
    enum sgeo_warmup_mode mode;   /* SCORE with level > 0 */
    uint64_t seed;
    size_t arch_index; /* SCORE: position in the truth list (its order column); TRUTH: the space's
                          own number */
};

struct sgeo_record {
    struct sgeo_job_key key;
    char arch[SGEO_ARCH_TEXT_MAX]; /* SCORE, TRUTH */
    char data[SGEO_DATA_ID];
    size_t steps;                    /* optimiser steps of the warm-up behind it */
    double loss;                     /* WARMUP, TRUTH: mean training loss of the last epoch */
    double val, test, seconds;       /* TRUTH: accuracy in percent, CPU seconds */
    enum sgeo_convention convention; /* SCORE */
    size_t n_scores;
    struct {
        const struct sgeo_proxy *proxy;
        struct sgeo_score score;
    } scores[SGEO_PROXIES_MAX];
};

/* Total order of keys: task, level, mode, seed, kind, architecture; 0 when both name the same job.
 */
int sgeo_job_key_compare(const struct sgeo_job_key *a, const struct sgeo_job_key *b);
bool sgeo_job_key_equal(const struct sgeo_job_key *a, const struct sgeo_job_key *b);

/* Append the record's JSON, no newline. */
void sgeo_record_write(struct sgeo_text *line, const struct sgeo_record *record);

/*
 * Cut a score's record to the proxies that a run asks for, in their order; false when one is
 * missing. Other records stay as they are.
 */
bool sgeo_record_keep_proxies(struct sgeo_record *record, const struct sgeo_options *options);

/* Parse one line; SGEO_IO when it is not a record of this program (record is then untouched). */
enum sgeo_status sgeo_record_parse(struct sgeo_record *record, const char *line);

/* "supernet" or "candidate"; a cold record prints "none". */
const char *sgeo_warmup_mode_name(enum sgeo_warmup_mode mode, double level);

#endif
