/*
 * Stand-alone NASRec networks (spec nasrec, sections 1.2 and 6; module names: the golden vectors'
 * naming rules, section 8). Shapes per sample: dense tensors (d), sparse tensors (s,16).
 *
 *   input -> raw dense (D), raw sparse (F,16)
 *   block b: dense and sparse inputs of its choice -> dense (d), sparse (s or s+8,16)
 *   block 7 -> concat(dense, rows one behind the other) -> final -> logit
 */
#include "space/nasrec_build.h"

#include <math.h>
#include <stdio.h>

#include "space/net.h"

enum {
    DIM = SGEO_NASREC_DIM,
    HEADS = 8,
    MERGED_ROWS = 8, /* appended where a dense tensor is merged into a sparse one */
    MERGED_WIDTH = MERGED_ROWS * DIM
};

/* Where the scales of attention's layer norms start (spec, section 1.2). */
#define ATTENTION_GAMMA 0.17

/* A block's tensors, 0: the raw features. */
struct tensors {
    size_t dense, sparse;
};

struct builder {
    struct sgeo_graph *graph;
    const struct sgeo_nasrec_arch *arch;
    bool layer_norm;
    struct tensors outputs[SGEO_NASREC_BLOCKS + 1];
    size_t block; /* at hand, 1..7 */
};

static size_t width(const struct builder *b, size_t node)
{
    return b->graph->status == SGEO_OK ? b->graph->nodes[node].channels : 0;
}

static size_t row_count(const struct builder *b, size_t node)
{
    return width(b, node) / DIM;
}

/* "block3.dot.row_proj" */
static const char *module_name(char name[SGEO_NAME_MAX], const struct builder *b, const char *part)
{
    snprintf(name, SGEO_NAME_MAX, "block%zu.%s", b->block, part);
    return name;
}

static size_t labelled(struct builder *b, size_t node, const char *part)
{
    char name[SGEO_NAME_MAX];
    sgeo_graph_label(b->graph, node, module_name(name, b, part));
    return node;
}

/* --- layers --- */

/* Layer norm over all numbers of a dense tensor, where the network has them. */
static size_t norm(struct builder *b, size_t src, const char *part)
{
    char name[SGEO_NAME_MAX];
    return b->layer_norm ? sgeo_graph_layer_norm(b->graph, src, module_name(name, b, part),
                                                 width(b, src), 1.0)
                         : src;
}

/* Linear layer on a dense tensor. */
static size_t linear(struct builder *b, size_t src, const char *part, size_t out, bool bias)
{
    char name[SGEO_NAME_MAX];
    return sgeo_graph_project(b->graph, src, module_name(name, b, part), width(b, src),
                              (struct sgeo_linear_shape){out, bias});
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
    char name[SGEO_NAME_MAX];
    size_t x = sgeo_graph_row_linear(b->graph, src, module_name(name, b, part), DIM,
                                     (struct sgeo_linear_shape){out, !b->layer_norm});
    return b->layer_norm ? sgeo_graph_row_norm(b->graph, x, module_name(name, b, norm_part), DIM)
                         : x;
}

static size_t concat(struct builder *b, size_t first, size_t second)
{
    return sgeo_graph_concat(b->graph, (const size_t[]){first, second}, 2);
}

/* --- dense operators --- */

static size_t fully_connected(struct builder *b, size_t dense, size_t dim)
{
    return sgeo_graph_relu(b->graph, normed_linear(b, dense, "fc.linear", "fc.ln", dim));
}

/* Rows that a dot product of about `dim` pairs has besides the dense one: round(sqrt(2 dim)). */
static size_t balanced_rows(size_t dim)
{
    return (size_t)lround(sqrt(2.0 * (double)dim));
}

static size_t dot_product(struct builder *b, struct tensors in, size_t dim)
{
    size_t rows = balanced_rows(dim), pairs = sgeo_pairs(rows + 1);
    size_t x = in.dense, y = in.sparse;
    if (width(b, x) != DIM) {
        x = normed_linear(b, x, "dot.dense_proj", "dot.dense_ln", DIM);
    }
    if (row_count(b, y) != rows) {
        y = normed_rows(b, y, "dot.row_proj", "dot.row_ln", rows);
    }
    size_t z = sgeo_graph_dot(b->graph, concat(b, x, y), DIM);
    if (pairs != dim) {
        z = linear(b, z, "dot.out_proj", dim, !b->layer_norm);
    }
    return norm(b, z, "dot.out_ln");
}

