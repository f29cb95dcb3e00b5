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

/* What decides the inputs: all cases with the first seed, or a case by each of `count` seeds. */
struct sgeo_check_seeds {
    uint64_t first, count; /* count 0: all cases */
};

/*
 * Prove every kernel whose op matches `pattern` (a POSIX extended regular expression; NULL: all) in
 * every bundle that this machine runs, or in the selected one only. Rows
 * op,tier,cases,worst_error,bound,verdict,seed,worst_seed go to the sink (verdict: proven, wrong,
 * crashed, stuck); a failure is also logged with the case that shows it. SGEO_CHECK_FAILED when a
 * kernel fails, SGEO_USAGE for a pattern that is none or matches nothing.
 */
enum sgeo_status sgeo_check(struct sgeo_check_result *result, const char *pattern,
                            bool selected_only, struct sgeo_check_seeds seeds, sgeo_text_sink sink,
                            void *sink_context);

#endif
