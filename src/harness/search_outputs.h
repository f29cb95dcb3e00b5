/* What a finished search leaves: search.csv and search_best.csv (results/schema.md). */
#ifndef SGEO_HARNESS_SEARCH_OUTPUTS_H
#define SGEO_HARNESS_SEARCH_OUTPUTS_H

#include "harness/search_run.h"

/* Publish both under options->out, and hand the best to the request's sink. SGEO_CHECK_FAILED when
 * none has a finite score; search.csv is there then. */
enum sgeo_status sgeo_search_publish(const struct sgeo_search_request *request,
                                     const struct sgeo_search *search);

#endif
