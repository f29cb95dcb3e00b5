/* What the command line leaves open: the environment before it, defaults and rules behind it. */
#ifndef SGEO_CLI_ARGUMENT_DEFAULTS_H
#define SGEO_CLI_ARGUMENT_DEFAULTS_H

#include "cli/arguments.h"

/* SIGEO_DATA, SIGEO_ISA, SIGEO_WORKERS and whether mpirun started us. SGEO_USAGE when one cannot
 * be parsed. */
enum sgeo_status sgeo_arguments_environment(struct sgeo_arguments *arguments);

/* Fill what was not given, and refuse what does not go together (SGEO_USAGE). */
enum sgeo_status sgeo_arguments_defaults(struct sgeo_arguments *arguments);

#endif
