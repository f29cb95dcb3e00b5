#include "base/log.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#define LINE_BYTES 2048 /* a longer line is cut */

static sgeo_log_sink current_sink;
static enum sgeo_log_level current_limit;
static void *current_context;

void sgeo_log_set_sink(sgeo_log_sink sink, enum sgeo_log_level most_verbose, void *context)
{
    current_sink = sink;
    current_limit = most_verbose;
    current_context = context;
}

void sgeo_log(enum sgeo_log_level level, const char *format, ...)
{
    if (current_sink == NULL || level > current_limit) {
        return;
    }
    char line[LINE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    int written = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (written >= 0) {
        current_sink(level, line, current_context);
    }
}
