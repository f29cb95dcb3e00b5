/*
 * --compare and --calibrate: two bench_kernels, or two sets of saved rounds, against each other.
 */
#ifndef SGEO_HARNESS_GATE_COMPARE_H
#define SGEO_HARNESS_GATE_COMPARE_H

#include "harness/gate/rounds.h"
#include "harness/score.h"

struct sgeo_gate_request {
    const char *base;        /* a program, or saved rounds: a file, or a folder with rounds.csv */
    const char *candidate;   /* of the same kind */
    size_t rounds;           /* 0: 12 */
    bool count_instructions; /* instead of time; rounds are not needed */
    const char *calibration; /* folder of --calibrate; NULL: five per cent for every bench */
    const char *out;         /* folder for base.csv, candidate.csv and verdicts.csv; NULL: none */
    sgeo_progress_fn progress;
    void *progress_context;
};

/*
 * Compare and write one row a bench to the sink: bench,verdict,ratio,ci_low,ci_high,p_holm,
 * threshold,base,candidate,base_rounds,candidate_rounds. Programs: what looks
 * changed is measured again in fresh rounds and stands only when it comes out the same way.
 *
 * SGEO_CHECK_FAILED when a bench regressed; SGEO_UNSUPPORTED when one is inconclusive or missing,
 * or the sides cannot be compared; SGEO_IO, SGEO_INTERRUPTED.
 */
enum sgeo_status sgeo_gate_compare(const struct sgeo_gate_request *request, sgeo_text_sink sink,
                                   void *sink_context);

/*
 * Measure a program against itself and publish out/rounds.csv, from which a comparison takes each
 * bench's noise; rows bench,floor to the sink. request->base is the program, request->out the
 * folder.
 */
enum sgeo_status sgeo_gate_calibration(const struct sgeo_gate_request *request, sgeo_text_sink sink,
                                       void *sink_context);

#endif
