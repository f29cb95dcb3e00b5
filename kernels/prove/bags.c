#include "kernels/prove/bags.h"

/* Whole numbers as they are drawn, before they get their width. */
struct numbers {
    uint64_t value[SGEO_BAGS_MAX_POSITIONS];
    size_t n;
};

struct sgeo_bags_form sgeo_bags_form_draw(struct sgeo_prover *prover)
{
    struct sgeo_bags_form form = {.wide = sgeo_prover_coin(prover),
                                  .mean = sgeo_prover_coin(prover),
                                  .weighted = sgeo_prover_coin(prover),
                                  .single = sgeo_prover_below(prover, 4) == 0};
    if (!form.single)
        form.skipped = sgeo_prover_below(prover, SGEO_BAGS_MAX_SKIPPED + 1);
    return form;
}

const char *sgeo_bags_form_name(const struct sgeo_bags_form *form)
{
    static const char *const names[2][2][2] = {
        {{"sums", "weighted sums"}, {"means", "weighted means"}},
        {{"rows", "weighted rows"}, {"means of one", "weighted means of one"}}};
    return names[form->single][form->mean][form->weighted];
}

static size_t draw_length(struct sgeo_prover *prover)
{
    static const size_t lengths[] = {0, 1, 1, 2, 3, 5, 17, SGEO_BAGS_MAX_LENGTH};
    return lengths[sgeo_prover_below(prover, sizeof lengths / sizeof *lengths)];
}

/* A row: any, the one before, the first or the last. */
static uint64_t draw_row(struct sgeo_prover *prover, uint64_t before, size_t rows)
{
    switch (sgeo_prover_below(prover, 8)) {
    case 0:
        return 0;
    case 1:
        return rows - 1;
    case 2:
    case 3:
        return before;
    default:
        return sgeo_prover_below(prover, rows);
    }
}

/* Their buffer, a source. */
static const void *stored(struct sgeo_prover *prover, const struct numbers *numbers, bool wide)
{
    int32_t narrow[SGEO_BAGS_MAX_POSITIONS];
    int64_t full[SGEO_BAGS_MAX_POSITIONS];
    for (size_t i = 0; i < numbers->n; i++) {
        narrow[i] = (int32_t)numbers->value[i];
        full[i] = (int64_t)numbers->value[i];
    }
    return sgeo_candidate_data(sgeo_prover_copy(prover, wide ? SGEO_LONGS : SGEO_INTS, SGEO_SOURCE,
                                                numbers->n, wide ? (const void *)full : narrow));
}

static struct numbers draw_offsets(struct sgeo_prover *prover, const struct sgeo_bags_form *form,
                                   size_t count)
{
    struct numbers offsets = {.value = {form->skipped}, .n = count + 1};
    for (size_t b = 0; b < count; b++)
        offsets.value[b + 1] = offsets.value[b] + (form->single ? 1 : draw_length(prover));
    return offsets;
}

/* Rows behind the skipped positions, which hold none: whoever looks them up will miss the table. */
static struct numbers draw_indices(struct sgeo_prover *prover, size_t skipped, size_t n,
                                   size_t rows)
{
    struct numbers indices = {.n = n};
    for (size_t i = 0; i < skipped; i++)
        indices.value[i] = INT32_MAX;
    for (size_t i = skipped; i < n; i++)
        indices.value[i] = draw_row(prover, i > skipped ? indices.value[i - 1] : 0, rows);
    return indices;
}

struct sgeo_bags sgeo_bags_draw(struct sgeo_prover *prover, const struct sgeo_bags_form *form,
                                size_t count, size_t rows)
{
    struct numbers offsets = draw_offsets(prover, form, count);
    size_t n = (size_t)offsets.value[count];
    struct numbers indices = draw_indices(prover, form->skipped, n, rows);
    struct sgeo_bags bags = {.count = count, .wide = form->wide, .mean = form->mean};
    bags.indices = stored(prover, &indices, form->wide);
    bags.offsets = form->single ? NULL : stored(prover, &offsets, form->wide);
    bags.weights = form->weighted ? sgeo_prover_source(prover, n) : NULL;
    return bags;
}
