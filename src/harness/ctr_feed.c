#include "harness/ctr_feed.h"

#include "base/memory.h"
#include "base/rng.h"

/* Rows of the parts between two marks, and rows that are gathered at once. */
enum { MARK_ROWS = 1024, CHUNK_ROWS = 256 };

struct sgeo_ctr_part_feed {
    const struct sgeo_ctr_cache *cache;
    const struct sgeo_ctr_schema *schema;
    const struct sgeo_ctr_split *split;
    unsigned parts;
    size_t rows;
    size_t *marks; /* where in the split row m * MARK_ROWS of the parts is looked for */
};

/* --- creation --- */

static size_t count_rows(const struct sgeo_ctr_split *split, unsigned parts)
{
    size_t rows = 0;
    for (unsigned part = 0; part < SGEO_CTR_N_PARTS; part++) {
        rows += (parts & SGEO_CTR_PART(part)) != 0 ? split->rows[part] : 0;
    }
    return rows;
}

static void set_marks(struct sgeo_ctr_part_feed *feed)
{
    uint32_t passed[MARK_ROWS];
    size_t position = 0, mark = 0;
    do {
        feed->marks[mark++] = position;
    } while (sgeo_ctr_split_take(passed, feed->split, feed->parts, &position, MARK_ROWS) ==
             MARK_ROWS);
}

enum sgeo_status sgeo_ctr_part_feed_create(struct sgeo_ctr_part_feed **out,
                                           const struct sgeo_ctr_cache *cache,
                                           const struct sgeo_ctr_schema *schema,
                                           const struct sgeo_ctr_split *split, unsigned parts)
{
    struct sgeo_ctr_part_feed *feed = sgeo_calloc(1, sizeof *feed);
    if (feed == NULL) {
        return sgeo_fail_memory("click-through rows");
    }
    *feed = (struct sgeo_ctr_part_feed){.cache = cache,
                                        .schema = schema,
                                        .split = split,
                                        .parts = parts,
                                        .rows = count_rows(split, parts)};
    feed->marks = sgeo_calloc(feed->rows / MARK_ROWS + 1, sizeof *feed->marks);
    if (feed->marks == NULL) {
        sgeo_ctr_part_feed_destroy(feed);
        return sgeo_fail_memory("click-through rows");
    }
    set_marks(feed);
    *out = feed;
    return SGEO_OK;
}

void sgeo_ctr_part_feed_destroy(struct sgeo_ctr_part_feed *feed)
{
    if (feed != NULL) {
        sgeo_free(feed->marks);
        sgeo_free(feed);
    }
}

/* --- reading --- */

/* Where in the split the search for row `row` of the parts begins. */
static size_t position_of(const struct sgeo_ctr_part_feed *feed, size_t row)
{
    uint32_t passed[MARK_ROWS];
    size_t position = feed->marks[row / MARK_ROWS];
    sgeo_ctr_split_take(passed, feed->split, feed->parts, &position, row % MARK_ROWS);
    return position;
}

/* The feed's rows first..first+n-1 into places of a batch. */
static enum sgeo_status read_rows(const struct sgeo_ctr_buffer *buffer, size_t first, size_t n,
                                  void *context)
{
    const struct sgeo_ctr_part_feed *feed = context;
    size_t position = position_of(feed, first);
    for (size_t at = 0; at < n;) {
        uint32_t list[CHUNK_ROWS];
        size_t count = sgeo_ctr_split_take(list, feed->split, feed->parts, &position,
                                           n - at < CHUNK_ROWS ? n - at : CHUNK_ROWS);
        struct sgeo_ctr_rows rows = {.label = buffer->labels + at,
                                     .dense = (float *)buffer->dense + at * feed->schema->n_dense,
                                     .index = buffer->indices + at,
                                     .pitch = n};
        enum sgeo_status status = sgeo_ctr_cache_gather(&rows, feed->cache, list, count);
        if (status != SGEO_OK) {
            return status;
        }
        at += count;
    }
    return SGEO_OK;
}

struct sgeo_ctr_feed sgeo_ctr_part_feed_rows(struct sgeo_ctr_part_feed *feed, size_t most)
{
    return (struct sgeo_ctr_feed){
        .rows = feed->rows < most ? feed->rows : most, .read = read_rows, .context = feed};
}

/* --- mini-batches --- */

/* `n` different rows of the parts, as rows of the file. */
static void draw_rows(uint32_t *list, const struct sgeo_ctr_part_feed *feed, struct sgeo_rng *rng,
                      size_t n)
{
    for (size_t drawn = 0; drawn < n;) {
        uint32_t row;
        size_t position = position_of(feed, (size_t)sgeo_rng_below(rng, feed->rows)), i = 0;
        sgeo_ctr_split_take(&row, feed->split, feed->parts, &position, 1);
        while (i < drawn && list[i] != row) {
            i++;
        }
        if (i == drawn) {
            list[drawn++] = row;
        }
    }
}

static enum sgeo_status draw_all(struct sgeo_ctr_draw *draw, const struct sgeo_ctr_part_feed *feed,
                                 uint64_t seed, uint32_t *list, size_t batch)
{
    enum sgeo_status status = SGEO_OK;
    for (size_t b = 0; status == SGEO_OK && b < draw->k; b++) {
        struct sgeo_ctr_rows *rows = &draw->rows[b];
        struct sgeo_rng rng = sgeo_rng_stream(seed, "batch", b);
        status = sgeo_ctr_rows_create(rows, feed->schema, batch);
        if (status == SGEO_OK) {
            draw_rows(list, feed, &rng, batch);
            status = sgeo_ctr_cache_gather(rows, feed->cache, list, batch);
        }
        draw->at[b] = (struct sgeo_ctr_batch){
            .features = {.n = batch, .dense = rows->dense, .indices = rows->index},
            .labels = rows->label};
    }
    return status;
}

enum sgeo_status sgeo_ctr_draw_create(struct sgeo_ctr_draw *out,
                                      const struct sgeo_ctr_part_feed *feed, uint64_t seed,
                                      size_t k, size_t batch)
{
    if (k > SGEO_MOMENTS_MAX_BATCHES || batch == 0 || batch > feed->rows) {
        return sgeo_fail(SGEO_USAGE, "give a smaller --batch-size",
                         "%zu mini-batches of %zu rows, %s has %zu for training", k, batch,
                         feed->schema->name, feed->rows);
    }
    struct sgeo_ctr_draw draw = {.k = k};
    uint32_t *list = sgeo_calloc(batch, sizeof *list);
    enum sgeo_status status =
        list == NULL ? sgeo_fail_memory("mini-batches") : draw_all(&draw, feed, seed, list, batch);
    sgeo_free(list);
    if (status != SGEO_OK) {
        sgeo_ctr_draw_destroy(&draw);
        return status;
    }
    *out = draw;
    return SGEO_OK;
}

void sgeo_ctr_draw_destroy(struct sgeo_ctr_draw *draw)
{
    for (size_t b = 0; b < SGEO_MOMENTS_MAX_BATCHES; b++) {
        sgeo_ctr_rows_destroy(&draw->rows[b]);
    }
    *draw = (struct sgeo_ctr_draw){0};
}
