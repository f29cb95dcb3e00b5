/* The activation arena: room is cut, joined and taken again, and no two buffers overlap. */
#include "graph/pool.h"

#include "base/rng.h"
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

START_TEST(test_pool_takes_the_smallest_room_that_will_do)
{
    struct sgeo_buffer *held[2], *large = sgeo_pool_take(pool, 1024);
    held[0] = sgeo_pool_take(pool, 64);
    struct sgeo_buffer *small = sgeo_pool_take(pool, 512);
    held[1] = sgeo_pool_take(pool, 64);
    void *in_large = large->data, *in_small = small->data;
    sgeo_buffer_drop(large);
    sgeo_buffer_drop(small);
    ck_assert_ptr_eq(sgeo_pool_take(pool, 400)->data, in_small);
    ck_assert_ptr_eq(sgeo_pool_take(pool, 400)->data, in_large);
    ck_assert_ptr_eq(sgeo_pool_take(pool, 576)->data, (char *)in_large + 448); /* its rest */
    ck_assert_uint_eq(held[0]->refs + held[1]->refs, 2);
}
END_TEST

/* In every order: with the room before, behind, on both sides and on none. */
START_TEST(test_pool_joins_neighbouring_room)
{
    static const size_t orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                        {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    struct sgeo_buffer *parts[3];
    for (size_t p = 0; p < 3; p++) {
        parts[p] = sgeo_pool_take(pool, 640);
    }
    struct sgeo_buffer *fence = sgeo_pool_take(pool, 64);
    void *start = parts[0]->data;
    for (size_t p = 0; p < 3; p++) {
        sgeo_buffer_drop(parts[orders[_i][p]]);
    }
    struct sgeo_buffer *whole = sgeo_pool_take(pool, 3 * (size_t)640);
    ck_assert_ptr_eq(whole->data, start);
    ck_assert_ptr_eq(fence->data, (char *)start + 3 * (size_t)640);
}
END_TEST

START_TEST(test_pool_keeps_a_shared_buffer_until_its_last_drop)
{
    struct sgeo_buffer *a = sgeo_pool_take(pool, 128);
    void *data = a->data;
    ck_assert_ptr_eq(sgeo_buffer_share(a), a);
    sgeo_buffer_drop(a);
    struct sgeo_buffer *b = sgeo_pool_take(pool, 128);
    ck_assert_ptr_ne(b->data, data);
    sgeo_buffer_drop(a);
    ck_assert_ptr_eq(sgeo_pool_take(pool, 128)->data, data);
}
END_TEST

START_TEST(test_pool_knows_the_most_that_was_held)
{
    struct sgeo_buffer *a = sgeo_pool_take(pool, 1000), *b = sgeo_pool_take(pool, 64);
    ck_assert_uint_eq(sgeo_pool_peak(pool), 1024 + 64);
    sgeo_buffer_drop(a);
    a = sgeo_pool_take(pool, 640);
    ck_assert_uint_eq(sgeo_pool_peak(pool), 1024 + 64);
    sgeo_buffer_drop(a);
    sgeo_buffer_drop(b);
    sgeo_buffer_drop(sgeo_pool_take(pool, 1152));
    ck_assert_uint_eq(sgeo_pool_peak(pool), 1152);
}
END_TEST

START_TEST(test_pool_trim_returns_blocks_without_a_buffer)
{
    const size_t large = (size_t)3 << 20;
    struct sgeo_buffer *held = sgeo_pool_take(pool, large), *dropped = sgeo_pool_take(pool, large);
    memset(held->data, 7, large);
    sgeo_buffer_drop(dropped);
    size_t both = sgeo_pool_bytes(pool);
    sgeo_pool_trim(pool);
    ck_assert_uint_eq(sgeo_pool_bytes(pool), both - large);
    ck_assert_int_eq(((const unsigned char *)held->data)[large - 1], 7);
    ck_assert_ptr_nonnull(sgeo_pool_take(pool, large));
    ck_assert_uint_eq(sgeo_pool_bytes(pool), both);
    sgeo_buffer_drop(held);
    sgeo_pool_trim(pool);
    ck_assert_uint_eq(sgeo_pool_bytes(pool), both - large);
}
END_TEST

static bool all_are(const struct sgeo_buffer *buffer, unsigned char mark)
{
    const unsigned char *data = buffer->data;
    bool are = true;
    for (size_t b = 0; b < buffer->bytes; b++) {
        are = are && data[b] == mark;
    }
    return are;
}

/* Buffers of any sizes, taken and dropped at random: each keeps its bytes, and what they leave
 * suffices for the same again and, joined, for one of them all. */
START_TEST(test_pool_buffers_never_overlap)
{
    enum { BUFFERS = 60, STEPS = 4000 };
    struct sgeo_buffer *held[BUFFERS] = {NULL};
    struct sgeo_rng rng = sgeo_rng_stream((uint64_t)_i, "pool", 0);
    for (size_t step = 0; step < STEPS; step++) {
        size_t i = (size_t)sgeo_rng_below(&rng, BUFFERS);
        unsigned char mark = (unsigned char)(i + 1);
        if (held[i] == NULL) {
            size_t bytes = (size_t)sgeo_rng_below(&rng, (uint64_t)1 << sgeo_rng_below(&rng, 18));
            held[i] = sgeo_pool_take(pool, bytes);
            ck_assert_uint_eq(held[i]->bytes, bytes);
            ck_assert_uint_eq((uintptr_t)held[i]->data % SGEO_ALIGNMENT, 0);
            memset(held[i]->data, mark, bytes);
        } else {
            ck_assert(all_are(held[i], mark));
            sgeo_buffer_drop(held[i]);
            held[i] = NULL;
        }
    }
    for (size_t i = 0; i < BUFFERS; i++) {
        sgeo_buffer_drop(held[i]);
    }
    size_t bytes = sgeo_pool_bytes(pool);
    ck_assert_uint_ge(bytes, sgeo_pool_peak(pool));
    ck_assert_uint_le(bytes, 2 * sgeo_pool_peak(pool) + ((size_t)1 << 20));
    sgeo_pool_trim(pool); /* nothing is held, so every block is one piece again */
    ck_assert_uint_eq(sgeo_pool_bytes(pool), 0);
}
END_TEST

START_TEST(test_pool_refuses_what_no_memory_has)
{
    ck_assert_ptr_null(sgeo_pool_take(pool, SIZE_MAX));
    ck_assert_ptr_null(sgeo_pool_take(pool, (size_t)PTRDIFF_MAX - 64));
    ck_assert_uint_eq(sgeo_pool_bytes(pool), 0);
    ck_assert_ptr_nonnull(sgeo_pool_take(pool, 0)->data);
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
    tcase_add_test(tcase, test_pool_takes_the_smallest_room_that_will_do);
    tcase_add_loop_test(tcase, test_pool_joins_neighbouring_room, 0, 6);
    tcase_add_test(tcase, test_pool_keeps_a_shared_buffer_until_its_last_drop);
    tcase_add_test(tcase, test_pool_knows_the_most_that_was_held);
    tcase_add_test(tcase, test_pool_trim_returns_blocks_without_a_buffer);
    tcase_add_loop_test(tcase, test_pool_buffers_never_overlap, 0, 4);
    tcase_add_test(tcase, test_pool_refuses_what_no_memory_has);
    tcase_add_test(tcase, test_pool_drop_of_nothing_is_fine);
    suite_add_tcase(suite, tcase);
    return rig_run(suite);
}
