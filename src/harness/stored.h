/*
 * Scores that NAS-Bench-Suite-Zero computed and stored, for the architectures of a campaign: CSV
 * files with a column a proxy (groundtruth/proxies_*.csv). -1e8 is the suite's NaN or infinity.
 */
#ifndef SGEO_HARNESS_STORED_H
#define SGEO_HARNESS_STORED_H

#include <stddef.h>

#include "harness/campaign.h"

struct sgeo_stored {
    struct sgeo_record *records; /* (n) a campaign's cold records of its first seed, with the
                                    suite's scores; sorted by key */
    size_t n;
    size_t n_repeated; /* rows that name an architecture again; the first one counts */
};

/*
 * Look up the cold architectures of the campaign's first seed. Tasks without such a file have no
 * records. The caller owns *stored (sgeo_stored_clear). SGEO_IO when a file lacks a column or holds
 * a score that is no number.
 */
enum sgeo_status sgeo_stored_open(struct sgeo_stored *stored, const struct sgeo_campaign *campaign);
void sgeo_stored_clear(struct sgeo_stored *stored);

/* The records with a score of `proxy`, cut down to it: to chosen (stored->n); their number. */
size_t sgeo_stored_of(struct sgeo_record *chosen, const struct sgeo_stored *stored,
                      const struct sgeo_proxy *proxy);

#endif
