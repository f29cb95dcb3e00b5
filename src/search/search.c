#include "search/search.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "base/memory.h"

enum sgeo_status sgeo_search_create(struct sgeo_search **out,
                                    const struct sgeo_search_settings *settings, size_t n_max)
{
    struct sgeo_search *search = sgeo_calloc(1, sizeof *search);
    if (search == NULL) {
        return sgeo_fail_memory("search");
    }
    search->settings = *settings;
    search->n_max = n_max;
    search->candidates = sgeo_calloc(n_max, sizeof *search->candidates);
    search->batch = sgeo_calloc(n_max, sizeof *search->batch);
    if (search->candidates == NULL || search->batch == NULL) {
        sgeo_search_destroy(search);
        return sgeo_fail_memory("candidates of a search");
    }
    *out = search;
    return SGEO_OK;
}

void sgeo_search_destroy(struct sgeo_search *search)
{
    if (search == NULL) {
        return;
    }
    sgeo_free(search->candidates);
    sgeo_free(search->batch);
    sgeo_free(search);
}

/* --- candidates --- */

static enum sgeo_status fail_other(size_t index)
{
    return sgeo_fail(SGEO_USAGE, "repeat the original arguments, or choose another --out",
                     "evaluation %zu of this search is of another architecture than recorded",
                     index);
}

enum sgeo_status sgeo_search_recall(struct sgeo_search *search, const struct sgeo_candidate *known)
{
    if (known->index >= search->n_max) {
        return sgeo_fail(SGEO_USAGE, "repeat the original arguments, or choose another --out",
                         "evaluation %zu was recorded, this search has %zu", known->index,
                         search->n_max);
    }
    struct sgeo_candidate *candidate = &search->candidates[known->index];
    if (candidate->scored && !sgeo_nasrec_equal(&candidate->arch, &known->arch)) {
        return fail_other(known->index);
    }
    *candidate = *known;
    candidate->scored = true;
    return SGEO_OK;
}

enum sgeo_status sgeo_search_place(struct sgeo_search *search, const struct sgeo_nasrec_arch *arch,
                                   size_t generation)
{
    assert(search->n < search->n_max);
    struct sgeo_candidate *candidate = &search->candidates[search->n];
    if (candidate->scored && !sgeo_nasrec_equal(&candidate->arch, arch)) {
        return fail_other(search->n);
    }
    candidate->index = search->n++;
    candidate->generation = generation;
    candidate->arch = *arch;
    return SGEO_OK;
}

enum sgeo_status sgeo_search_score(struct sgeo_search *search)
{
    const struct sgeo_search_settings *settings = &search->settings;
    size_t n = 0;
    for (size_t i = 0; i < search->n; i++) {
        if (!search->candidates[i].scored) {
            search->batch[n++] = &search->candidates[i];
        }
    }
    if (n == 0) {
        return SGEO_OK;
    }
    if (settings->stop != NULL && atomic_load(settings->stop)) {
        return sgeo_fail(SGEO_INTERRUPTED, "repeat the command with --resume to go on",
                         "search interrupted before evaluation %zu", search->batch[0]->index);
    }
    enum sgeo_status status = settings->evaluate(search->batch, n, settings->context);
    for (size_t i = 0; status == SGEO_OK && i < n; i++) {
        assert(search->batch[i]->scored);
    }
    return status;
}

void sgeo_search_draw(struct sgeo_nasrec_arch *arch, const struct sgeo_search *search, size_t i)
{
    struct sgeo_rng rng = sgeo_rng_stream(search->settings.seed, "search:draw", i);
    sgeo_nasrec_sample(arch, search->settings.space, &rng);
}

/* --- order --- */

/* `higher`: the better score is the higher one. */
static int compare(const struct sgeo_candidate *a, const struct sgeo_candidate *b, bool higher)
{
    bool finite = isfinite(a->score);
    if (finite != (bool)isfinite(b->score)) {
        return finite ? -1 : 1;
    }
    if (finite && a->score != b->score) {
        return (a->score < b->score) == higher ? 1 : -1;
    }
    return a->index < b->index ? -1 : a->index > b->index;
}

static int compare_losses(const void *a, const void *b)
{
    const struct sgeo_candidate *const *x = a, *const *y = b;
    return compare(*x, *y, false);
}

static int compare_proxies(const void *a, const void *b)
{
    const struct sgeo_candidate *const *x = a, *const *y = b;
    return compare(*x, *y, true);
}

bool sgeo_search_before(const struct sgeo_search *search, const struct sgeo_candidate *a,
                        const struct sgeo_candidate *b)
{
    return compare(a, b, search->settings.higher_is_better) < 0;
}

size_t sgeo_search_count_degenerate(const struct sgeo_search *search)
{
    size_t count = 0;
    for (size_t i = 0; i < search->n; i++) {
        count += search->candidates[i].scored && !isfinite(search->candidates[i].score);
    }
    return count;
}

size_t sgeo_search_best(const struct sgeo_candidate **best, size_t n_best,
                        const struct sgeo_candidate **from, size_t n,
                        const struct sgeo_search *search)
{
    size_t found = 0;
    if (n > 0) {
        qsort(from, n, sizeof *from,
              search->settings.higher_is_better ? compare_proxies : compare_losses);
    }
    for (size_t i = 0; i < n && found < n_best && isfinite(from[i]->score); i++) {
        if (found == 0 || fabs(from[i]->score - best[found - 1]->score) > SGEO_SEARCH_SAME_SCORE) {
            best[found++] = from[i];
        }
    }
    return found;
}
