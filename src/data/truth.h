/*
 * Ground truth: the accuracies that architectures reached when somebody trained them. Read from CSV
 * (here) or from NAS-Bench-Suite-Zero's JSON (zcjson.h); what every column means is decided by the
 * task, which names the columns.
 */
#ifndef SGEO_DATA_TRUTH_H
#define SGEO_DATA_TRUTH_H

#include <stddef.h>
#include <stdint.h>

#include "base/csv.h"
#include "base/status.h"

#define SGEO_TRUTH_NO_INDEX SIZE_MAX

enum sgeo_truth_kind { SGEO_TRUTH_VAL, SGEO_TRUTH_TEST };

struct sgeo_truth_entry {
    char *arch;         /* as the file writes it; owned by the list */
    size_t naslib_idx;  /* position in the benchmark's official list, or SGEO_TRUTH_NO_INDEX */
    size_t line;        /* in the file, from 1; 0 when the format has no lines */
    double accuracy[2]; /* percent, by enum sgeo_truth_kind; NaN when the file has none */
};

/*
 * Architectures in naslib_idx order, those without one last, in file order. No architecture and no
 * index occurs twice.
 */
struct sgeo_truth {
    struct sgeo_truth_entry *entries; /* (n) */
    size_t n;
    size_t capacity;
    char *path;                              /* where it came from, for messages */
    const struct sgeo_truth_entry **by_name; /* (n), sorted by arch; borrows from entries */
};

/* Names of the columns of a truth file. */
struct sgeo_truth_columns {
    const char
        *arch[2]; /* columns that make up the architecture's text; arch[1] NULL: one is enough */
    const char
        *separator; /* between the two: ":" for nb101's adj_upper and ops, "," for nb301's cells */
    const char *order; /* position in the official list ("naslib_idx"); NULL: file order */
    const char *val;   /* validation accuracy; NULL: the file has none */
    const char *test;  /* test accuracy; NULL: the file has none */
};

/*
 * Read a CSV file (plain or .gz). The caller owns *truth (sgeo_truth_clear); untouched on failure.
 * SGEO_IO with path and line on a missing column, an empty or repeated architecture, a repeated or
 * malformed index, and an accuracy that is not a number in 0..100; an empty accuracy is NaN.
 */
enum sgeo_status sgeo_truth_read_csv(struct sgeo_truth *truth, const char *path,
                                     const struct sgeo_truth_columns *columns);

/* The same from a table in memory; csv is only borrowed. */
enum sgeo_status sgeo_truth_from_csv(struct sgeo_truth *truth, const struct sgeo_csv *csv,
                                     const struct sgeo_truth_columns *columns);

/* Release everything and zero the struct; fine on NULL and on an empty struct. */
void sgeo_truth_clear(struct sgeo_truth *truth);

/* Entry of an architecture by its text; NULL when the file does not name it. O(log n). */
const struct sgeo_truth_entry *sgeo_truth_find(const struct sgeo_truth *truth, const char *arch);

/*
 * A number that no other entry of the list has: its position in the official list; without one, the
 * next free numbers behind the highest position, in file order (from 0 where no entry has one).
 */
size_t sgeo_truth_number(const struct sgeo_truth *truth, const struct sgeo_truth_entry *entry);

/*
 * Accuracy of an architecture in percent. SGEO_IO when the file does not name the architecture or
 * has no such accuracy for it: a missing truth is an error only here, where it is asked for.
 */
enum sgeo_status sgeo_truth_accuracy(double *percent, const struct sgeo_truth *truth,
                                     const char *arch, enum sgeo_truth_kind kind);

/* --- for readers of other formats --- */

/* An empty list with room for `capacity` entries; path is copied. SGEO_IO without memory. */
enum sgeo_status sgeo_truth_create(struct sgeo_truth *truth, size_t capacity, const char *path);

/* Append an entry (n < capacity), taking over its arch; when that is NULL: SGEO_IO, no memory. */
enum sgeo_status sgeo_truth_append_take(struct sgeo_truth *truth,
                                        const struct sgeo_truth_entry *entry);

/*
 * Sort and index the list once all entries are in. SGEO_IO on duplicates, or when there is no
 * memory.
 */
enum sgeo_status sgeo_truth_finish(struct sgeo_truth *truth);

#endif
