/*
 * Status codes and the text of the last error.
 *
 * The numeric value of a status is the exit code of the program. The text is set once, where the
 * failure is known: what failed, on which object, why; and a hint with the next thing to try.
 */
#ifndef SGEO_BASE_STATUS_H
#define SGEO_BASE_STATUS_H

#include "base/attr.h"

enum sgeo_status {
    SGEO_OK = 0,
    SGEO_CHECK_FAILED = 1, /* a check failed, or a regression was found */
    SGEO_USAGE = 2,        /* unknown name, malformed value or architecture */
    SGEO_UNSUPPORTED = 3,  /* known, but not possible here; or inconclusive */
    SGEO_IO = 4,           /* missing, unreadable or damaged data; no memory; no disk */
    SGEO_INTERRUPTED = 130
};

/*
 * Record the error of the calling thread and return `status`, so that callers write
 * `return sgeo_fail(SGEO_IO, "check the path", "cannot open %s: %s", path, why);`.
 * hint may be NULL. A later call replaces an earlier text.
 */
enum sgeo_status sgeo_fail(enum sgeo_status status, const char *hint, const char *format, ...)
    SGEO_PRINTF(3, 4);

/* Shorthand for an allocation that failed: SGEO_IO with the object's name. */
enum sgeo_status sgeo_fail_memory(const char *object);

/*
 * Text and hint of the calling thread's last error; "" when there was none. Valid until the next
 * failure.
 */
const char *sgeo_error_text(void);
const char *sgeo_error_hint(void);

#endif
