/* Command line and environment -> what to do and with which options. */
#ifndef SGEO_CLI_ARGUMENTS_H
#define SGEO_CLI_ARGUMENTS_H

#include <stdio.h>

#include "harness/compare_hardware.h"
#include "harness/options.h"

#define SGEO_OPERANDS_MAX SGEO_FOLDERS_MAX

enum sgeo_mode {
    SGEO_MODE_NONE,
    SGEO_MODE_TABLE,            /* --table N [--from DIR] */
    SGEO_MODE_FIGURE,           /* --figure N [--from DIR] */
    SGEO_MODE_SCORE,            /* --score ARCH (or - for standard input) */
    SGEO_MODE_TRAIN_TRUTH,      /* --train-truth TASK */
    SGEO_MODE_SEARCH,           /* --search SPACE [--by METHOD] */
    SGEO_MODE_VERIFY,           /* --verify FILE */
    SGEO_MODE_CHECK,            /* --check[=REGEX] */
    SGEO_MODE_BENCH,            /* --bench[=REGEX] */
    SGEO_MODE_COMPARE_HARDWARE, /* --compare-hardware DIR DIR...: the others are operands */
    SGEO_MODE_DOCTOR,
    SGEO_MODE_LIST,      /* --list WHAT */
    SGEO_MODE_COMPARE,   /* --compare BASE CAND: the second word is operands[0] */
    SGEO_MODE_CALIBRATE, /* --calibrate PROGRAM */
    SGEO_MODE_VERSION,
    SGEO_MODE_HELP
};

struct sgeo_arguments {
    enum sgeo_mode mode;
    const char *subject; /* of the mode: table or figure number, architecture, file, ... */
    const char *from;    /* --from DIR */
    const char *by;      /* --by METHOD */
    const char *operands[SGEO_OPERANDS_MAX]; /* words behind the mode's own value */
    size_t n_operands;
    const char *isa;         /* NULL: the best */
    bool count_instructions; /* --metric instructions */
    bool under_mpirun;
    char **argv; /* for provenance */
    int argc;
    char out[512]; /* behind options.out when it was not given */
    struct sgeo_options options;
};

/*
 * Parse argv and the environment (SIGEO_DATA, SIGEO_ISA, SIGEO_WORKERS; a flag wins). SGEO_USAGE
 * with the offending word and a hint.
 */
enum sgeo_status sgeo_arguments_parse(struct sgeo_arguments *arguments, int argc, char **argv);

/* What --help prints: every option with a line of its own. */
void sgeo_arguments_help(FILE *out);

#endif
