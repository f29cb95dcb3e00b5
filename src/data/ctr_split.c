/* Splits of click-through rows. */
#include "data/ctr_split.h"

#include "base/memory.h"
#include "base/rng.h"

enum { FOLDS = 10, FIRST_VAL = 8, FIRST_TEST = 9, LABELS = 2 };

static enum sgeo_ctr_part part_of_fold(size_t fold)
{
    return fold < FIRST_VAL ? SGEO_CTR_TRAIN : fold < FIRST_TEST ? SGEO_CTR_VAL : SGEO_CTR_TEST;
}

static enum sgeo_status create(struct sgeo_ctr_split *split, size_t n)
{
    if (n < FOLDS || n > UINT32_MAX) {
        return sgeo_fail(SGEO_IO, "splits need 10 rows or more, and fewer than 2^32",
                         "%zu rows cannot be split", n);
    }
    *split = (struct sgeo_ctr_split){.part = sgeo_calloc(n, 1), .n = n};
    return split->part != NULL ? SGEO_OK : sgeo_fail_memory("a split");
}

static void put(struct sgeo_ctr_split *split, size_t row, enum sgeo_ctr_part part, uint8_t label)
{
    split->part[row] = (uint8_t)part;
    split->rows[part]++;
    split->clicked[part] += label;
}

/* Multiples i, i + FOLDS, ... below n. */
static size_t multiples_below(size_t n, size_t i)
{
    return n > i ? (n - i + FOLDS - 1) / FOLDS : 0;
}

/* Rows of one label that are still to come: by fold, and in all. */
struct remaining {
    size_t of_fold[FOLDS];
    size_t total;
};

/*
 * The fold of the next row of a label: each with the probability that its share of what remains
 * has, so that all arrangements are equally likely.
 */
static size_t draw_fold(struct remaining *remaining, struct sgeo_rng *rng)
{
    size_t place = (size_t)sgeo_rng_below(rng, remaining->total);
    size_t fold = 0;
    while (place >= remaining->of_fold[fold]) {
        place -= remaining->of_fold[fold++];
    }
    remaining->of_fold[fold]--;
    remaining->total--;
    return fold;
}

enum sgeo_status sgeo_ctr_split_stratified(struct sgeo_ctr_split *split, const uint8_t *labels,
                                           size_t n, uint64_t seed)
{
    struct sgeo_ctr_split made;
    struct remaining remaining[LABELS] = {{{0}, 0}};
    struct sgeo_rng rng[LABELS];
    enum sgeo_status status = create(&made, n);
    if (status != SGEO_OK) {
        return status;
    }
    for (size_t row = 0; row < n; row++) {
        remaining[labels[row]].total++;
    }
    for (size_t fold = 0; fold < FOLDS; fold++) {
        size_t first = multiples_below(remaining[0].total, fold);
        remaining[0].of_fold[fold] = first;
        remaining[1].of_fold[fold] = multiples_below(n, fold) - first;
    }
    for (size_t label = 0; label < LABELS; label++) {
        rng[label] = sgeo_rng_stream(seed, "ctr-split", label);
    }
    for (size_t row = 0; row < n; row++) {
        size_t fold = draw_fold(&remaining[labels[row]], &rng[labels[row]]);
        put(&made, row, part_of_fold(fold), labels[row]);
    }
    *split = made;
    return SGEO_OK;
}

enum sgeo_status sgeo_ctr_split_chronological(struct sgeo_ctr_split *split, const uint8_t *labels,
                                              size_t n)
{
    struct sgeo_ctr_split made;
    enum sgeo_status status = create(&made, n);
    if (status != SGEO_OK) {
        return status;
    }
    size_t tenth = n / FOLDS, rest = n % FOLDS;
    size_t first_val = FIRST_VAL * tenth + FIRST_VAL * rest / FOLDS;
    size_t first_test = FIRST_TEST * tenth + FIRST_TEST * rest / FOLDS;
    for (size_t row = 0; row < n; row++) {
        enum sgeo_ctr_part part = row < first_val    ? SGEO_CTR_TRAIN
                                  : row < first_test ? SGEO_CTR_VAL
                                                     : SGEO_CTR_TEST;
        put(&made, row, part, labels[row]);
    }
    *split = made;
    return SGEO_OK;
}

size_t sgeo_ctr_split_take(uint32_t *rows, const struct sgeo_ctr_split *split, unsigned parts,
                           size_t *position, size_t capacity)
{
    size_t n = 0, row = *position;
    for (; row < split->n && n < capacity; row++) {
        if ((parts & SGEO_CTR_PART(split->part[row])) != 0) {
            rows[n++] = (uint32_t)row;
        }
    }
    *position = row;
    return n;
}

void sgeo_ctr_split_destroy(struct sgeo_ctr_split *split)
{
    if (split == NULL) {
        return;
    }
    sgeo_free(split->part);
    *split = (struct sgeo_ctr_split){0};
}
