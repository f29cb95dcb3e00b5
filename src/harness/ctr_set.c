#include "harness/ctr_set.h"

#include "base/file.h"
#include "data/ctr_source.h"

/* Rows that a validation pass takes at once; the loss is over all of them in any case. */
#define PASS_ROWS ((size_t)1024)

static enum sgeo_status open_data(struct sgeo_ctr_set *clicks, const struct sgeo_options *options,
                                  const struct sgeo_search_size *size)
{
    struct sgeo_text work_dir = {0};
    sgeo_text_append(&work_dir, "%s/clicks", options->out);
    const struct sgeo_ctr_request request = {.dataset = clicks->task->name,
                                             .data_dir = options->data,
                                             .work_dir = work_dir.bytes,
                                             .cap = clicks->cap,
                                             .skip_bad = options->skip_bad,
                                             .seed = SGEO_CTR_SET_SYNTH_SEED,
                                             .rows = size->rows};
    enum sgeo_status status = work_dir.failed ? sgeo_fail_memory("path of click-through rows")
                                              : sgeo_ctr_data_open(&clicks->data, &request);
    sgeo_text_clear(&work_dir);
    return status;
}

static enum sgeo_status open_split(struct sgeo_ctr_set *clicks)
{
    const struct sgeo_ctr_cache *cache = clicks->data.cache;
    const uint8_t *labels = sgeo_ctr_cache_labels(cache);
    size_t rows = sgeo_ctr_cache_rows(cache);
    return clicks->chronological
               ? sgeo_ctr_split_chronological(&clicks->split, labels, rows)
               : sgeo_ctr_split_stratified(&clicks->split, labels, rows, SGEO_CTR_SET_SPLIT_SEED);
}

static enum sgeo_status open_feed(struct sgeo_ctr_part_feed **feed,
                                  const struct sgeo_ctr_set *clicks, enum sgeo_ctr_part part)
{
    return sgeo_ctr_part_feed_create(feed, clicks->data.cache, clicks->data.schema, &clicks->split,
                                     SGEO_CTR_PART(part));
}

static enum sgeo_status open_feeds(struct sgeo_ctr_set *clicks)
{
    enum sgeo_status status = open_feed(&clicks->train, clicks, SGEO_CTR_TRAIN);
    if (status == SGEO_OK) {
        status = open_feed(&clicks->valid, clicks, SGEO_CTR_VAL);
    }
    return status == SGEO_OK ? open_feed(&clicks->test, clicks, SGEO_CTR_TEST) : status;
}

static enum sgeo_status open_clicks(struct sgeo_ctr_set *clicks, const struct sgeo_options *options,
                                    const struct sgeo_search_size *size)
{
    enum sgeo_status status = open_data(clicks, options, size);
    if (status == SGEO_OK) {
        status = open_split(clicks);
    }
    return status == SGEO_OK ? open_feeds(clicks) : status;
}

enum sgeo_status sgeo_ctr_set_open(struct sgeo_ctr_set *clicks, const struct sgeo_ctr_task *task,
                                   const struct sgeo_options *options,
                                   const struct sgeo_search_size *size)
{
    *clicks = (struct sgeo_ctr_set){
        .task = task, .cap = size->cap, .chronological = options->chronological};
    enum sgeo_status status = open_clicks(clicks, options, size);
    if (status != SGEO_OK) {
        sgeo_ctr_set_close(clicks);
    }
    return status;
}

void sgeo_ctr_set_close(struct sgeo_ctr_set *clicks)
{
    sgeo_ctr_part_feed_destroy(clicks->train);
    sgeo_ctr_part_feed_destroy(clicks->valid);
    sgeo_ctr_part_feed_destroy(clicks->test);
    sgeo_ctr_split_destroy(&clicks->split);
    sgeo_ctr_data_close(&clicks->data);
    *clicks = (struct sgeo_ctr_set){0};
}

void sgeo_ctr_set_table_rows(size_t *rows, const struct sgeo_ctr_set *clicks)
{
    for (size_t f = 0; f < clicks->data.schema->n_fields; f++) {
        rows[f] = sgeo_ctr_vocabulary(clicks->data.schema, f, clicks->cap);
    }
}

struct sgeo_ctr_one_shot sgeo_ctr_set_one_shot(const struct sgeo_ctr_set *clicks,
                                               const struct sgeo_ctr_recipe *recipe, size_t steps)
{
    return (struct sgeo_ctr_one_shot){
        .train = sgeo_ctr_part_feed_rows(clicks->train, SIZE_MAX),
        .valid = sgeo_ctr_part_feed_rows(clicks->valid, recipe->valid_rows),
        .steps = steps,
        .batch = recipe->one_shot_batch,
        .valid_batch = PASS_ROWS};
}

const char *sgeo_ctr_set_kind(const struct sgeo_ctr_set *clicks)
{
    const struct sgeo_ctr_cache *cache = clicks->data.cache;
    uint64_t rows = sgeo_ctr_cache_rows(cache) + sgeo_ctr_cache_skipped(cache);
    return clicks->data.synth != NULL                    ? "generated"
           : rows >= clicks->data.schema->published_rows ? "full"
                                                         : "real sample";
}

/* The path of the task's rows in a data folder. */
static void append_path(struct sgeo_text *path, const char *data_dir,
                        const struct sgeo_ctr_task *task, size_t file)
{
    const char *files[SGEO_CTR_FILES];
    sgeo_ctr_source_files(files, sgeo_ctr_schema_find(task->name));
    if (files[file] != NULL) {
        sgeo_text_append(path, "%s/%s", data_dir, files[file]);
    }
}

bool sgeo_ctr_set_has_files(const char *data_dir, const struct sgeo_ctr_task *task)
{
    bool found = false;
    for (size_t i = 0; data_dir != NULL && i < SGEO_CTR_FILES; i++) {
        struct sgeo_text path = {0};
        append_path(&path, data_dir, task, i);
        found = found || (path.length > 0 && !path.failed && sgeo_file_exists(path.bytes));
        sgeo_text_clear(&path);
    }
    return found;
}

enum sgeo_status sgeo_ctr_set_rows_about(size_t *rows, const char *data_dir,
                                         const struct sgeo_ctr_task *task,
                                         const struct sgeo_search_size *size)
{
    struct sgeo_text path = {0};
    uint64_t lines = size->rows;
    enum sgeo_status status = SGEO_OK;
    if (sgeo_ctr_set_has_files(data_dir, task)) {
        append_path(&path, data_dir, task, 0);
        status =
            path.failed ? sgeo_fail_memory(task->name) : sgeo_ctr_source_lines(&lines, path.bytes);
        sgeo_text_clear(&path);
    }
    if (status == SGEO_OK) {
        *rows = (size_t)lines;
    }
    return status;
}

void sgeo_ctr_set_identity(struct sgeo_text *text, const struct sgeo_ctr_set *clicks)
{
    const struct sgeo_ctr_cache *cache = clicks->data.cache;
    sgeo_text_append(text, "\"data\":\"%s\",\"files\":[\"%.16s\",\"%.16s\"],\"rows\":%zu",
                     clicks->data.synth == NULL ? "real" : "generated",
                     sgeo_ctr_cache_sha256(cache, 0), sgeo_ctr_cache_sha256(cache, 1),
                     sgeo_ctr_cache_rows(cache));
    sgeo_text_append(text, ",\"skipped\":%zu,\"cap\":%lu,\"split\":\"%s\"",
                     sgeo_ctr_cache_skipped(cache), (unsigned long)clicks->cap,
                     clicks->chronological ? "chronological" : "stratified");
}
