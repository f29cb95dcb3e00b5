/* Logger: one sink, set by the program; the library itself never prints. */
#ifndef SGEO_BASE_LOG_H
#define SGEO_BASE_LOG_H

#include "base/attr.h"

enum sgeo_log_level { SGEO_LOG_WARNING, SGEO_LOG_INFO, SGEO_LOG_DEBUG };

typedef void (*sgeo_log_sink)(enum sgeo_log_level level, const char *text, void *context);

/*
 * Set the sink (NULL: silent, the default) and the most verbose level it receives. Call before
 * threads start.
 */
void sgeo_log_set_sink(sgeo_log_sink sink, enum sgeo_log_level most_verbose, void *context);

/* Send one line (no newline) to the sink. */
void sgeo_log(enum sgeo_log_level level, const char *format, ...) SGEO_PRINTF(2, 3);

#endif
