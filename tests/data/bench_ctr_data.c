/*
 * How fast click-through data goes through the house: generated, read from text, cached, read and
 * gathered from the cache. Not a test: run it by hand on a quiet machine.
 * usage: bench_ctr_data DIR criteo|avazu|kdd12 ROWS [SEED]
 * Writes ROWS rows into DIR, laid out as --data expects, and the cache into DIR/cache; ROWS 0 takes
 * the files that DIR has. CSV on stdout: MB are 10^6 bytes, of text or of rows in the cache.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/rng.h"
#include "data/ctr_cache.h"
#include "data/ctr_reader.h"
#include "data/ctr_split.h"
#include "data/ctr_synth.h"

enum { BATCH = 512 };

/* One of the steps; bytes is what it went through. */
struct step {
    const char *name;
    double wall, cpu;
};

static void check(enum sgeo_status status)
{
    if (status != SGEO_OK) {
        fprintf(stderr, "bench_ctr_data: %s\nhint: %s\n", sgeo_error_text(), sgeo_error_hint());
        exit(status);
    }
}

static struct step start(const char *name)
{
    return (struct step){name, sgeo_wall_seconds(), sgeo_thread_cpu_seconds()};
}

static void finish(struct step step, double bytes)
{
    double wall = sgeo_wall_seconds() - step.wall, cpu = sgeo_thread_cpu_seconds() - step.cpu;
    printf("%s,%.0f,%.4f,%.4f,%.1f,%.1f,%zu\n", step.name, bytes, wall, cpu, bytes / wall / 1e6,
           bytes / cpu / 1e6, sgeo_peak_rss_bytes());
    fflush(stdout);
}

static double file_bytes(const char *path)
{
    struct stat about;
    return path != NULL && stat(path, &about) == 0 ? (double)about.st_size : 0.0;
}

static void generate(const struct sgeo_ctr_source *source, uint64_t rows, uint64_t seed)
{
    struct sgeo_ctr_synth *synth;
    struct sgeo_ctr_synth_truth truth;
    struct step step = start("generate");
    check(sgeo_ctr_synth_create(&synth, source->schema, seed, rows));
    check(sgeo_ctr_synth_write(&truth, synth, source->path, source->profiles));
    finish(step, file_bytes(source->path));
    fprintf(stderr,
            "%" PRIu64 " rows, %" PRIu64 " clicked; best log loss %.6f (on these labels %.6f, "
            "standard error %.6f), AUC %.6f; log loss of the mean rate %.6f\n",
            truth.rows, truth.clicked, truth.log_loss, truth.log_loss_drawn, truth.log_loss_error,
            truth.auc, truth.log_loss_rate);
    sgeo_ctr_synth_destroy(synth);
}

static void parse(const struct sgeo_ctr_source *source)
{
    struct sgeo_ctr_reader *reader;
    struct sgeo_ctr_rows rows = {0};
    struct step step = start("parse");
    check(sgeo_ctr_rows_create(&rows, source->schema, BATCH));
    check(sgeo_ctr_reader_open(&reader, source));
    do {
        check(sgeo_ctr_reader_next(reader, &rows));
    } while (rows.n > 0);
    finish(step, file_bytes(source->path));
    sgeo_ctr_reader_close(reader);
    sgeo_ctr_rows_destroy(&rows);
}

/* Bytes of all rows as the cache holds them. */
static double cached_bytes(const struct sgeo_ctr_schema *schema, size_t rows)
{
    return (double)rows * (double)(1 + 4 * (schema->n_dense + schema->n_fields));
}

static void read_through(const struct sgeo_ctr_cache *cache, const struct sgeo_ctr_schema *schema,
                         const char *name)
{
    struct sgeo_ctr_rows rows = {0};
    size_t n = sgeo_ctr_cache_rows(cache);
    check(sgeo_ctr_rows_create(&rows, schema, BATCH));
    struct step step = start(name);
    for (size_t first = 0; first < n; first += BATCH) {
        check(sgeo_ctr_cache_read(&rows, cache, first, n - first < BATCH ? n - first : BATCH));
    }
    finish(step, cached_bytes(schema, n));
    sgeo_ctr_rows_destroy(&rows);
}

