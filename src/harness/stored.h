/*
 * Scores that NAS-Bench-Suite-Zero computed and stored, for the architectures of a campaign: CSV
 * files with a column a proxy (groundtruth/proxies_*.csv). -1e8 and words are the suite's NaN or
 * infinity. Such a file may gather several published ones (its column `source`), each a run of its
 * own with its own mini-batch.
 */
#ifndef SGEO_HARNESS_STORED_H
#define SGEO_HARNESS_STORED_H

#include <stddef.h>

#include "harness/campaign.h"

#define SGEO_STORED_SOURCES 8
#define SGEO_STORED_ANY     SGEO_STORED_SOURCES /* scores of every source */

struct sgeo_stored {
    struct sgeo_record *records; /* (n) a campaign's cold records of its first seed, with the
                                    suite's scores; sorted by key */
    unsigned char *source_of;    /* (n) index of a record's source */
    size_t n;
    char sources[SGEO_STORED_SOURCES]
                [32]; /* (n_sources) names; "" where a file has no such column */
    size_t n_sources;
    size_t n_repeated; /* rows that name an architecture again; the first one counts */
};

/*
 * Look up the cold architectures of the campaign's first seed. Tasks without such a file have no
 * records. The caller owns *stored (sgeo_stored_clear). SGEO_IO when a file lacks a column, holds a
 * score that is no number, or names more than SGEO_STORED_SOURCES sources.
 */
enum sgeo_status sgeo_stored_open(struct sgeo_stored *stored, const struct sgeo_campaign *campaign);
void sgeo_stored_clear(struct sgeo_stored *stored);

/*
 * The records of a source (an index, or SGEO_STORED_ANY) with a score of `proxy`, cut down to it:
 * to chosen (stored->n); their number.
 */
size_t sgeo_stored_of(struct sgeo_record *chosen, const struct sgeo_stored *stored,
                      const struct sgeo_proxy *proxy, size_t source);

#endif
