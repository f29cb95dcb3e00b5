/* Which benches are measured: regular expressions for --benchmark_filter. */
#ifndef SGEO_HARNESS_GATE_FILTER_H
#define SGEO_HARNESS_GATE_FILTER_H

#include "base/text.h"

/* All benches of the gate set. */
#define SGEO_GATE_ALL "."

/* Add a bench to a filter, empty at first, that matches exactly the benches added; close it when
 * all are in. */
void sgeo_gate_filter_add(struct sgeo_text *filter, const char *bench);
void sgeo_gate_filter_close(struct sgeo_text *filter);

#endif
