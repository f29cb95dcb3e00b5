/* --check: prove the kernels again, on the user's machine. */
#ifndef SGEO_HARNESS_CHECK_H
#define SGEO_HARNESS_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/score.h"

struct sgeo_check_result {
    size_t proven, failed; /* kernels, each counted once a bundle */
};

/*
 * Prove every kernel whose op matches `pattern` (a POSIX extended regular expression; NULL: all) in
 * every bundle that this machine runs, or in the selected one only. Rows
 * op,tier,cases,worst_error,bound,verdict (proven, wrong, crashed, stuck) go to the sink; a failure
 * is also logged with the case that shows it. SGEO_CHECK_FAILED when a kernel fails, SGEO_USAGE
 * for a pattern that is none or matches nothing.
 */
enum sgeo_status sgeo_check(struct sgeo_check_result *result, const char *pattern,
                            bool selected_only, uint64_t seed, sgeo_text_sink sink,
                            void *sink_context);

#endif
