/* Draws in nasrec: candidates, mutations, training paths (spec nasrec, sections 1.3 and 1.5). */
#include "space/nasrec_parts.h"

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static bool coin(struct sgeo_rng *rng)
{
    return sgeo_rng_below(rng, 2) == 1;
}

/* --- inputs; block b chooses among 0 to b --- */

/* `count` different ones. */
static unsigned char draw_set(struct sgeo_rng *rng, size_t b, size_t count)
{
    unsigned set = 0;
    while (count > 0) {
        unsigned input = 1u << sgeo_rng_below(rng, b + 1);
        count -= (set & input) == 0 ? 1 : 0;
        set |= input;
    }
    return (unsigned char)set;
}

static unsigned char draw_candidate_set(struct sgeo_rng *rng, size_t b)
{
    size_t most = smaller(SGEO_NASREC_INPUTS_MAX, b + 1);
    return draw_set(rng, b, 1 + (size_t)sgeo_rng_below(rng, most));
}

static unsigned char draw_training_set(struct sgeo_rng *rng, size_t b)
{
    size_t count = 1;
    for (size_t i = 0; i < smaller(SGEO_NASREC_INPUTS_MAX - 1, b); i++) {
        count += coin(rng) ? 1 : 0;
    }
    return draw_set(rng, b, count);
}

static unsigned char draw_side(struct sgeo_rng *rng, size_t b)
{
    return (unsigned char)sgeo_rng_below(rng, b + 1);
}

static void draw_macro(struct sgeo_nasrec_block *block, size_t b, struct sgeo_rng *rng,
                       unsigned char (*draw)(struct sgeo_rng *, size_t))
{
    block->dense_inputs = draw(rng, b);
    block->sparse_inputs = draw(rng, b);
    block->left = draw_side(rng, b);
    block->right = draw_side(rng, b);
}

/* --- operations, dims, merges --- */

static void draw_ops(struct sgeo_nasrec_block *block, enum sgeo_nasrec_space space,
                     struct sgeo_rng *rng)
{
    bool full = space == SGEO_NASREC_FULL;
    block->dense_op = (unsigned char)(SGEO_NASREC_FC + sgeo_rng_below(rng, full ? 4 : 2));
    block->sparse_op = (unsigned char)(SGEO_NASREC_EFC - sgeo_rng_below(rng, full ? 2 : 1));
}

static void draw_dim(struct sgeo_nasrec_block *block, bool sparse, struct sgeo_rng *rng)
{
    if (sparse) {
        block->sparse_dim = sgeo_nasrec_sparse_dims[sgeo_rng_below(rng, SGEO_NASREC_SPARSE_DIMS)];
    } else {
        block->dense_dim = sgeo_nasrec_dense_dims[sgeo_rng_below(rng, SGEO_NASREC_DENSE_DIMS)];
    }
}

static void draw_micro(struct sgeo_nasrec_block *block, enum sgeo_nasrec_space space,
                       struct sgeo_rng *rng)
{
    draw_ops(block, space, rng);
    draw_dim(block, false, rng);
    draw_dim(block, true, rng);
    block->dense_to_sparse = coin(rng);
    block->fm = coin(rng);
}

/* --- whole architectures --- */

void sgeo_nasrec_sample(struct sgeo_nasrec_arch *arch, enum sgeo_nasrec_space space,
                        struct sgeo_rng *rng)
{
    *arch = (struct sgeo_nasrec_arch){.space = space};
    for (size_t b = 0; b < SGEO_NASREC_BLOCKS; b++) {
        draw_macro(&arch->blocks[b], b, rng, draw_candidate_set);
        draw_micro(&arch->blocks[b], space, rng);
    }
}

static void mutate_macro(struct sgeo_nasrec_block *block, size_t b, struct sgeo_rng *rng)
{
    switch (sgeo_rng_below(rng, 4)) {
    case 0:
        block->dense_inputs = draw_candidate_set(rng, b);
        break;
    case 1:
        block->sparse_inputs = draw_candidate_set(rng, b);
        break;
    case 2:
        block->left = draw_side(rng, b);
        break;
    default:
        block->right = draw_side(rng, b);
        break;
    }
}

static void mutate_micro(struct sgeo_nasrec_block *block, enum sgeo_nasrec_space space,
                         struct sgeo_rng *rng)
{
    switch (sgeo_rng_below(rng, 5)) {
    case 0:
        draw_ops(block, space, rng);
        break;
    case 1:
        draw_dim(block, false, rng);
        break;
    case 2:
        draw_dim(block, true, rng);
        break;
    case 3:
        block->dense_to_sparse = coin(rng);
        break;
    default:
        block->fm = coin(rng);
        break;
    }
}

void sgeo_nasrec_mutate(struct sgeo_nasrec_arch *arch, struct sgeo_rng *rng)
{
    size_t b = (size_t)sgeo_rng_below(rng, SGEO_NASREC_BLOCKS);
    if (coin(rng)) {
        mutate_macro(&arch->blocks[b], b, rng);
    } else {
        mutate_micro(&arch->blocks[b], arch->space, rng);
    }
}

/* --- training paths --- */

double sgeo_nasrec_full_probability(size_t t, size_t steps)
{
    return t == 0 || t >= steps ? 0.0 : 1.0 - (double)t / (double)steps;
}

/* Everything before block b; left and right are all too, which one number cannot say. */
static void set_all_inputs(struct sgeo_nasrec_block *block, size_t b)
{
    block->dense_inputs = block->sparse_inputs = (unsigned char)((1u << (b + 1)) - 1);
}

static void set_all_ops(struct sgeo_nasrec_block *block)
{
    block->dense_op = SGEO_NASREC_FC;
    block->sparse_op = SGEO_NASREC_EFC;
    block->dense_dim = sgeo_nasrec_dense_dims[SGEO_NASREC_DENSE_DIMS - 1];
    block->sparse_dim = sgeo_nasrec_sparse_dims[SGEO_NASREC_SPARSE_DIMS - 1];
    block->dense_to_sparse = block->fm = true;
}

void sgeo_nasrec_draw_path(struct sgeo_nasrec_path *path, enum sgeo_nasrec_space space, double full,
                           struct sgeo_rng *rng)
{
    *path = (struct sgeo_nasrec_path){.arch = {.space = space}};
    path->all_inputs = sgeo_rng_uniform(rng) < full;
    for (size_t b = 0; b < SGEO_NASREC_BLOCKS; b++) {
        struct sgeo_nasrec_block *block = &path->arch.blocks[b];
        if (path->all_inputs) {
            set_all_inputs(block, b);
        } else {
            draw_macro(block, b, rng, draw_training_set);
        }
        path->all_ops[b] = sgeo_rng_uniform(rng) < full;
        if (path->all_ops[b]) {
            set_all_ops(block);
        } else {
            draw_micro(block, space, rng);
        }
    }
}