/* Zeros behind a dense tensor, up to `to` numbers. */
static size_t padded(struct builder *b, size_t src, size_t to)
{
    return width(b, src) == to ? src : sgeo_graph_padded_sum(b->graph, &src, 1, to);
}

static size_t wider(const struct builder *b, size_t left, size_t right)
{
    return width(b, left) > width(b, right) ? width(b, left) : width(b, right);
}

static size_t gating(struct builder *b, size_t left, size_t right, size_t dim)
{
    size_t m = wider(b, left, right);
    size_t logits = linear(b, padded(b, left, m), "gate.self", m, true);
    size_t x = sgeo_graph_gate(b->graph, logits, right);
    if (m != dim) {
        x = linear(b, x, "gate.out_proj", dim, true);
    }
    return norm(b, x, "gate.ln");
}

static size_t summing(struct builder *b, size_t left, size_t right, size_t dim)
{
    size_t m = wider(b, left, right);
    size_t x = sgeo_graph_padded_sum(b->graph, (const size_t[]){left, right}, 2, m);
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

/* The same linear layer on each of the rows. */
static size_t each_row(struct builder *b, size_t src, const char *part, size_t out)
{
    char name[SGEO_NAME_MAX];
    return sgeo_graph_project(b->graph, src, module_name(name, b, part), DIM,
                              (struct sgeo_linear_shape){out, true});
}

/* x + y, normalised row by row. */
static size_t residual(struct builder *b, size_t x, size_t y, const char *part)
{
    char name[SGEO_NAME_MAX];
    size_t sum = sgeo_graph_padded_sum(b->graph, (const size_t[]){x, y}, 2, width(b, x));
    return sgeo_graph_layer_norm(b->graph, sum, module_name(name, b, part), DIM, ATTENTION_GAMMA);
}

/* Row projection, self-attention, feed-forward layers; both with residuals. */
static size_t attention(struct builder *b, size_t sparse, size_t rows)
{
    size_t x = normed_rows(b, sparse, "attn.row_proj", "attn.row_ln", rows), parts[3];
    size_t projected = each_row(b, x, "attn.in_proj", 3 * DIM);
    for (size_t i = 0; i < 3; i++) {
        parts[i] = sgeo_graph_row_slice(b->graph, projected, 3 * DIM, i * DIM, DIM);
    }
    size_t heads = sgeo_graph_attention(b->graph, parts, HEADS, DIM / HEADS);
    x = residual(b, x, each_row(b, heads, "attn.out_proj", DIM), "attn.attn_ln");
    size_t hidden = sgeo_graph_relu(b->graph, each_row(b, x, "attn.fc1", DIM));
    return residual(b, x, each_row(b, hidden, "attn.fc2", DIM), "attn.ffn_ln");
}

static size_t sparse_operator(struct builder *b, const struct sgeo_nasrec_block *block,
                              size_t sparse)
{
    if (block->sparse_op == SGEO_NASREC_ATTENTION) {
        return labelled(b, attention(b, sparse, block->sparse_dim), "attn");
    }
    size_t x = normed_rows(b, sparse, "efc.linear", "efc.ln", block->sparse_dim);
    return labelled(b, sgeo_graph_relu(b->graph, x), "efc");
}

/* --- blocks --- */

/* The factorisation machine's vector, twice the sum over pairs, as wide as the dense output. */
static size_t merge_fm(struct builder *b, struct tensors out)
{
    size_t fm = sgeo_graph_fm(b->graph, out.sparse, DIM, 2.0), dim = width(b, out.dense);
    if (dim != DIM) {
        fm = normed_linear(b, fm, "fm_proj", "fm_ln", dim);
    }
    labelled(b, fm, "fm");
    return sgeo_graph_padded_sum(b->graph, (const size_t[]){out.dense, fm}, 2, dim);
}

/* Eight rows made of a dense tensor. */
static size_t rows_of_dense(struct builder *b, size_t dense)
{
    return width(b, dense) == MERGED_WIDTH
               ? dense
               : normed_linear(b, dense, "to_sparse", "to_sparse_ln", MERGED_WIDTH);
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
        size_t dense = block->dense_dim == MERGED_WIDTH ? merged.dense : out.dense;
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
    for (size_t j = 0; j < b->block; j++) {
        if ((block->dense_inputs & 1U << j) != 0) {
            dense[n_dense++] = b->outputs[j].dense;
        }
        if ((block->sparse_inputs & 1U << j) != 0) {
            sparse[n_sparse++] = b->outputs[j].sparse;
        }
    }
    return (struct tensors){n_dense == 1 ? dense[0] : sgeo_graph_concat(b->graph, dense, n_dense),
                            n_sparse == 1 ? sparse[0]
                                          : sgeo_graph_concat(b->graph, sparse, n_sparse)};
}

static void add_block(struct builder *b)
{
    const struct sgeo_nasrec_block *block = &b->arch->blocks[b->block - 1];
    struct tensors in = gather(b, block);
    struct tensors out = {dense_operator(b, block, in), sparse_operator(b, block, in.sparse)};
    b->outputs[b->block] = merge(b, block, out);
}

/* --- the network --- */

/* Block `number` reads what is before it. */
static enum sgeo_status check_block(const struct sgeo_nasrec_block *block, size_t number)
{
    unsigned known = (1U << number) - 1; /* inputs 0..number-1 */
    if (block->dense_op > SGEO_NASREC_SUM || block->sparse_op < SGEO_NASREC_ATTENTION ||
        block->sparse_op > SGEO_NASREC_EFC) {
        return sgeo_fail(SGEO_USAGE, NULL, "nasrec network: block %zu has an unknown operator",
                         number);
    }
    if (block->dense_dim == 0 || block->sparse_dim == 0) {
        return sgeo_fail(SGEO_USAGE, NULL, "nasrec network: block %zu has a size of 0", number);
    }
    if (block->dense_inputs == 0 || block->sparse_inputs == 0 ||
        (block->dense_inputs & ~known) != 0 || (block->sparse_inputs & ~known) != 0 ||
        block->left >= number || block->right >= number) {
        return sgeo_fail(SGEO_USAGE, "a block reads 0, the features, and the blocks before it",
                         "nasrec network: block %zu has inputs that are none", number);
    }
    return SGEO_OK;
}

static enum sgeo_status check(const struct sgeo_nasrec_arch *arch,
                              const struct sgeo_feature_layout *features)
{
    enum sgeo_status status = SGEO_OK;
    if (features->dense == 0 || features->fields == 0 || features->dim != DIM) {
        return sgeo_fail(SGEO_USAGE, NULL,
                         "nasrec network: %zu dense features, %zu fields of %zu numbers",
                         features->dense, features->fields, features->dim);
    }
    for (size_t i = 0; status == SGEO_OK && i < SGEO_NASREC_BLOCKS; i++) {
        status = check_block(&arch->blocks[i], i + 1);
    }
    return status;
}

struct sgeo_feature_layout sgeo_nasrec_features(size_t dense, size_t fields)
{
    return (struct sgeo_feature_layout){.dense = dense, .fields = fields, .dim = DIM};
}

enum sgeo_status sgeo_nasrec_build(struct sgeo_graph **out, const struct sgeo_nasrec_arch *arch,
                                   const struct sgeo_feature_layout *features, bool layer_norm)
{
    enum sgeo_status status = check(arch, features);
    if (status != SGEO_OK) {
        return status;
    }
    struct builder b = {.graph = sgeo_graph_create(), .arch = arch, .layer_norm = layer_norm};
    if (b.graph == NULL) {
        return sgeo_fail_memory("nasrec network");
    }
    b.graph->init = SGEO_INIT_XAVIER;
    size_t input = sgeo_graph_matrix_input(b.graph, sgeo_feature_width(features));
    b.outputs[0].dense = sgeo_graph_slice(b.graph, input, 0, features->dense);
    b.outputs[0].sparse =
        sgeo_graph_slice(b.graph, input, sgeo_feature_rows(features), features->fields * DIM);
    for (b.block = 1; b.block <= SGEO_NASREC_BLOCKS; b.block++) {
        add_block(&b);
    }
    struct tensors last = b.outputs[SGEO_NASREC_BLOCKS];
    size_t logit = sgeo_graph_linear(b.graph, concat(&b, last.dense, last.sparse), "final", 1);
    return sgeo_net_finish(out, b.graph, logit);
}
