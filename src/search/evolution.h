/*
 * Regularised evolution as NASRec's authors run it (spec nasrec, section 1.5). A population of
 * random candidates; then, a generation: draw a sample of it without replacement, take its best as
 * the parent, make children from the parent by some mutations each, add them, and remove as many of
 * the oldest. A child that equals an earlier child is mutated on; the random population does not
 * count as visited. The result is the history, the best children of every generation.
 *
 * Streams: (seed, "search:sample", g) draws the sample of generation g (from 1), (seed,
 * "search:mutate", i) the mutations of candidate i.
 */
#ifndef SGEO_SEARCH_EVOLUTION_H
#define SGEO_SEARCH_EVOLUTION_H

#include "search/search.h"

struct sgeo_evolution {
    size_t population, generations;
    size_t sample;   /* of the population, for a parent; at least 1, at most population */
    size_t children; /* a generation; at least 1 */
    size_t kept;     /* of them in the history; at least 1, at most children */
};

/* Evaluations of the whole search: population + generations * children. */
size_t sgeo_evolution_evaluations(const struct sgeo_evolution *evolution);

/* Mutations of a child in generation g (from 1): more at first, one at the end; (N - g + 1) /
 * max(20, N/5) + 1 in whole numbers. */
size_t sgeo_evolution_mutations(size_t generations, size_t g);

/*
 * Run a search of sgeo_evolution_evaluations(evolution) evaluations from the start, asking for the
 * scores that are not known: run again after a failure it goes on. A batch is the population, then
 * a generation's children. A parent whose sample has no finite score is the sample's oldest.
 * SGEO_USAGE for sizes that contradict each other.
 */
enum sgeo_status sgeo_evolution_run(struct sgeo_search *search,
                                    const struct sgeo_evolution *evolution);

/* The history of a run that is over: `kept` best children of each generation, generation by
 * generation, best first. history holds generations * kept. */
void sgeo_evolution_history(const struct sgeo_candidate **history, const struct sgeo_search *search,
                            const struct sgeo_evolution *evolution);

#endif
