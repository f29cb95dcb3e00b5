#include "harness/gate/filter.h"

#include <string.h>

void sgeo_gate_filter_add(struct sgeo_text *filter, const char *bench)
{
    sgeo_text_append(filter, filter->length == 0 ? "^(" : "|");
    for (; *bench != '\0'; bench++) {
        const char *escape = strchr(".[]{}()*+?^$|\\", *bench) == NULL ? "" : "\\";
        sgeo_text_append(filter, "%s%c", escape, *bench);
    }
}

void sgeo_gate_filter_close(struct sgeo_text *filter)
{
    sgeo_text_append(filter, ")$");
}
