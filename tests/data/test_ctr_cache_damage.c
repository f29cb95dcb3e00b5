/* Every way in which a cache of click-through rows can be damaged, or be another's. */
#include <math.h>

#include "base/file.h"
#include "base/memory.h"
#include "cache.h"
#include "data/ctr_cache_parts.h"

/* The small cache in memory, to be damaged. */
static unsigned char *bytes;
static size_t n_bytes;

static void load_small(void)
{
    build_small();
    ck_assert_int_eq(sgeo_file_read(cache_path, 1 << 20, &bytes, &n_bytes), SGEO_OK);
}

static struct sgeo_ctr_footer *footer(void)
{
    return (struct sgeo_ctr_footer *)(void *)(bytes + n_bytes - sizeof(struct sgeo_ctr_footer));
}

/* Write n bytes back; open, then read all 40 rows. SGEO_OK when nothing was noticed. */
static enum sgeo_status try_bytes(size_t n)
{
    struct sgeo_ctr_cache *cache = NULL;
    FILE *file = fopen(cache_path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes, 1, n, file), n);
    ck_assert_int_eq(fclose(file), 0);
    clicks.n = 77;
    enum sgeo_status status = sgeo_ctr_cache_open(&cache, cache_path, &source);
    if (status == SGEO_OK) {
        status = sgeo_ctr_cache_read(&clicks, cache, 0, 40);
        ck_assert_uint_eq(clicks.n, status == SGEO_OK ? 40 : 0);
    }
    sgeo_ctr_cache_close(cache);
    return status;
}

/* All bytes of the head, the labels, the checksums and the footer; of the records one in seven, for
 * the checksum's own test has every bit. */
START_TEST(test_ctr_cache_with_any_damaged_byte_is_refused)
{
    load_small();
    struct sgeo_ctr_layout layout = sgeo_ctr_layout_of(&sgeo_ctr_criteo, 40);
    ck_assert_int_eq(try_bytes(n_bytes), SGEO_OK);
    for (size_t i = 0; i < n_bytes;
         i += i >= sizeof(struct sgeo_ctr_head) && i + 7 < layout.labels ? 7 : 1) {
        unsigned char was = bytes[i];
        bytes[i] ^= (unsigned char)(1u << i % 8);
        if (try_bytes(n_bytes) != SGEO_IO || !fixture_error_says("remove it")) {
            ck_abort_msg("byte %zu of %zu: %s", i, n_bytes, sgeo_error_text());
        }
        bytes[i] = was;
    }
    sgeo_free(bytes);
}
END_TEST

START_TEST(test_ctr_cache_cut_or_lengthened_is_refused)
{
    load_small();
    for (size_t n = 0; n < n_bytes; n += n < 70 || n + 90 > n_bytes ? 1 : 67) {
        ck_assert_int_eq(try_bytes(n), SGEO_IO);
        ck_assert(fixture_error_says("small.ctr"));
    }
    unsigned char *longer = sgeo_grow(bytes, n_bytes, n_bytes + 64, 1);
    ck_assert_ptr_nonnull(longer);
    bytes = longer;
    ck_assert_int_eq(try_bytes(n_bytes + 64), SGEO_IO);
    memmove(bytes + n_bytes + 64 - sizeof(struct sgeo_ctr_footer),
            bytes + n_bytes - sizeof(struct sgeo_ctr_footer), sizeof(struct sgeo_ctr_footer));
    ck_assert_int_eq(try_bytes(n_bytes + 64), SGEO_IO); /* its footer is sound, its size not */
    ck_assert(fixture_error_says("is damaged: its size"));
    sgeo_free(bytes);
}
END_TEST

static void expect_refused(const char *says)
{
    footer()->checksum = sgeo_ctr_footer_checksum(footer());
    ck_assert_int_eq(try_bytes(n_bytes), SGEO_IO);
    ck_assert_msg(fixture_error_says(says), "no '%s' in: %s", says, sgeo_error_text());
}

