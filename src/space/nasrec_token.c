/* Identity of nasrec architectures: equality, the authors' hash token, how many there are. */
#include "space/nasrec_parts.h"

#define MASK_BITS SGEO_NASREC_BLOCKS /* inputs 0 to 6, all that block 7 can read */

static bool equal_blocks(const struct sgeo_nasrec_block *a, const struct sgeo_nasrec_block *b)
{
    return a->dense_op == b->dense_op && a->sparse_op == b->sparse_op &&
           a->dense_dim == b->dense_dim && a->sparse_dim == b->sparse_dim &&
           a->dense_to_sparse == b->dense_to_sparse && a->fm == b->fm &&
           a->dense_inputs == b->dense_inputs && a->sparse_inputs == b->sparse_inputs &&
           a->left == b->left && a->right == b->right;
}

bool sgeo_nasrec_equal(const struct sgeo_nasrec_arch *a, const struct sgeo_nasrec_arch *b)
{
    bool equal = a->space == b->space;
    for (size_t i = 0; equal && i < SGEO_NASREC_BLOCKS; i++) {
        equal = equal_blocks(&a->blocks[i], &b->blocks[i]);
    }
    return equal;
}

/* --- token --- */

static char *put_mask(char *at, unsigned mask)
{
    for (size_t j = 0; j < MASK_BITS; j++) {
        *at++ = (mask >> j & 1) != 0 ? '1' : '0';
    }
    return at;
}

static char *put_merge(char *at, bool merge)
{
    *at++ = merge ? '0' : '1';
    *at++ = merge ? '1' : '0';
    return at;
}

static char *put_micro(char *at, enum sgeo_nasrec_space space,
                       const struct sgeo_nasrec_block *block)
{
    for (unsigned op = SGEO_NASREC_FC; op <= SGEO_NASREC_EFC; op++) {
        if (sgeo_nasrec_has_op(space, (enum sgeo_nasrec_op)op)) {
            *at++ = block->dense_op == op || block->sparse_op == op ? '1' : '0';
        }
    }
    *at++ = (char)('0' + sgeo_nasrec_dim_place(false, block->dense_dim));
    *at++ = (char)('0' + sgeo_nasrec_dim_place(true, block->sparse_dim));
    at = put_merge(at, block->dense_to_sparse);
    return put_merge(at, block->fm);
}

void sgeo_nasrec_token(char token[SGEO_NASREC_TOKEN_MAX], const struct sgeo_nasrec_arch *arch)
{
    char *at = token;
    for (size_t b = 0; b < SGEO_NASREC_BLOCKS; b++) {
        const struct sgeo_nasrec_block *block = &arch->blocks[b];
        at = put_mask(at, block->dense_inputs);
        at = put_mask(at, block->sparse_inputs);
        at = put_mask(at, 1u << block->left);
        at = put_mask(at, 1u << block->right);
    }
    for (size_t b = 0; b < SGEO_NASREC_BLOCKS; b++) {
        at = put_micro(at, arch->space, &arch->blocks[b]);
    }
    *at = '\0';
}

/* --- cardinality --- */

/* Non-empty sets of at most 4 of n inputs. */
static double count_input_sets(size_t n)
{
    double sets = 0.0, chosen = 1.0; /* n choose k */
    for (size_t k = 1; k <= SGEO_NASREC_INPUTS_MAX && k <= n; k++) {
        chosen *= (double)(n - k + 1) / (double)k;
        sets += chosen;
    }
    return sets;
}

double sgeo_nasrec_cardinality(enum sgeo_nasrec_space space, bool sides)
{
    double micro = 2.0 * 2.0 * (double)(SGEO_NASREC_DENSE_DIMS * SGEO_NASREC_SPARSE_DIMS);
    double ops[2] = {0.0, 0.0}, product = 1.0;
    for (unsigned op = SGEO_NASREC_FC; op <= SGEO_NASREC_EFC; op++) {
        if (sgeo_nasrec_has_op(space, (enum sgeo_nasrec_op)op)) {
            ops[sgeo_nasrec_is_sparse((enum sgeo_nasrec_op)op) ? 1 : 0] += 1.0;
        }
    }
    for (size_t n = 1; n <= SGEO_NASREC_BLOCKS; n++) { /* inputs that a block may read */
        double sets = count_input_sets(n);
        product *= ops[0] * ops[1] * micro * sets * sets * (sides ? (double)(n * n) : 1.0);
    }
    return product;
}
