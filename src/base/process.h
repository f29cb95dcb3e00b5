/* Other programs: run one, keep what it prints. */
#ifndef SGEO_BASE_PROCESS_H
#define SGEO_BASE_PROCESS_H

#include "base/status.h"
#include "base/text.h"

/*
 * Run argv[0] (searched on PATH when it has no slash; argv ends with NULL) to its end and append
 * its standard output to `output`; its standard error is ours. SGEO_IO when it cannot be started or
 * ends with another code than 0; SGEO_INTERRUPTED when a Ctrl-C ended it.
 */
enum sgeo_status sgeo_process_capture(struct sgeo_text *output, const char *const *argv);

/* End the program that runs now, if one does, by SIGTERM. A signal handler may call it. */
void sgeo_process_end_child(void);

#endif
