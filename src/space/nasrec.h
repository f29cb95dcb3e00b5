/*
 * NASRec: click-through models of seven choice blocks (spec nasrec, sections 1 and 3). Here are
 * the architectures: their texts, identity, draws and mutations.
 */
#ifndef SGEO_SPACE_NASREC_H
#define SGEO_SPACE_NASREC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/rng.h"
#include "base/status.h"
#include "base/text.h"

enum sgeo_nasrec_space { SGEO_NASREC_SMALL, SGEO_NASREC_FULL };
enum sgeo_nasrec_op {
    SGEO_NASREC_FC,
    SGEO_NASREC_DOT,
    SGEO_NASREC_GATE,
    SGEO_NASREC_SUM,
    SGEO_NASREC_ATTENTION,
    SGEO_NASREC_EFC
};

struct sgeo_nasrec_block {
    unsigned char dense_op, sparse_op;         /* enum sgeo_nasrec_op */
    uint16_t dense_dim, sparse_dim;            /* numbers, and rows, that they give */
    bool dense_to_sparse, fm;                  /* the mergers */
    unsigned char dense_inputs, sparse_inputs; /* bit j: input j, 0 = raw */
    unsigned char left, right;                 /* inputs of GATE and SUM */
};

#define SGEO_NASREC_BLOCKS ((size_t)7)

struct sgeo_nasrec_arch {
    enum sgeo_nasrec_space space;
    struct sgeo_nasrec_block blocks[SGEO_NASREC_BLOCKS];
};

#define SGEO_NASREC_INPUTS_MAX  ((size_t)4)   /* of a block, dense and sparse each */
#define SGEO_NASREC_TEXT_MAX    ((size_t)256) /* with the final NUL */
#define SGEO_NASREC_TOKEN_MAX   ((size_t)281) /* likewise */
#define SGEO_NASREC_DENSE_DIMS  ((size_t)8)
#define SGEO_NASREC_SPARSE_DIMS ((size_t)4)

/* By enum sgeo_nasrec_space: "small", "full"; behind "nasrec-" the names on the command line. */
extern const char *const sgeo_nasrec_space_names[2];
/* Widths of dense outputs and rows of sparse ones, ascending; the same in both spaces. */
extern const uint16_t sgeo_nasrec_dense_dims[8], sgeo_nasrec_sparse_dims[4];

/* Whether blocks of this space have the operation. Sparse operations are attention and EFC. */
bool sgeo_nasrec_has_op(enum sgeo_nasrec_space space, enum sgeo_nasrec_op op);

/* Whether both say the same, left and right inputs included. */
bool sgeo_nasrec_equal(const struct sgeo_nasrec_arch *a, const struct sgeo_nasrec_arch *b);

/*
 * The text of CSVs and journals, on one line: "nasrec-small" or "nasrec-full", then the blocks,
 *
 *   F,E|256,48|i|0;0;0,0     OPS|DIMS|MERGES|DENSE;SPARSE;LEFT,RIGHT
 *
 * with a blank before each. OPS: F fully connected, D dot product, G sigmoid gating, S sum; behind
 * the comma A attention, E embedding FC. DIMS: width of the dense, rows of the sparse output.
 * MERGES: i dense to sparse, f factorisation machine, if both, - none. Inputs: 0 is raw, j the
 * output of block j; written in ascending order, read in any.
 *
 * decode: SGEO_USAGE with the position and a hint when it is malformed, *arch untouched.
 */
enum sgeo_status sgeo_nasrec_decode(struct sgeo_nasrec_arch *arch, const char *text);
void sgeo_nasrec_encode(char text[SGEO_NASREC_TEXT_MAX], const struct sgeo_nasrec_arch *arch);

/*
 * An architecture file's JSON, `n` bytes; `name` names it in errors. Ours,
 *
 *   {"space": "small", "blocks": [{"ops": ["fc", "efc"], "dense_dim": 256, "sparse_dim": 48,
 *    "dense_to_sparse": 1, "fm": 0, "dense_idx": [0], "sparse_idx": [0], "left": 0, "right": 0},
 *    ... 7 of them]}       ops: fc dot gate sum; attn efc
 *
 * or that of the published configurations ("micro", "macro", "config"). SGEO_USAGE with the place
 * and a hint when it is neither, *arch untouched.
 */
enum sgeo_status sgeo_nasrec_parse_json(struct sgeo_nasrec_arch *arch, const char *text, size_t n,
                                        const char *name);
/* Append ours, a line a block. */
void sgeo_nasrec_write_json(struct sgeo_text *out, const struct sgeo_nasrec_arch *arch);

/* Read an architecture file; besides the above SGEO_IO when it cannot be read. */
enum sgeo_status sgeo_nasrec_read(struct sgeo_nasrec_arch *arch, const char *path);

/*
 * The best architectures that the authors published (spec nasrec, section 3): "criteo-small",
 * "criteo-full", "avazu-small", "avazu-full", "kdd-small", "kdd-full".
 */
#define SGEO_NASREC_PUBLISHED ((size_t)6)
extern const struct sgeo_nasrec_published {
    const char *name;
    const char *text;
} sgeo_nasrec_published[6];

/* What a user may write: the name of a published one, the text, or the path of a file. */
enum sgeo_status sgeo_nasrec_parse(struct sgeo_nasrec_arch *arch, const char *what);

/*
 * The authors' hash token, by which their search knows an architecture again: for every block four
 * masks of 7 bits (dense, sparse, left, right inputs 0 to 6), then for every block a bit an
 * operation of its space, the places of both dims in their lists, and 10 or 01 for each merge
 * without or with. Two architectures of a space have the same token if and only if they are equal.
 */
void sgeo_nasrec_token(char token[SGEO_NASREC_TOKEN_MAX], const struct sgeo_nasrec_arch *arch);

/* Architectures of a space; with `sides`, left and right inputs make different ones. */
double sgeo_nasrec_cardinality(enum sgeo_nasrec_space space, bool sides);

/*
 * Draw a candidate of a search: in each block the number of dense and of sparse inputs uniform in 1
 * to min(4, inputs there are), everything else uniform.
 */
void sgeo_nasrec_sample(struct sgeo_nasrec_arch *arch, enum sgeo_nasrec_space space,
                        struct sgeo_rng *rng);

/* One mutation: a uniform block, a coin between its 4 macro choices (dense, sparse, left, right
 * inputs) and its 5 micro choices (both ops, either dim, either merge), one of them drawn anew. */
void sgeo_nasrec_mutate(struct sgeo_nasrec_arch *arch, struct sgeo_rng *rng);

/* What one training step of the supernet runs through. */
struct sgeo_nasrec_path {
    struct sgeo_nasrec_arch arch; /* inputs and dims of the full parts are all and the largest */
    bool all_inputs;              /* every block reads everything before it, left and right too */
    bool all_ops[SGEO_NASREC_BLOCKS]; /* the block runs all its operations and both merges; its
                                         dense_op and sparse_op mean nothing */
};

/* Probability of full parts at forward pass t (from 0), fading over `steps`: 1 - t/steps, but 0 at
 * t = 0 and from `steps` on. */
double sgeo_nasrec_full_probability(size_t t, size_t steps);

/*
 * Draw a training path: the inputs of all blocks together, and the operations of each block, are
 * full with probability `full`, independently; otherwise single-operator any-connection, that is 1
 * + Binomial(min(3, inputs there are - 1), 1/2) dense and sparse inputs, the rest uniform.
 */
void sgeo_nasrec_draw_path(struct sgeo_nasrec_path *path, enum sgeo_nasrec_space space, double full,
                           struct sgeo_rng *rng);

#endif
