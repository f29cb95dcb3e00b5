/* Training and validation portions. */
#include "data/split.h"

#include <string.h>

#include "base/memory.h"
#include "base/rng.h"

static size_t train_portion(const char *dataset, size_t n_images)
{
    /* Whole numbers, because 0.7 * 50,000 in floating point may fall below 35,000. */
    if (strcmp(dataset, "fashion-mnist") == 0) {
        return n_images / 6 * 5 + n_images % 6 * 5 / 6;
    }
    return n_images / 10 * 7 + n_images % 10 * 7 / 10;
}

static void fill_ascending(uint32_t *values, size_t first, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        values[i] = (uint32_t)(first + i);
    }
}

enum sgeo_status sgeo_split_create(struct sgeo_split *split, const char *dataset, size_t n_images,
                                   uint64_t seed)
{
    if (n_images > UINT32_MAX) {
        return sgeo_fail(SGEO_IO, NULL, "%s: %zu images are too many", dataset, n_images);
    }
    struct sgeo_split made = {.n_train = train_portion(dataset, n_images)};
    made.n_val = n_images - made.n_train;
    if (made.n_train == 0 || made.n_val == 0) {
        return sgeo_fail(SGEO_IO, NULL, "%s: %zu images are too few to split", dataset, n_images);
    }
    made.train = sgeo_calloc(made.n_train, sizeof(*made.train));
    made.val = sgeo_calloc(made.n_val, sizeof(*made.val));
    if (made.train == NULL || made.val == NULL) {
        sgeo_split_destroy(&made);
        return sgeo_fail_memory("split");
    }
    fill_ascending(made.train, 0, made.n_train);
    fill_ascending(made.val, made.n_train, made.n_val);
    struct sgeo_rng rng = sgeo_rng_stream(seed, "split", 0);
    sgeo_rng_shuffle(&rng, made.train, made.n_train);
    *split = made;
    return SGEO_OK;
}

void sgeo_split_destroy(struct sgeo_split *split)
{
    if (split == NULL) {
        return;
    }
    sgeo_free(split->train);
    sgeo_free(split->val);
    *split = (struct sgeo_split){0};
}

size_t sgeo_split_prefix(size_t n, double percent)
{
    double exact = percent / 100.0 * (double)n + 0.5;
    if (exact <= 0.5) {
        return 0;
    }
    size_t prefix = (size_t)exact;
    return prefix < n ? prefix : n;
}
