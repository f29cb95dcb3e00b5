/*
 * Stand-alone NASRec networks (spec nasrec, sections 1.2 and 6; module names: the golden vectors'
 * naming rules, section 8). Shapes per sample: dense tensors (d), sparse tensors (s,16).
 *
 *   input -> raw dense (D), raw sparse (F,16)
 *   block b: dense and sparse inputs of its choice -> dense (d), sparse (s or s+8,16)
 *   block 7 -> concat(dense, rows one behind the other) -> final -> logit
 */
#include "space/nasrec_build.h"

#include "space/nasrec_layers.h"
#include "space/net.h"

enum { DIM = SGEO_NASREC_DIM };

/* A block's tensors, 0: the raw features. */
struct tensors {
    size_t dense, sparse;
};

struct builder {
    struct sgeo_nasrec_site at; /* the block at hand */
    const struct sgeo_nasrec_arch *arch;
    bool layer_norm;
    struct tensors outputs[SGEO_NASREC_BLOCKS + 1];
};

static size_t width(const struct builder *b, size_t node)
{
    return sgeo_nasrec_width(&b->at, node);
}

static size_t labelled(struct builder *b, size_t node, const char *part)
{
    return sgeo_nasrec_label(&b->at, node, part);
}

/* --- layers --- */

/* Layer norm over all numbers of a dense tensor, where the network has them. */
static size_t norm(struct builder *b, size_t src, const char *part)
{
    return b->layer_norm ? sgeo_nasrec_norm(&b->at, src, part) : src;
}

/* Linear layer on a dense tensor. */
static size_t linear(struct builder *b, size_t src, const char *part, size_t out, bool bias)
{
    return sgeo_nasrec_linear(&b->at, src, part, (struct sgeo_linear_shape){out, bias});
}

/* A linear layer that is followed by a layer norm, or has a bias. */
static size_t normed_linear(struct builder *b, size_t src, const char *part, const char *norm_part,
                            size_t out)
{
    return norm(b, linear(b, src, part, out, !b->layer_norm), norm_part);
}

/* The same along the rows of a sparse tensor, (n,16) -> (out,16). */
static size_t normed_rows(struct builder *b, size_t src, const char *part, const char *norm_part,
                          size_t out)
{
    size_t x =
        sgeo_nasrec_row_linear(&b->at, src, part, (struct sgeo_linear_shape){out, !b->layer_norm});
    return b->layer_norm ? sgeo_nasrec_row_norm(&b->at, x, norm_part) : x;
}

static size_t concat(struct builder *b, size_t first, size_t second)
{
    return sgeo_graph_concat(b->at.graph, (const size_t[]){first, second}, 2);
}

/* --- dense operators --- */

static size_t fully_connected(struct builder *b, size_t dense, size_t dim)
{
    return sgeo_graph_relu(b->at.graph, normed_linear(b, dense, "fc.linear", "fc.ln", dim));
}

static size_t dot_product(struct builder *b, struct tensors in, size_t dim)
{
    size_t rows = sgeo_nasrec_balanced_rows(dim), pairs = sgeo_pairs(rows + 1);
    size_t x = in.dense, y = in.sparse;
    if (width(b, x) != DIM) {
        x = normed_linear(b, x, "dot.dense_proj", "dot.dense_ln", DIM);
    }
    if (sgeo_nasrec_rows(&b->at, y) != rows) {
        y = normed_rows(b, y, "dot.row_proj", "dot.row_ln", rows);
    }
    size_t z = sgeo_graph_dot(b->at.graph, concat(b, x, y), DIM);
    if (pairs != dim) {
        z = linear(b, z, "dot.out_proj", dim, !b->layer_norm);
    }
    return norm(b, z, "dot.out_ln");
}

/* Zeros behind a dense tensor, up to `to` numbers. */
static size_t padded(struct builder *b, size_t src, size_t to)
{
    return width(b, src) == to ? src : sgeo_graph_padded_sum(b->at.graph, &src, 1, to);
}

static size_t wider(const struct builder *b, size_t left, size_t right)
{
    return width(b, left) > width(b, right) ? width(b, left) : width(b, right);
}

static size_t gating(struct builder *b, size_t left, size_t right, size_t dim)
{
    size_t m = wider(b, left, right);
    size_t logits = linear(b, padded(b, left, m), "gate.self", m, true);
    size_t x = sgeo_graph_gate(b->at.graph, logits, right);
    if (m != dim) {
        x = linear(b, x, "gate.out_proj", dim, true);
    }
    return norm(b, x, "gate.ln");
}

static size_t summing(struct builder *b, size_t left, size_t right, size_t dim)
{
    size_t m = wider(b, left, right);
    size_t x = sgeo_graph_padded_sum(b->at.graph, (const size_t[]){left, right}, 2, m);
    if (m != dim) {
        x = linear(b, x, "sum.out_proj", dim, !b->layer_norm);
    }
    return norm(b, x, "sum.ln");
}

static size_t dense_operator(struct builder *b, const struct sgeo_nasrec_block *block,
                             struct tensors in)
{
    size_t left = b->outputs[block->left].dense, right = b->outputs[block->right].dense;
    switch ((enum sgeo_nasrec_op)block->dense_op) {
    case SGEO_NASREC_DOT:
        return labelled(b, dot_product(b, in, block->dense_dim), "dot");
    case SGEO_NASREC_GATE:
        return labelled(b, gating(b, left, right, block->dense_dim), "gate");
    case SGEO_NASREC_SUM:
        return labelled(b, summing(b, left, right, block->dense_dim), "sum");
    case SGEO_NASREC_FC:
    case SGEO_NASREC_ATTENTION:
    case SGEO_NASREC_EFC:
        break;
    }
    return labelled(b, fully_connected(b, in.dense, block->dense_dim), "fc");
}

