/* Caches of click-through rows: what comes back, and of which source one is. */
#include "data/ctr_cache.h"

#include "base/file.h"
#include "base/rng.h"
#include "base/thread.h"
#include "cache.h"

/* Whether row r of a batch is row `other` of another. */
static bool same_row(const struct sgeo_ctr_schema *schema, const struct sgeo_ctr_rows *a, size_t r,
                     const struct sgeo_ctr_rows *b, size_t other)
{
    size_t n = schema->n_dense;
    bool same = a->label[r] == b->label[other] &&
                memcmp(a->dense + r * n, b->dense + other * n, n * sizeof *a->dense) == 0;
    for (size_t f = 0; f < schema->n_fields; f++) {
        same = same && a->index[f * a->pitch + r] == b->index[f * b->pitch + other];
    }
    return same;
}

/* All rows straight from the text. */
static struct sgeo_ctr_rows read_text(size_t n)
{
    struct sgeo_ctr_reader *reader = NULL;
    struct sgeo_ctr_rows rows = rows_of(source.schema, n + 1);
    ck_assert_int_eq(sgeo_ctr_reader_open(&reader, &source), SGEO_OK);
    ck_assert_int_eq(sgeo_ctr_reader_next(reader, &rows), SGEO_OK);
    ck_assert_uint_eq(rows.n, n);
    sgeo_ctr_reader_close(reader);
    return rows;
}

static void assert_round_trip(const struct sgeo_ctr_schema *schema)
{
    build_large(schema);
    struct sgeo_ctr_cache *cache = open_cache();
    struct sgeo_ctr_rows text = read_text(CACHE_ROWS), batch = rows_of(schema, 777);
    bool same = true;
    ck_assert_uint_eq(sgeo_ctr_cache_rows(cache), CACHE_ROWS);
    for (size_t r = 0; r < CACHE_ROWS; r++) {
        same = sgeo_ctr_cache_labels(cache)[r] == text.label[r] && same;
    }
    for (size_t first = 0, n; first < CACHE_ROWS; first += n) {
        n = CACHE_ROWS - first < 777 ? CACHE_ROWS - first : 777;
        ck_assert_int_eq(sgeo_ctr_cache_read(&batch, cache, first, n), SGEO_OK);
        ck_assert_uint_eq(batch.n, n);
        for (size_t r = 0; r < n; r++) {
            same = same_row(schema, &batch, r, &text, first + r) && same;
        }
    }
    ck_assert(same);
    sgeo_ctr_rows_destroy(&batch);
    sgeo_ctr_rows_destroy(&text);
    sgeo_ctr_cache_close(cache);
}

START_TEST(test_ctr_cache_gives_criteo_s_rows_back)
{
    assert_round_trip(&sgeo_ctr_criteo);
}
END_TEST

START_TEST(test_ctr_cache_gives_avazu_s_rows_back)
{
    assert_round_trip(&sgeo_ctr_avazu);
}
END_TEST

START_TEST(test_ctr_cache_gives_kdd12_s_rows_back)
{
    assert_round_trip(&sgeo_ctr_kdd12);
}
END_TEST

START_TEST(test_ctr_cache_gathers_any_list)
{
    enum { N = 3000 };
    static uint32_t list[N];
    build_large(&sgeo_ctr_criteo);
    struct sgeo_ctr_cache *cache = open_cache();
    struct sgeo_ctr_rows text = read_text(CACHE_ROWS), batch = rows_of(&sgeo_ctr_criteo, N);
    struct sgeo_rng rng = sgeo_rng_stream(1, "list", 0);
    bool same = true;
    for (size_t i = 0; i < N; i++) {
        list[i] = (uint32_t)sgeo_rng_below(&rng, CACHE_ROWS);
    }
    list[0] = list[1] = CACHE_ROWS - 1;
    static const size_t lengths[] = {N, 1, 15, 16, 17, 33, 0};
    for (size_t l = 0; l < sizeof lengths / sizeof *lengths; l++) {
        ck_assert_int_eq(sgeo_ctr_cache_gather(&batch, cache, list, lengths[l]), SGEO_OK);
        ck_assert_uint_eq(batch.n, lengths[l]);
        for (size_t i = 0; i < lengths[l]; i++) {
            same = same_row(&sgeo_ctr_criteo, &batch, i, &text, list[i]) && same;
        }
    }
    ck_assert(same);
    sgeo_ctr_rows_destroy(&batch);
    sgeo_ctr_rows_destroy(&text);
    sgeo_ctr_cache_close(cache);
}
END_TEST

