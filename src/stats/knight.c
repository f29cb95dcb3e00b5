#include "stats/knight.h"

/* Runs of this length are sorted by insertion: shorter than the merges they save. */
#define RUN ((size_t)8)

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Sort items (n) in place; sum of the weight products over its inversions. */
static uint64_t sort_run(struct sgeo_knight_item *items, size_t n)
{
    uint64_t inversions = 0;
    for (size_t i = 1; i < n; i++) {
        struct sgeo_knight_item moved = items[i];
        uint64_t passed = 0;
        size_t place = i;
        for (; place > 0 && items[place - 1].key > moved.key; place--) {
            passed += items[place - 1].weight;
            items[place] = items[place - 1];
        }
        items[place] = moved;
        inversions += passed * moved.weight;
    }
    return inversions;
}

/*
 * Merge the sorted src[0, middle) and src[middle, n) into dst (n). An item of the right half that
 * overtakes what is left of the left half is inverted with all of it. The choice is arithmetic
 * rather than a branch: on ranks it would be mispredicted every other time.
 */
static uint64_t merge(struct sgeo_knight_item *restrict dst,
                      const struct sgeo_knight_item *restrict src, size_t middle, size_t n)
{
    uint64_t inversions = 0;
    uint64_t left_weight = 0;
    for (size_t i = 0; i < middle; i++) {
        left_weight += src[i].weight;
    }
    size_t left = 0;
    size_t right = middle;
    size_t out = 0;
    while (left < middle && right < n) {
        size_t from_right = src[right].key < src[left].key ? 1 : 0;
        struct sgeo_knight_item taken = src[from_right != 0 ? right : left];
        uint64_t overtaking = 0 - (uint64_t)from_right; /* all ones or nothing */
        inversions += overtaking & (left_weight * taken.weight);
        left_weight -= ~overtaking & taken.weight;
        dst[out++] = taken;
        right += from_right;
        left += 1 - from_right;
    }
    while (left < middle) {
        dst[out++] = src[left++];
    }
    while (right < n) {
        dst[out++] = src[right++];
    }
    return inversions;
}

uint64_t sgeo_knight_inversions(struct sgeo_knight_item *items, struct sgeo_knight_item *scratch,
                                size_t n)
{
    uint64_t inversions = 0;
    for (size_t first = 0; first < n; first += RUN) {
        inversions += sort_run(items + first, least(RUN, n - first));
    }
    for (size_t width = RUN; width < n; width *= 2) {
        for (size_t first = 0; first < n; first += 2 * width) {
            size_t length = least(2 * width, n - first);
            inversions += merge(scratch + first, items + first, least(width, length), length);
        }
        struct sgeo_knight_item *merged = scratch;
        scratch = items;
        items = merged;
    }
    return inversions;
}
