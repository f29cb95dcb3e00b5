/* Numbers of journal lines: what JSON cannot hold is a string, "nan", "inf" or "-inf". Every finite
 * number survives exactly. */
#ifndef SGEO_HARNESS_JSON_NUMBER_H
#define SGEO_HARNESS_JSON_NUMBER_H

#include <jansson.h>
#include <stdbool.h>

#include "base/text.h"

void sgeo_json_number_write(struct sgeo_text *line, double value);

/* False, and *value untouched, when the item (NULL: none) is no such number. */
bool sgeo_json_number_read(double *value, const json_t *item);

#endif
