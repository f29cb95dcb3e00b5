/* Random search: the same number of evaluations as an evolution, all of them drawn at random. */
#ifndef SGEO_SEARCH_RANDOM_SEARCH_H
#define SGEO_SEARCH_RANDOM_SEARCH_H

#include "search/search.h"

/*
 * Draw and score search->n_max candidates, in one batch. An evolution of the same seed starts from
 * the first of them. Run again after a failure it goes on.
 */
enum sgeo_status sgeo_random_search(struct sgeo_search *search);

#endif
