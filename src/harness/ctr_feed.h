/*
 * Feeds of click-through rows: the rows of some parts of a split in the order of their file, as
 * trainings and evaluations read them, and the mini-batches that proxies draw. Read-only once open,
 * so that threads share one; memory is bounded, whatever the number of rows. Dense numbers are f32.
 */
#ifndef SGEO_HARNESS_CTR_FEED_H
#define SGEO_HARNESS_CTR_FEED_H

#include <stddef.h>
#include <stdint.h>

#include "data/ctr_cache.h"
#include "data/ctr_split.h"
#include "space/ctr_train.h"

struct sgeo_ctr_part_feed;

/*
 * Rows of `parts` (SGEO_CTR_PART(...)); cache and split outlive the feed, which the caller owns.
 * SGEO_IO without memory.
 */
enum sgeo_status sgeo_ctr_part_feed_create(struct sgeo_ctr_part_feed **feed,
                                           const struct sgeo_ctr_cache *cache,
                                           const struct sgeo_ctr_schema *schema,
                                           const struct sgeo_ctr_split *split, unsigned parts);
void sgeo_ctr_part_feed_destroy(struct sgeo_ctr_part_feed *feed); /* NULL is fine */

/* The feed as trainings take it: its first `most` rows at most. */
struct sgeo_ctr_feed sgeo_ctr_part_feed_rows(struct sgeo_ctr_part_feed *feed, size_t most);

/* Mini-batches with their memory; a zeroed one is none. */
struct sgeo_ctr_draw {
    size_t k;
    struct sgeo_ctr_batch at[SGEO_MOMENTS_MAX_BATCHES];
    struct sgeo_ctr_rows rows[SGEO_MOMENTS_MAX_BATCHES];
};

/* k mini-batches of `batch` different rows each, the b-th from the stream (seed, "batch", b). The
 * caller destroys *draw. SGEO_USAGE when the feed has fewer rows, or for k over 16. */
enum sgeo_status sgeo_ctr_draw_create(struct sgeo_ctr_draw *draw,
                                      const struct sgeo_ctr_part_feed *feed, uint64_t seed,
                                      size_t k, size_t batch);
void sgeo_ctr_draw_destroy(struct sgeo_ctr_draw *draw);

#endif