/* --- sparse operators --- */

static size_t attention(struct builder *b, size_t sparse, size_t rows)
{
    size_t x = normed_rows(b, sparse, "attn.row_proj", "attn.row_ln", rows);
    return sgeo_nasrec_attend(&b->at, x, rows);
}

static size_t sparse_operator(struct builder *b, const struct sgeo_nasrec_block *block,
                              size_t sparse)
{
    if (block->sparse_op == SGEO_NASREC_ATTENTION) {
        return labelled(b, attention(b, sparse, block->sparse_dim), "attn");
    }
    size_t x = normed_rows(b, sparse, "efc.linear", "efc.ln", block->sparse_dim);
    return labelled(b, sgeo_graph_relu(b->at.graph, x), "efc");
}

/* --- blocks --- */

/* The factorisation machine's vector, twice the sum over pairs, as wide as the dense output. */
static size_t merge_fm(struct builder *b, struct tensors out)
{
    size_t fm = sgeo_graph_fm(b->at.graph, out.sparse, DIM, 2.0), dim = width(b, out.dense);
    if (dim != DIM) {
        fm = normed_linear(b, fm, "fm_proj", "fm_ln", dim);
    }
    labelled(b, fm, "fm");
    return sgeo_graph_padded_sum(b->at.graph, (const size_t[]){out.dense, fm}, 2, dim);
}

/* Eight rows made of a dense tensor. */
static size_t rows_of_dense(struct builder *b, size_t dense)
{
    return width(b, dense) == SGEO_NASREC_MERGED_WIDTH
               ? dense
               : normed_linear(b, dense, "to_sparse", "to_sparse_ln", SGEO_NASREC_MERGED_WIDTH);
}

/*
 * Both mergers. FM sees the rows before any are appended, and those are made of the dense output
 * before FM, but for a dense output of 128 numbers, which they are themselves, after FM: the
 * original adds in place (spec, section 6).
 */
static struct tensors merge(struct builder *b, const struct sgeo_nasrec_block *block,
                            struct tensors out)
{
    struct tensors merged = out;
    if (block->fm) {
        merged.dense = merge_fm(b, out);
    }
    if (block->dense_to_sparse) {
        size_t dense = block->dense_dim == SGEO_NASREC_MERGED_WIDTH ? merged.dense : out.dense;
        merged.sparse = concat(b, out.sparse, rows_of_dense(b, dense));
    }
    labelled(b, merged.dense, "out_dense");
    labelled(b, merged.sparse, "out_sparse");
    return merged;
}

/* The chosen inputs side by side, in ascending order. */
static struct tensors gather(struct builder *b, const struct sgeo_nasrec_block *block)
{
    size_t dense[SGEO_NASREC_BLOCKS], sparse[SGEO_NASREC_BLOCKS], n_dense = 0, n_sparse = 0;
    for (size_t j = 0; j < b->at.block; j++) {
        if ((block->dense_inputs & 1U << j) != 0) {
            dense[n_dense++] = b->outputs[j].dense;
        }
        if ((block->sparse_inputs & 1U << j) != 0) {
            sparse[n_sparse++] = b->outputs[j].sparse;
        }
    }
    return (struct tensors){
        n_dense == 1 ? dense[0] : sgeo_graph_concat(b->at.graph, dense, n_dense),
        n_sparse == 1 ? sparse[0] : sgeo_graph_concat(b->at.graph, sparse, n_sparse)};
}

static void add_block(struct builder *b)
{
    const struct sgeo_nasrec_block *block = &b->arch->blocks[b->at.block - 1];
    struct tensors in = gather(b, block);
    struct tensors out = {dense_operator(b, block, in), sparse_operator(b, block, in.sparse)};
    b->outputs[b->at.block] = merge(b, block, out);
}

/* --- the network --- */

struct sgeo_feature_layout sgeo_nasrec_features(size_t dense, size_t fields)
{
    return (struct sgeo_feature_layout){.dense = dense, .fields = fields, .dim = DIM};
}

enum sgeo_status sgeo_nasrec_build(struct sgeo_graph **out, const struct sgeo_nasrec_arch *arch,
                                   const struct sgeo_feature_layout *features, bool layer_norm)
{
    enum sgeo_status status = sgeo_nasrec_check(arch, features);
    if (status != SGEO_OK) {
        return status;
    }
    size_t raw[2];
    struct builder b = {
        .at = {sgeo_nasrec_begin(features, raw), 0}, .arch = arch, .layer_norm = layer_norm};
    if (b.at.graph == NULL) {
        return sgeo_fail_memory("nasrec network");
    }
    b.outputs[0] = (struct tensors){raw[0], raw[1]};
    for (b.at.block = 1; b.at.block <= SGEO_NASREC_BLOCKS; b.at.block++) {
        add_block(&b);
    }
    struct tensors last = b.outputs[SGEO_NASREC_BLOCKS];
    size_t logit = sgeo_graph_linear(b.at.graph, concat(&b, last.dense, last.sparse), "final", 1);
    return sgeo_net_finish(out, b.at.graph, logit);
}
