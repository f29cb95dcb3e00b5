/*
 * What the readers of nasrec architectures share: setting one choice, or saying why not. `where`
 * names the place in the reader's input ("character 23", "a.json: blocks[2].ops[0]"); b counts
 * blocks from 0, so that block b may read inputs 0 to b. Failures are SGEO_USAGE.
 */
#ifndef SGEO_SPACE_NASREC_PARTS_H
#define SGEO_SPACE_NASREC_PARTS_H

#include "space/nasrec.h"

/* By enum sgeo_nasrec_op. */
extern const char sgeo_nasrec_op_letters[]; /* of the text */
extern const char *const sgeo_nasrec_op_names[6];

enum sgeo_status sgeo_nasrec_put_op(struct sgeo_nasrec_block *block, enum sgeo_nasrec_space space,
                                    bool sparse, enum sgeo_nasrec_op op, const char *where);
enum sgeo_status sgeo_nasrec_put_dim(struct sgeo_nasrec_block *block, bool sparse, long long dim,
                                     const char *where);
/* Add to a set of inputs: each once, at most 4. */
enum sgeo_status sgeo_nasrec_put_input(unsigned char *inputs, size_t b, long long input,
                                       const char *where);
/* Left or right: one input. */
enum sgeo_status sgeo_nasrec_put_side(unsigned char *side, size_t b, long long input,
                                      const char *where);

static inline bool sgeo_nasrec_is_sparse(enum sgeo_nasrec_op op)
{
    return op == SGEO_NASREC_ATTENTION || op == SGEO_NASREC_EFC;
}

/* Place of a dim in its list; dense or sparse dims there are when it is not in it. */
size_t sgeo_nasrec_dim_place(bool sparse, long long dim);

#endif
