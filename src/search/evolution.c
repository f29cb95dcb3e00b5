/*
 * The population never needs a list of its own: since a generation adds `children` candidates and
 * removes as many of the oldest, it is the window of the last `population` candidates.
 */
#include "search/evolution.h"

#include <assert.h>

#include "base/memory.h"

size_t sgeo_evolution_evaluations(const struct sgeo_evolution *evolution)
{
    return evolution->population + evolution->generations * evolution->children;
}

size_t sgeo_evolution_mutations(size_t generations, size_t g)
{
    size_t step = generations / 5 > 20 ? generations / 5 : 20;
    return (generations - (g - 1)) / step + 1;
}

static enum sgeo_status check_sizes(const struct sgeo_evolution *evolution)
{
    bool fits = evolution->sample >= 1 && evolution->sample <= evolution->population &&
                evolution->population <= UINT32_MAX && evolution->kept >= 1 &&
                evolution->kept <= evolution->children;
    return fits ? SGEO_OK
                : sgeo_fail(SGEO_USAGE, "1 <= sample <= population, 1 <= kept <= children",
                            "no evolution: a sample of %zu from a population of %zu, %zu kept of "
                            "%zu children",
                            evolution->sample, evolution->population, evolution->kept,
                            evolution->children);
}

/* --- a generation --- */

/* The best of `sample` candidates drawn from the population; order (population) is scratch. */
static const struct sgeo_candidate *choose_parent(const struct sgeo_search *search,
                                                  const struct sgeo_evolution *evolution, size_t g,
                                                  uint32_t *order)
{
    struct sgeo_rng rng = sgeo_rng_stream(search->settings.seed, "search:sample", g);
    const struct sgeo_candidate *population =
        &search->candidates[search->n - evolution->population];
    for (uint32_t i = 0; i < evolution->population; i++) {
        order[i] = i;
    }
    sgeo_rng_shuffle(&rng, order, evolution->population);
    const struct sgeo_candidate *parent = &population[order[0]];
    for (size_t i = 1; i < evolution->sample; i++) {
        const struct sgeo_candidate *other = &population[order[i]];
        parent = sgeo_search_before(search, other, parent) ? other : parent;
    }
    return parent;
}

static bool is_visited(const struct sgeo_search *search, const struct sgeo_evolution *evolution,
                       const struct sgeo_nasrec_arch *arch)
{
    bool visited = false;
    for (size_t i = evolution->population; !visited && i < search->n; i++) {
        visited = sgeo_nasrec_equal(&search->candidates[i].arch, arch);
    }
    return visited;
}

static enum sgeo_status place_child(struct sgeo_search *search,
                                    const struct sgeo_evolution *evolution, size_t g,
                                    const struct sgeo_nasrec_arch *parent)
{
    struct sgeo_rng rng = sgeo_rng_stream(search->settings.seed, "search:mutate", search->n);
    size_t mutations = sgeo_evolution_mutations(evolution->generations, g);
    struct sgeo_nasrec_arch child = *parent;
    do {
        for (size_t m = 0; m < mutations; m++) {
            sgeo_nasrec_mutate(&child, &rng);
        }
    } while (is_visited(search, evolution, &child));
    return sgeo_search_place(search, &child, g);
}

static enum sgeo_status run_generation(struct sgeo_search *search,
                                       const struct sgeo_evolution *evolution, size_t g,
                                       uint32_t *order)
{
    const struct sgeo_nasrec_arch parent = choose_parent(search, evolution, g, order)->arch;
    enum sgeo_status status = SGEO_OK;
    for (size_t c = 0; status == SGEO_OK && c < evolution->children; c++) {
        status = place_child(search, evolution, g, &parent);
    }
    return status == SGEO_OK ? sgeo_search_score(search) : status;
}

/* --- the run --- */

static enum sgeo_status run_population(struct sgeo_search *search,
                                       const struct sgeo_evolution *evolution)
{
    enum sgeo_status status = SGEO_OK;
    for (size_t i = 0; status == SGEO_OK && i < evolution->population; i++) {
        struct sgeo_nasrec_arch arch;
        sgeo_search_draw(&arch, search, i);
        status = sgeo_search_place(search, &arch, 0);
    }
    return status == SGEO_OK ? sgeo_search_score(search) : status;
}

enum sgeo_status sgeo_evolution_run(struct sgeo_search *search,
                                    const struct sgeo_evolution *evolution)
{
    enum sgeo_status status = check_sizes(evolution);
    if (status != SGEO_OK) {
        return status;
    }
    assert(search->n_max == sgeo_evolution_evaluations(evolution));
    uint32_t *order = sgeo_calloc(evolution->population, sizeof *order);
    if (order == NULL) {
        return sgeo_fail_memory("population");
    }
    search->n = 0;
    status = run_population(search, evolution);
    for (size_t g = 1; status == SGEO_OK && g <= evolution->generations; g++) {
        status = run_generation(search, evolution, g, order);
    }
    sgeo_free(order);
    return status;
}

/* How many of n candidates come before candidate i. */
static size_t rank_of(const struct sgeo_search *search, const struct sgeo_candidate *candidates,
                      size_t n, size_t i)
{
    size_t rank = 0;
    for (size_t other = 0; other < n; other++) {
        rank += sgeo_search_before(search, &candidates[other], &candidates[i]) ? 1 : 0;
    }
    return rank;
}

void sgeo_evolution_history(const struct sgeo_candidate **history, const struct sgeo_search *search,
                            const struct sgeo_evolution *evolution)
{
    assert(search->n == search->n_max);
    for (size_t g = 0; g < evolution->generations; g++) {
        const struct sgeo_candidate *children =
            &search->candidates[evolution->population + g * evolution->children];
        for (size_t c = 0; c < evolution->children; c++) {
            size_t rank = rank_of(search, children, evolution->children, c);
            if (rank < evolution->kept) {
                history[g * evolution->kept + rank] = &children[c];
            }
        }
    }
}