static void gather(const struct sgeo_ctr_cache *cache, const struct sgeo_ctr_schema *schema,
                   uint64_t seed)
{
    struct sgeo_ctr_rows rows = {0};
    size_t n = sgeo_ctr_cache_rows(cache);
    uint32_t *list = sgeo_calloc(n, sizeof *list);
    if (list == NULL) {
        check(sgeo_fail_memory("a list of rows"));
    }
    check(sgeo_ctr_rows_create(&rows, schema, BATCH));
    struct sgeo_rng rng = sgeo_rng_stream(seed, "gather", 0);
    for (size_t i = 0; i < n; i++) {
        list[i] = (uint32_t)i;
    }
    sgeo_rng_shuffle(&rng, list, n);
    struct step step = start("gather_shuffled");
    for (size_t first = 0; first < n; first += BATCH) {
        check(sgeo_ctr_cache_gather(&rows, cache, list + first,
                                    n - first < BATCH ? n - first : BATCH));
    }
    finish(step, cached_bytes(schema, n));
    sgeo_ctr_rows_destroy(&rows);
    sgeo_free(list);
}

static void split(const struct sgeo_ctr_cache *cache, uint64_t seed)
{
    struct sgeo_ctr_split made;
    size_t n = sgeo_ctr_cache_rows(cache);
    struct step step = start("split");
    check(sgeo_ctr_split_stratified(&made, sgeo_ctr_cache_labels(cache), n, seed));
    finish(step, (double)n);
    sgeo_ctr_split_destroy(&made);
}

static void use_cache(const struct sgeo_ctr_source *source, const char *directory, uint64_t seed)
{
    struct sgeo_text path = {0};
    struct sgeo_ctr_cache *cache;
    check(sgeo_directory_create(directory));
    check(sgeo_ctr_cache_path(&path, directory, source));
    struct step step = start("build_cache");
    check(sgeo_ctr_cache_build(path.bytes, source));
    finish(step, file_bytes(source->path));
    check(sgeo_ctr_cache_open(&cache, path.bytes, source));
    read_through(cache, source->schema, "read_first");
    read_through(cache, source->schema, "read_again");
    gather(cache, source->schema, seed);
    split(cache, seed);
    sgeo_ctr_cache_close(cache);
    sgeo_text_clear(&path);
}

int main(int argc, char **argv)
{
    uint64_t rows, seed = 1;
    const char *files[SGEO_CTR_FILES];
    struct sgeo_text paths[SGEO_CTR_FILES + 2] = {{0}};
    const struct sgeo_ctr_schema *schema = argc >= 4 ? sgeo_ctr_schema_find(argv[2]) : NULL;
    if (argc > 5 || schema == NULL || !sgeo_parse_u64(argv[3], &rows) ||
        (argc == 5 && !sgeo_parse_u64(argv[4], &seed))) {
        fputs("usage: bench_ctr_data DIR criteo|avazu|kdd12 ROWS [SEED]\n", stderr);
        return SGEO_USAGE;
    }
    sgeo_ctr_source_files(files, schema);
    for (size_t i = 0; i < SGEO_CTR_FILES; i++) {
        sgeo_text_append(&paths[i], "%s/%s", argv[1], files[i] != NULL ? files[i] : "");
    }
    sgeo_text_append(&paths[2], "%s/%s", argv[1], schema->name);
    sgeo_text_append(&paths[3], "%s/cache", argv[1]);
    struct sgeo_ctr_source source = {.schema = schema,
                                     .path = paths[0].bytes,
                                     .profiles = files[1] != NULL ? paths[1].bytes : NULL};
    puts("step,bytes,seconds_wall,seconds_cpu,mb_per_s_wall,mb_per_s_cpu,peak_rss_bytes");
    check(sgeo_directory_create(paths[2].bytes));
    if (rows > 0) {
        generate(&source, rows, seed);
    }
    parse(&source);
    use_cache(&source, paths[3].bytes, seed);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        sgeo_text_clear(&paths[i]);
    }
    return SGEO_OK;
}
