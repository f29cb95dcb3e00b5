/* --doctor: what this machine has, what was chosen, and why better choices were refused. */
#ifndef SGEO_HARNESS_DOCTOR_H
#define SGEO_HARNESS_DOCTOR_H

#include "harness/score.h"

/* Print a report; SGEO_UNSUPPORTED when something that results depend on is not as it should be. */
enum sgeo_status sgeo_doctor(const struct sgeo_options *options, sgeo_text_sink sink,
                             void *sink_context);

#endif
