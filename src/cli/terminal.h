/* What a person sees on stderr: log lines, progress, the one-line error. */
#ifndef SGEO_CLI_TERMINAL_H
#define SGEO_CLI_TERMINAL_H

#include <stdbool.h>

#include "base/log.h"
#include "harness/schedule.h"

/* Logger sink: one line on stderr. */
void sgeo_terminal_log(enum sgeo_log_level level, const char *text, void *context);

/* State of the progress display; starts with the time in `last`, the rest zero. */
struct sgeo_terminal_progress {
    bool quiet;
    bool bar_is_open; /* the cursor stands behind a bar */
    double last;      /* wall seconds of the last bar or line */
};

/* A bar with ETA on a terminal, a line every 30 s elsewhere. context: struct
 * sgeo_terminal_progress. */
void sgeo_terminal_progress(const struct sgeo_progress *progress, void *context);

/* Leave the bar's line, so that other text starts on its own. */
void sgeo_terminal_progress_end(struct sgeo_terminal_progress *state);

/* "bench_sigeo: WHAT" and "hint: NEXT" of the last error. */
void sgeo_terminal_error(void);

/* Text to stdout. */
void sgeo_terminal_out(const char *text, void *context);

/* On SIGINT or SIGTERM: say how to go on and leave with 130 at once; the journal is whole at any
 * moment. */
void sgeo_terminal_catch_interrupts(void);

#endif
