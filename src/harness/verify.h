/*
 * --verify: compute every field of a golden file that this program has a definition for, in the
 * double executor and, where theta is fixed, again in f32, and compare.
 */
#ifndef SGEO_HARNESS_VERIFY_H
#define SGEO_HARNESS_VERIFY_H

#include <stddef.h>

#include "backend/backend.h"
#include "harness/score.h"

struct sgeo_verify_result {
    size_t passed, failed, skipped; /* skipped: fields without a definition here */
};

/*
 * Verify a file, in double and by this f32 executor. Rows
 * record,field,expected,got,rel_error,verdict (ok, FAIL) go to the sink; the f32 rows' record is
 * NAME@f32. rel_error is relative to max(|expected|, scale) (naming rules, section 9).
 * SGEO_CHECK_FAILED when a field fails, SGEO_UNSUPPORTED when there is nothing to verify.
 */
enum sgeo_status sgeo_verify(struct sgeo_verify_result *result, const char *path,
                             struct sgeo_executor executor, sgeo_text_sink sink,
                             void *sink_context);

#endif
