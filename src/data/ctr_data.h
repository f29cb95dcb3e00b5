/* The one door through which click-through sets are opened: real files, or generated ones. */
#ifndef SGEO_DATA_CTR_DATA_H
#define SGEO_DATA_CTR_DATA_H

#include <stdint.h>

#include "base/status.h"
#include "data/ctr_cache.h"
#include "data/ctr_synth.h"

/* What is asked for. Borrows its strings. */
struct sgeo_ctr_request {
    const char *dataset;  /* "criteo", "avazu" or "kdd12" */
    const char *data_dir; /* the user's data folder; NULL: generated rows */
    const char *work_dir; /* caches go here, and the text of generated rows */
    uint32_t cap;         /* most indices a field may have; 0: its whole vocabulary */
    uint64_t skip_bad;    /* bad rows that are passed over */
    uint64_t seed, rows;  /* of a generated set; rows >= 10, for it must be split */
};

/* An open set; a zeroed struct is none. */
struct sgeo_ctr_data {
    const struct sgeo_ctr_schema *schema;
    struct sgeo_ctr_cache *cache;
    struct sgeo_ctr_synth *synth; /* knows the true probability of each row; NULL: real rows */
};

/*
 * Open a set, after reading its text into a cache when that has not been done:
 *   criteo   DATA/criteo/train.txt
 *   avazu    DATA/avazu/train.csv
 *   kdd12    DATA/kdd12/training.txt and userid_profile.txt
 * Without a data folder rows are generated in these formats (ctr_synth.h), once for each seed and
 * number of rows. The caller owns *data (sgeo_ctr_data_close); untouched on failure. SGEO_USAGE for
 * an unknown name, SGEO_IO for missing or damaged files. Of several processes one must open a set
 * before the others.
 */
enum sgeo_status sgeo_ctr_data_open(struct sgeo_ctr_data *data,
                                    const struct sgeo_ctr_request *request);
void sgeo_ctr_data_close(struct sgeo_ctr_data *data); /* NULL and an empty one are fine */

#endif
