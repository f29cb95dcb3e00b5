#include "harness/json_number.h"

#include <math.h>
#include <string.h>

void sgeo_json_number_write(struct sgeo_text *line, double value)
{
    if (value == 0.0) { /* exactly: "-0" would be read as an integer, which has no sign */
        sgeo_text_append(line, "%s", signbit(value) != 0 ? "-0.0" : "0");
    } else if (isfinite(value)) {
        sgeo_text_append(line, "%.17g", value);
    } else {
        sgeo_text_append(line, "\"%s\"", isnan(value) ? "nan" : value > 0.0 ? "inf" : "-inf");
    }
}

bool sgeo_json_number_read(double *value, const json_t *item)
{
    static const struct {
        const char *text;
        double value;
    } words[] = {{"nan", (double)NAN}, {"inf", (double)INFINITY}, {"-inf", -(double)INFINITY}};
    if (json_is_number(item)) {
        *value = json_number_value(item);
        return true;
    }
    for (size_t i = 0; json_is_string(item) && i < sizeof words / sizeof *words; i++) {
        if (strcmp(json_string_value(item), words[i].text) == 0) {
            *value = words[i].value;
            return true;
        }
    }
    return false;
}
