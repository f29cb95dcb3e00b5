/*
 * Journal lines of a search, one per scored candidate, and one when what scorers share was ready:
 *   {"candidate":12,"arch":"nasrec-small ...","score":0.4512,"seconds":3.5}
 *   {"preparation_seconds":412.5}
 * candidate is its index in the order of evaluation, seconds CPU time; numbers as in json_number.h.
 */
#ifndef SGEO_HARNESS_SEARCH_RECORD_H
#define SGEO_HARNESS_SEARCH_RECORD_H

#include "base/text.h"
#include "search/search.h"

/* Append the line, no newline. */
void sgeo_candidate_write(struct sgeo_text *line, const struct sgeo_candidate *candidate);

/* Parse a line: index, arch, score and seconds_cpu of a scored candidate. SGEO_IO when it is none,
 * *candidate untouched. */
enum sgeo_status sgeo_candidate_parse(struct sgeo_candidate *candidate, const char *line);

/* The other line: append it; parse it, false when it is none. */
void sgeo_preparation_write(struct sgeo_text *line, double seconds);
bool sgeo_preparation_parse(double *seconds, const char *line);

#endif
