#include "base/status.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define TEXT_BYTES 1024
#define HINT_BYTES 512

static _Thread_local char last_text[TEXT_BYTES];
static _Thread_local char last_hint[HINT_BYTES];

/* An error is one line: a control character in a file name must not break it or drive the terminal.
 */
static void make_one_line(char *text)
{
    for (; *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text;
        if (byte < 0x20 || byte == 0x7f) {
            *text = '?';
        }
    }
}

enum sgeo_status sgeo_fail(enum sgeo_status status, const char *hint, const char *format, ...)
{
    assert(status != SGEO_OK);
    /* Formatted aside, because an argument may be the last error's own text. */
    char text[TEXT_BYTES];
    char advice[HINT_BYTES];
    va_list arguments;
    va_start(arguments, format);
    int written = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (written < 0) {
        text[0] = '\0';
    }
    (void)snprintf(advice, sizeof advice, "%s", hint != NULL ? hint : "");
    make_one_line(text);
    make_one_line(advice);
    memcpy(last_text, text, sizeof text);
    memcpy(last_hint, advice, sizeof advice);
    return status;
}

enum sgeo_status sgeo_fail_memory(const char *object)
{
    return sgeo_fail(SGEO_IO, "use fewer workers or a smaller batch", "not enough memory for %s",
                     object);
}

const char *sgeo_error_text(void)
{
    return last_text;
}

const char *sgeo_error_hint(void)
{
    return last_hint;
}