START_TEST(test_ctr_cache_knows_its_source)
{
    char hex[SGEO_SHA256_HEX];
    build_small();
    struct sgeo_ctr_cache *cache = open_cache();
    ck_assert_uint_eq(sgeo_ctr_cache_rows(cache), 40);
    ck_assert_uint_eq(sgeo_ctr_cache_skipped(cache), 0);
    ck_assert_int_eq(sgeo_sha256_file(hex, source.path), SGEO_OK);
    ck_assert_str_eq(sgeo_ctr_cache_sha256(cache, 0), hex);
    ck_assert_str_eq(sgeo_ctr_cache_sha256(cache, 1), "");
    sgeo_ctr_cache_close(cache);
    sgeo_ctr_cache_close(NULL);
}
END_TEST

/* Readers of one cache, on threads of their own. */
struct shared {
    const struct sgeo_ctr_cache *cache;
    size_t clicked[4];
};

static void count_clicked(size_t worker, void *context)
{
    struct shared *shared = context;
    struct sgeo_ctr_rows rows = {0};
    if (sgeo_ctr_rows_create(&rows, &sgeo_ctr_criteo, 500) != SGEO_OK) {
        return;
    }
    for (size_t first = 0; first < CACHE_ROWS; first += 500) {
        (void)sgeo_ctr_cache_read(&rows, shared->cache, first, 500);
        for (size_t r = 0; r < rows.n; r++) {
            shared->clicked[worker] += rows.label[r];
        }
    }
    sgeo_ctr_rows_destroy(&rows);
}

START_TEST(test_ctr_cache_is_shared_by_threads)
{
    struct sgeo_crew *crew = NULL;
    size_t clicked = 0;
    build_large(&sgeo_ctr_criteo);
    struct sgeo_ctr_cache *cache = open_cache();
    struct shared shared = {cache, {0}};
    ck_assert_int_eq(sgeo_crew_start(&crew, 4, count_clicked, &shared), SGEO_OK);
    sgeo_crew_join(crew);
    for (size_t r = 0; r < CACHE_ROWS; r++) {
        clicked += sgeo_ctr_cache_labels(cache)[r];
    }
    for (size_t w = 0; w < 4; w++) {
        ck_assert_uint_eq(shared.clicked[w], clicked);
    }
    sgeo_ctr_cache_close(cache);
}
END_TEST

START_TEST(test_ctr_cache_is_refused_for_another_source)
{
    build_small();
    struct sgeo_ctr_cache *cache = NULL;
    struct sgeo_ctr_source other = source;
    other.cap = 100;
    ck_assert_int_eq(sgeo_ctr_cache_open(&cache, cache_path, &other), SGEO_IO);
    ck_assert(fixture_error_says("another cap"));
    other = source;
    other.path = "datasets/avazu/fixture.csv";
    ck_assert_int_eq(sgeo_ctr_cache_open(&cache, cache_path, &other), SGEO_IO);
    ck_assert(fixture_error_says("made from other files"));
    other.schema = &sgeo_ctr_avazu;
    ck_assert_int_eq(sgeo_ctr_cache_open(&cache, cache_path, &other), SGEO_IO);
    ck_assert(fixture_error_says("another data set"));
    other = source;
    other.path = fixture_path("gone");
    ck_assert_int_eq(sgeo_ctr_cache_open(&cache, cache_path, &other), SGEO_IO);
    ck_assert(fixture_error_says("gone"));
    ck_assert_int_eq(sgeo_ctr_cache_open(&cache, "datasets/criteo/fixture.txt", &source), SGEO_IO);
    ck_assert(fixture_error_says("is none: wrong magic"));
    ck_assert_int_eq(sgeo_ctr_cache_open(&cache, "datasets", &source), SGEO_IO);
    ck_assert_ptr_null(cache);
}
END_TEST

