/* Instruction counts in the place of times, for machines too noisy to time anything. */
#ifndef SGEO_HARNESS_GATE_COUNTS_H
#define SGEO_HARNESS_GATE_COUNTS_H

#include "harness/gate/rounds.h"

/*
 * Count the instructions of a few calls of every bench that plan->filter matches, under valgrind's
 * callgrind, once for each of the two programs. Only instructions inside the
 * calls count. Adds one value a bench, per call, to `sides`. SGEO_UNSUPPORTED when valgrind is not
 * there; errors of the programs as in sgeo_process_capture.
 */
enum sgeo_status sgeo_gate_count_all(struct sgeo_gate_samples sides[2],
                                     const struct sgeo_gate_plan *plan);

#endif
