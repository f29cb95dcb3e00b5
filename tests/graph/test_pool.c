/* The activation arena: reuse by size, most recent first. */
#include "graph/pool.h"

#include "graph/rig.h"

static struct sgeo_pool *pool;

static void create_pool(void)
{
    pool = sgeo_pool_create();
    ck_assert_ptr_nonnull(pool);
}

static void destroy_pool(void)
{
    sgeo_pool_destroy(pool);
}

START_TEST(test_pool_reuses_the_most_recently_dropped_of_a_size)
{
    struct sgeo_buffer *a = sgeo_pool_take(pool, 256), *b = sgeo_pool_take(pool, 256);
    struct sgeo_buffer *other = sgeo_pool_take(pool, 64);
    sgeo_buffer_drop(a);
    sgeo_buffer_drop(b);
    sgeo_buffer_drop(other);
    ck_assert_ptr_eq(sgeo_pool_take(pool, 256), b);
    ck_assert_ptr_eq(sgeo_pool_take(pool, 256), a);
    ck_assert_ptr_eq(sgeo_pool_take(pool, 64), other);
    ck_assert_uint_eq(sgeo_pool_bytes(pool), 2 * 256 + 64);
}
END_TEST

START_TEST(test_pool_keeps_a_shared_buffer_until_its_last_drop)
{
    struct sgeo_buffer *a = sgeo_pool_take(pool, 128);
    ck_assert_ptr_eq(sgeo_buffer_share(a), a);
    sgeo_buffer_drop(a);
    struct sgeo_buffer *b = sgeo_pool_take(pool, 128);
    ck_assert_ptr_ne(b, a);
    sgeo_buffer_drop(a);
    ck_assert_ptr_eq(sgeo_pool_take(pool, 128), a);
}
END_TEST

START_TEST(test_pool_trim_returns_free_buffers_and_keeps_the_others)
{
    struct sgeo_buffer *held = sgeo_pool_take(pool, 128), *dropped = sgeo_pool_take(pool, 512);
    memset(held->data, 7, 128);
    sgeo_buffer_drop(dropped);
    sgeo_pool_trim(pool);
    ck_assert_uint_eq(sgeo_pool_bytes(pool), 128);
    ck_assert_int_eq(((const unsigned char *)held->data)[127], 7);
    ck_assert_ptr_nonnull(sgeo_pool_take(pool, 512));
    ck_assert_uint_eq(sgeo_pool_bytes(pool), 128 + 512);
}
END_TEST

START_TEST(test_pool_shares_buffers_among_similar_sizes)
{
    for (size_t bytes = 1; bytes < ((size_t)1 << 20); bytes += bytes / 7 + 1) {
        struct sgeo_buffer *a = sgeo_pool_take(pool, bytes);
        ck_assert_uint_eq(a->bytes, bytes);
        ck_assert_uint_ge(a->capacity, bytes);
        ck_assert_uint_lt(a->capacity, bytes + bytes / 8 + SGEO_ALIGNMENT);
        memset(a->data, 1, bytes);
        sgeo_buffer_drop(a);
        struct sgeo_buffer *b = sgeo_pool_take(pool, a->capacity);
        ck_assert_ptr_eq(b, a);
        ck_assert_uint_eq(b->bytes, a->capacity);
        sgeo_buffer_drop(b);
    }
}
END_TEST

START_TEST(test_pool_limit_returns_what_was_used_longest_ago)
{
    struct sgeo_buffer *old = sgeo_pool_take(pool, 512), *recent = sgeo_pool_take(pool, 512);
    struct sgeo_buffer *small = sgeo_pool_take(pool, 64);
    sgeo_buffer_drop(small);
    sgeo_buffer_drop(old);
    sgeo_buffer_drop(recent);
    sgeo_pool_limit(pool, 2 * 512 + 64);
    ck_assert_uint_eq(sgeo_pool_bytes(pool), 2 * 512 + 64);
    sgeo_pool_limit(pool, 512);
    ck_assert_uint_eq(sgeo_pool_bytes(pool), 512);
    ck_assert_ptr_eq(sgeo_pool_take(pool, 512), recent);
    sgeo_buffer_drop(recent);
    sgeo_pool_limit(pool, 511);
    ck_assert_uint_eq(sgeo_pool_bytes(pool), 0);
}
END_TEST

/* It stays in any case: a trim for its sake would cost all the rest, limit after limit. */
START_TEST(test_pool_limit_leaves_out_what_is_held)
{
    struct sgeo_buffer *held = sgeo_pool_take(pool, 1024), *dropped = sgeo_pool_take(pool, 512);
    sgeo_buffer_drop(dropped);
    sgeo_pool_limit(pool, 512);
    ck_assert_uint_eq(sgeo_pool_bytes(pool), 1024 + 512);
    ck_assert_ptr_eq(sgeo_pool_take(pool, 512), dropped);
    sgeo_buffer_drop(dropped);
    sgeo_pool_limit(pool, 511);
    ck_assert_uint_eq(sgeo_pool_bytes(pool), 1024);
    sgeo_buffer_drop(held);
    sgeo_pool_limit(pool, 1023);
    ck_assert_uint_eq(sgeo_pool_bytes(pool), 0);
}
END_TEST

START_TEST(test_pool_drop_of_nothing_is_fine)
{
    sgeo_buffer_drop(NULL);
    ck_assert_uint_eq(sgeo_pool_bytes(pool), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pool");
    TCase *tcase = tcase_create("arena");
    tcase_add_checked_fixture(tcase, create_pool, destroy_pool);
    tcase_add_test(tcase, test_pool_reuses_the_most_recently_dropped_of_a_size);
    tcase_add_test(tcase, test_pool_keeps_a_shared_buffer_until_its_last_drop);
    tcase_add_test(tcase, test_pool_trim_returns_free_buffers_and_keeps_the_others);
    tcase_add_test(tcase, test_pool_shares_buffers_among_similar_sizes);
    tcase_add_test(tcase, test_pool_limit_returns_what_was_used_longest_ago);
    tcase_add_test(tcase, test_pool_limit_leaves_out_what_is_held);
    tcase_add_test(tcase, test_pool_drop_of_nothing_is_fine);
    suite_add_tcase(suite, tcase);
    return rig_run(suite);
}