START_TEST(test_ctr_cache_remembers_the_rows_that_were_passed_over)
{
    static const char row[] = "0\t1\t2\t3\t4\t5\t6\t7\t8\t9\t10\t11\n";
    char text[256], path[2 * FIXTURE_PATH_MAX], users[2 * FIXTURE_PATH_MAX];
    struct sgeo_ctr_cache *cache = NULL;
    snprintf(text, sizeof text, "%sbad\n%s", row, row);
    fixture_write_text("training.txt", text);
    fixture_write_text("userid_profile.txt", "1\t1\t1\n");
    snprintf(path, sizeof path, "%s", fixture_path("training.txt"));
    snprintf(users, sizeof users, "%s", fixture_path("userid_profile.txt"));
    snprintf(cache_path, sizeof cache_path, "%s", fixture_path("kdd12.ctr"));
    source = (struct sgeo_ctr_source){
        .schema = &sgeo_ctr_kdd12, .path = path, .profiles = users, .skip_bad = 1};
    ck_assert_int_eq(sgeo_ctr_cache_build(cache_path, &source), SGEO_OK);
    fixture_remember(cache_path);
    cache = open_cache();
    ck_assert_uint_eq(sgeo_ctr_cache_rows(cache), 2);
    ck_assert_uint_eq(sgeo_ctr_cache_skipped(cache), 1);
    sgeo_ctr_cache_close(cache);
    source.skip_bad = 0;
    ck_assert_int_eq(sgeo_ctr_cache_open(&cache, cache_path, &source), SGEO_IO);
    ck_assert(fixture_error_says("passing over 1 bad rows"));
    ck_assert(fixture_error_says("--skip-bad"));
    source.skip_bad = 1;
    fixture_write_text("userid_profile.txt", "1\t2\t1\n"); /* another user file, same size */
    ck_assert_int_eq(sgeo_ctr_cache_open(&cache, cache_path, &source), SGEO_IO);
    ck_assert(fixture_error_says("made from other files"));
}
END_TEST

START_TEST(test_ctr_cache_of_a_bad_source_is_not_left_behind)
{
    char path[2 * FIXTURE_PATH_MAX];
    fixture_write_text("train.txt", "bad\n");
    snprintf(path, sizeof path, "%s", fixture_path("train.txt"));
    snprintf(cache_path, sizeof cache_path, "%s", fixture_path("none.ctr"));
    source = (struct sgeo_ctr_source){.schema = &sgeo_ctr_criteo, .path = path};
    ck_assert_int_eq(sgeo_ctr_cache_build(cache_path, &source), SGEO_IO);
    ck_assert(fixture_error_says("train.txt:1: 1 fields"));
    ck_assert(!sgeo_file_exists(cache_path));
    ck_assert(!sgeo_file_exists(fixture_path("none.ctr.tmp")));
    source.path = "datasets/criteo/fixture.txt";
    ck_assert_int_eq(sgeo_ctr_cache_build(fixture_path("none/none.ctr"), &source), SGEO_IO);
}
END_TEST

START_TEST(test_ctr_cache_is_made_once_for_each_source)
{
    struct sgeo_ctr_cache *cache = NULL;
    struct sgeo_text paths[2] = {{0}, {0}};
    char directory[2 * FIXTURE_PATH_MAX];
    struct stat first, second;
    source =
        (struct sgeo_ctr_source){.schema = &sgeo_ctr_criteo, .path = "datasets/criteo/fixture.txt"};
    snprintf(directory, sizeof directory, "%s", fixture_path("cache"));
    fixture_remember(directory);
    for (size_t i = 0; i < 2; i++) {
        source.cap = i == 0 ? 0 : 100;
        ck_assert_int_eq(sgeo_ctr_cache_path(&paths[i], directory, &source), SGEO_OK);
        ck_assert_int_eq(sgeo_ctr_cache_obtain(&cache, directory, &source), SGEO_OK);
        fixture_remember(paths[i].bytes);
        sgeo_ctr_cache_close(cache);
    }
    ck_assert_str_ne(paths[0].bytes, paths[1].bytes);
    ck_assert_int_eq(stat(paths[1].bytes, &first), 0);
    ck_assert_int_eq(sgeo_ctr_cache_obtain(&cache, directory, &source), SGEO_OK);
    sgeo_ctr_cache_close(cache);
    ck_assert_int_eq(stat(paths[1].bytes, &second), 0);
    ck_assert_uint_eq(first.st_ino, second.st_ino); /* publishing would have replaced it */
    sgeo_text_clear(&paths[0]);
    sgeo_text_clear(&paths[1]);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        test_ctr_cache_gives_criteo_s_rows_back,
        test_ctr_cache_gives_avazu_s_rows_back,
        test_ctr_cache_gives_kdd12_s_rows_back,
        test_ctr_cache_gathers_any_list,
        test_ctr_cache_knows_its_source,
        test_ctr_cache_is_shared_by_threads,
        test_ctr_cache_is_refused_for_another_source,
        test_ctr_cache_remembers_the_rows_that_were_passed_over,
        test_ctr_cache_of_a_bad_source_is_not_left_behind,
        test_ctr_cache_is_made_once_for_each_source,
    };
    return clicks_run("data/ctr_cache", tests, sizeof tests / sizeof *tests);
}