/* Fields that disagree with the source, under a sound checksum. */
START_TEST(test_ctr_cache_of_something_else_is_told_from_damage)
{
    load_small();
    struct sgeo_ctr_footer whole = *footer();
    strcpy(footer()->schema, "avazu");
    expect_refused("holds another data set");
    *footer() = whole;
    footer()->multi_hot = 1;
    expect_refused("several categories a row");
    *footer() = whole;
    footer()->cap = 1000;
    expect_refused("was made with another cap");
    *footer() = whole;
    footer()->n_dense--;
    expect_refused("has other fields");
    *footer() = whole;
    footer()->n_fields++;
    expect_refused("has other fields");
    *footer() = whole;
    footer()->vocabulary[25]++;
    expect_refused("has other fields");
    *footer() = whole;
    footer()->source_bytes[0]++;
    expect_refused("was made from other files");
    *footer() = whole;
    footer()->source_digest[0] ^= 1;
    expect_refused("was made from other files");
    *footer() = whole;
    footer()->skipped = 1;
    expect_refused("passing over 1 bad rows");
    *footer() = whole;
    footer()->rows = 0;
    expect_refused("its row count");
    *footer() = whole;
    footer()->rows = UINT64_MAX / 2;
    expect_refused("its row count");
    *footer() = whole;
    footer()->rows = 48;
    expect_refused("its size");
    *footer() = whole;
    footer()->block_rows = 8192;
    expect_refused("its row count");
    *footer() = whole;
    footer()->clicked++;
    expect_refused("its labels");
    *footer() = whole;
    bytes[0] = 's';
    expect_refused("wrong magic");
    bytes[0] = 'S';
    bytes[8]++;
    expect_refused("another version");
    bytes[8]--;
    ck_assert_int_eq(try_bytes(n_bytes), SGEO_OK);
    sgeo_free(bytes);
}
END_TEST

/* Numbers no reader writes, under sound checksums: kernels would look them up unchecked. */
START_TEST(test_ctr_cache_with_impossible_rows_is_refused)
{
    load_small();
    const uint32_t vocabulary = sgeo_ctr_criteo.vocabulary[3];
    const float numbers[] = {-1.0f, 23.0f, (float)NAN};
    struct sgeo_ctr_layout layout = sgeo_ctr_layout_of(&sgeo_ctr_criteo, 40);
    unsigned char *record = bytes + sizeof(struct sgeo_ctr_head) + 7 * layout.record_bytes;
    unsigned char *index = record + (13 + 3) * sizeof(uint32_t);
    uint64_t *checksums = (uint64_t *)(void *)(bytes + layout.checksums);
    for (size_t i = 0; i < 4; i++) {
        unsigned char was[256];
        memcpy(was, record, layout.record_bytes);
        if (i < 3) {
            memcpy(record, &numbers[i], sizeof(float));
        } else {
            memcpy(index, &vocabulary, sizeof vocabulary);
        }
        checksums[0] =
            sgeo_checksum(0, bytes + sizeof(struct sgeo_ctr_head), 40 * layout.record_bytes);
        footer()->checksums_checksum = sgeo_checksum(0, checksums, sizeof *checksums);
        expect_refused("is damaged: rows 0 to 39");
        memcpy(record, was, layout.record_bytes);
    }
    bytes[layout.labels] = 2;
    footer()->labels_checksum =
        sgeo_checksum(0, bytes + layout.labels, (size_t)(layout.checksums - layout.labels));
    expect_refused("its labels");
    sgeo_free(bytes);
}
END_TEST

START_TEST(test_ctr_cache_damaged_block_leaves_the_others_readable)
{
    build_large(&sgeo_ctr_avazu);
    struct sgeo_ctr_layout layout = sgeo_ctr_layout_of(&sgeo_ctr_avazu, CACHE_ROWS);
    FILE *file = fopen(cache_path, "r+b");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(fseek(file, (long)(64 + 5000 * layout.record_bytes), SEEK_SET), 0);
    ck_assert_int_ne(fputc(0x55, file), EOF); /* a zero of the dummy */
    ck_assert_int_eq(fclose(file), 0);
    struct sgeo_ctr_cache *cache = open_cache();
    struct sgeo_ctr_rows batch = rows_of(&sgeo_ctr_avazu, CACHE_ROWS);
    const uint32_t list[] = {8999, 4096};
    ck_assert_int_eq(sgeo_ctr_cache_read(&batch, cache, 0, 4096), SGEO_OK);
    ck_assert_int_eq(sgeo_ctr_cache_read(&batch, cache, 8192, CACHE_ROWS - 8192), SGEO_OK);
    ck_assert_int_eq(sgeo_ctr_cache_read(&batch, cache, 4000, 1000), SGEO_IO);
    ck_assert(fixture_error_says("is damaged: rows 4096 to 8191"));
    ck_assert_uint_eq(batch.n, 0);
    ck_assert_int_eq(sgeo_ctr_cache_gather(&batch, cache, list, 1), SGEO_OK);
    ck_assert_int_eq(sgeo_ctr_cache_gather(&batch, cache, list, 2), SGEO_IO);
    sgeo_ctr_rows_destroy(&batch);
    sgeo_ctr_cache_close(cache);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        test_ctr_cache_with_any_damaged_byte_is_refused,
        test_ctr_cache_cut_or_lengthened_is_refused,
        test_ctr_cache_of_something_else_is_told_from_damage,
        test_ctr_cache_with_impossible_rows_is_refused,
        test_ctr_cache_damaged_block_leaves_the_others_readable,
    };
    return clicks_run("data/ctr_cache_damage", tests, sizeof tests / sizeof *tests);
}
