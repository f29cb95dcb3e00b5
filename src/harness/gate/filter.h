/* Which benches a gate looks at: regular expressions for --benchmark_filter. */
#ifndef SGEO_HARNESS_GATE_FILTER_H
#define SGEO_HARNESS_GATE_FILTER_H

#include "base/status.h"
#include "base/text.h"

/* Add a bench to a filter that matches exactly the benches added; close it when all are in. */
void sgeo_gate_filter_add(struct sgeo_text *filter, const char *bench);
void sgeo_gate_filter_close(struct sgeo_text *filter);

/* The filter `given`, or when it is NULL that of the gate set, bench/gate.txt (a bench a line, `#`
 * starts a comment). SGEO_IO when the set cannot be read or is empty. */
enum sgeo_status sgeo_gate_filter_choose(struct sgeo_text *filter, const char *given);

#endif
