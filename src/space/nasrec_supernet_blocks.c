/*
 * Blocks of paths of NASRec's supernet, masked and sliced (spec nasrec, sections 1.2 and 1.3). The
 * supernet's sizes, per sample, for block b on D dense features and F fields, d = 1024, s = 64:
 *
 *   dense inputs  D + d (b-1)            one behind the other, 0 the features, j what block j gives
 *   sparse inputs F + (s+8) (b-1) rows
 *   outputs       dense (d), sparse (s+8,16), eight rows of zeros where nothing is merged
 *   head          concat(dense, rows one behind the other) of block 7 -> final -> logit
 *
 * What differs between the two forms is in gather_inputs, masked and cut; the operators do not
 * know which they are of. Layer norms are over all d or s, before the mask.
 */
#include "space/nasrec_supernet_parts.h"

enum { DIM = SGEO_NASREC_DIM, DENSE_OPS = 4 };

/* What a block runs. */
struct choice {
    size_t dense_dim, sparse_dim;
    bool dense_to_sparse, fm;
    unsigned left, right; /* sets of inputs */
};

/* --- the two forms --- */

/* Zeros behind a tensor, up to `width` numbers. */
static size_t padded(struct sgeo_nasrec_path_builder *b, size_t src, size_t width)
{
    return sgeo_nasrec_width(&b->at, src) == width
               ? src
               : sgeo_graph_padded_sum(b->at.graph, &src, 1, width);
}

/* A tensor of zeros: what padding adds to the dense features. */
static size_t zeros(struct sgeo_nasrec_path_builder *b, size_t width)
{
    size_t first = b->dense[0].columns;
    size_t features = padded(b, b->dense[0].node, first + width);
    return sgeo_graph_slice(b->at.graph, features, first, width);
}

/* A tensor times the prefix mask of its first `live` numbers; sliced: these alone. */
static size_t masked(struct sgeo_nasrec_path_builder *b, size_t src, size_t live)
{
    size_t first = sgeo_nasrec_first(&b->at, src, live);
    return b->slices == NULL ? padded(b, first, sgeo_nasrec_width(&b->at, src)) : first;
}

static void add_shifted(struct sgeo_nasrec_ranges *to, const struct sgeo_nasrec_ranges *from,
                        size_t shift, size_t scale)
{
    for (size_t i = 0; i < from->n; i++) {
        sgeo_nasrec_ranges_add(to, shift + from->at[i].first * scale, from->at[i].count * scale);
    }
}

/* All inputs of the block side by side, zeros for those that are not in `set`; sliced: those in
 * `set`. unit: numbers to a column. */
static struct sgeo_nasrec_part gather_inputs(struct sgeo_nasrec_path_builder *b,
                                             const struct sgeo_nasrec_part *outputs, unsigned set,
                                             size_t unit)
{
    struct sgeo_nasrec_part joined = {0};
    size_t nodes[SGEO_NASREC_BLOCKS], n = 0;
    for (size_t j = 0; j < b->at.block; j++) {
        if ((set & 1U << j) != 0) {
            nodes[n++] = outputs[j].node;
            add_shifted(&joined.cols, &outputs[j].cols, joined.columns, 1);
        } else if (b->slices == NULL) {
            nodes[n++] = zeros(b, outputs[j].columns * unit);
        }
        joined.columns += outputs[j].columns;
    }
    joined.node = n == 1 ? nodes[0] : sgeo_graph_concat(b->at.graph, nodes, n);
    return joined;
}

/* Sliced: these rows (NULL: all) and columns of the supernet's segment, which has rows of `columns`
 * numbers, are all that this segment of the path has. */
static void cut(struct sgeo_nasrec_path_builder *b, size_t segment,
                const struct sgeo_nasrec_ranges *rows, size_t columns,
                const struct sgeo_nasrec_ranges *cols)
{
    struct sgeo_nasrec_slice slice = {.segment = segment, .columns = columns, .cols = *cols};
    if (rows != NULL) {
        slice.rows = *rows;
    }
    if (b->slices != NULL && b->status == SGEO_OK && b->at.graph->status == SGEO_OK) {
        b->status = sgeo_nasrec_slices_add(b->slices, &slice);
    }
}

static size_t weight_of(const struct sgeo_nasrec_path_builder *b, size_t node)
{
    return b->at.graph->status == SGEO_OK ? b->at.graph->nodes[node].weight : SGEO_NONE;
}

static size_t bias_of(const struct sgeo_nasrec_path_builder *b, size_t node)
{
    return b->at.graph->status == SGEO_OK ? b->at.graph->nodes[node].bias : SGEO_NONE;
}

/* Linear layers on a part, with its columns of the supernet's weights. */
static size_t linear(struct sgeo_nasrec_path_builder *b, const struct sgeo_nasrec_part *src,
                     const char *part, struct sgeo_linear_shape shape)
{
    size_t x = sgeo_nasrec_linear(&b->at, src->node, part, shape);
    cut(b, weight_of(b, x), NULL, src->columns, &src->cols);
    return x;
}

static size_t row_linear(struct sgeo_nasrec_path_builder *b, const struct sgeo_nasrec_part *src,
                         const char *part, size_t out)
{
    size_t x =
        sgeo_nasrec_row_linear(&b->at, src->node, part, (struct sgeo_linear_shape){out, false});
    cut(b, weight_of(b, x), NULL, src->columns, &src->cols);
    return x;
}

/* Without a bias: a layer norm follows. */
static struct sgeo_linear_shape to(size_t out)
{
    return (struct sgeo_linear_shape){out, false};
}

/* --- dense operators, before their masks --- */

static size_t fully_connected(struct sgeo_nasrec_path_builder *b,
                              const struct sgeo_nasrec_part *dense)
{
    size_t x = linear(b, dense, "fc.linear", to(b->supernet->dense_dim));
    return sgeo_graph_relu(b->at.graph, sgeo_nasrec_norm(&b->at, x, "fc.ln"));
}

static size_t dot_product(struct sgeo_nasrec_path_builder *b, const struct sgeo_nasrec_part *dense,
                          const struct sgeo_nasrec_part *sparse)
{
    size_t dim = b->supernet->dense_dim, rows = sgeo_nasrec_balanced_rows(dim);
    size_t x = dense->node, y = sparse->node;
    if (dense->columns != DIM) {
        x = linear(b, dense, "dot.dense_proj", to(DIM));
        x = sgeo_nasrec_norm(&b->at, x, "dot.dense_ln");
    }
    if (sparse->columns != rows) {
        y = sgeo_nasrec_row_norm(&b->at, row_linear(b, sparse, "dot.row_proj", rows), "dot.row_ln");
    }
    size_t both = sgeo_graph_concat(b->at.graph, (const size_t[]){x, y}, 2);
    size_t z = sgeo_graph_dot(b->at.graph, both, DIM);
    if (sgeo_pairs(rows + 1) != dim) {
        z = sgeo_nasrec_linear(&b->at, z, "dot.out_proj", to(dim));
    }
    return sgeo_nasrec_norm(&b->at, z, "dot.out_ln");
}

/* sigmoid(M left + c) times right: where right is zero M's rows do not matter. */
static size_t gating(struct sgeo_nasrec_path_builder *b, const struct choice *choice)
{
    struct sgeo_nasrec_part left = gather_inputs(b, b->dense, choice->left, 1);
    struct sgeo_nasrec_part right = gather_inputs(b, b->dense, choice->right, 1);
    struct sgeo_nasrec_ranges one = {0};
    sgeo_nasrec_ranges_add(&one, 0, 1);
    size_t logits =
        sgeo_nasrec_linear(&b->at, left.node, "gate.self",
                           (struct sgeo_linear_shape){sgeo_nasrec_width(&b->at, right.node), true});
    cut(b, weight_of(b, logits), &right.cols, left.columns, &left.cols);
    cut(b, bias_of(b, logits), &right.cols, 1, &one);
    right.node = sgeo_graph_gate(b->at.graph, logits, right.node);
    if (right.columns != b->supernet->dense_dim) {
        right.node = linear(b, &right, "gate.out_proj",
                            (struct sgeo_linear_shape){b->supernet->dense_dim, true});
    }
    return sgeo_nasrec_norm(&b->at, right.node, "gate.ln");
}

/* W (left + right): of different inputs, side by side, W_left left + W_right right. */
static size_t summing(struct sgeo_nasrec_path_builder *b, const struct choice *choice)
{
    struct sgeo_nasrec_part sum;
    if (b->slices == NULL || choice->left == choice->right) {
        struct sgeo_nasrec_part right = gather_inputs(b, b->dense, choice->right, 1);
        sum = gather_inputs(b, b->dense, choice->left, 1);
        sum.node = sgeo_graph_padded_sum(b->at.graph, (const size_t[]){sum.node, right.node}, 2,
                                         sgeo_nasrec_width(&b->at, sum.node));
    } else {
        sum = gather_inputs(b, b->dense, choice->left | choice->right, 1);
    }
    if (sum.columns != b->supernet->dense_dim) {
        sum.node = linear(b, &sum, "sum.out_proj", to(b->supernet->dense_dim));
    }
    return sgeo_nasrec_norm(&b->at, sum.node, "sum.ln");
}

static size_t dense_operator(struct sgeo_nasrec_path_builder *b, enum sgeo_nasrec_op op,
                             const struct choice *choice, const struct sgeo_nasrec_part *dense,
                             const struct sgeo_nasrec_part *sparse)
{
    switch (op) {
    case SGEO_NASREC_DOT:
        return masked(b, dot_product(b, dense, sparse), choice->dense_dim);
    case SGEO_NASREC_GATE:
        return masked(b, gating(b, choice), choice->dense_dim);
    case SGEO_NASREC_SUM:
        return masked(b, summing(b, choice), choice->dense_dim);
    case SGEO_NASREC_FC:
    case SGEO_NASREC_ATTENTION:
    case SGEO_NASREC_EFC:
        break;
    }
    return masked(b, fully_connected(b, dense), choice->dense_dim);
}

/* --- sparse operators --- */

/* The original masks the projected rows too; as keys and values the masked ones are the biases, and
 * all rows attend to them. */
static size_t attention(struct sgeo_nasrec_path_builder *b, const struct sgeo_nasrec_part *sparse,
                        size_t live)
{
    size_t rows = b->supernet->sparse_dim;
    size_t x =
        sgeo_nasrec_row_norm(&b->at, row_linear(b, sparse, "attn.row_proj", rows), "attn.row_ln");
    x = padded(b, sgeo_nasrec_first(&b->at, x, live * DIM), rows * DIM);
    return sgeo_nasrec_attend(&b->at, x, b->slices == NULL ? rows : live);
}

static size_t sparse_operator(struct sgeo_nasrec_path_builder *b, enum sgeo_nasrec_op op,
                              size_t live, const struct sgeo_nasrec_part *sparse)
{
    if (op == SGEO_NASREC_ATTENTION) {
        return masked(b, attention(b, sparse, live), live * DIM);
    }
    size_t x = row_linear(b, sparse, "efc.linear", b->supernet->sparse_dim);
    x = sgeo_graph_relu(b->at.graph, sgeo_nasrec_row_norm(&b->at, x, "efc.ln"));
    return masked(b, x, live * DIM);
}

/* --- blocks --- */

/* The sum of an operator's outputs, or of several operators'. */
static size_t sum_of(struct sgeo_nasrec_path_builder *b, const size_t *terms, size_t n)
{
    return n == 1
               ? terms[0]
               : sgeo_graph_padded_sum(b->at.graph, terms, n, sgeo_nasrec_width(&b->at, terms[0]));
}

/* Whether the block runs this operator. */
static bool runs(const struct sgeo_nasrec_path_builder *b, enum sgeo_nasrec_op op)
{
    const struct sgeo_nasrec_block *block = &b->path->arch.blocks[b->at.block - 1];
    if (b->path->all_ops[b->at.block - 1]) {
        return sgeo_nasrec_has_op(b->supernet->space, op);
    }
    return op == block->dense_op || op == block->sparse_op;
}

static struct choice choice_of(const struct sgeo_nasrec_path_builder *b)
{
    const struct sgeo_nasrec_block *block = &b->path->arch.blocks[b->at.block - 1];
    bool all = b->path->all_ops[b->at.block - 1];
    unsigned everything = (1U << b->at.block) - 1;
    return (struct choice){.dense_dim = all ? b->supernet->dense_dim : block->dense_dim,
                           .sparse_dim = all ? b->supernet->sparse_dim : block->sparse_dim,
                           .dense_to_sparse = all || block->dense_to_sparse,
                           .fm = all || block->fm,
                           .left = b->path->all_inputs ? everything : 1U << block->left,
                           .right = b->path->all_inputs ? everything : 1U << block->right};
}

static size_t merge_fm(struct sgeo_nasrec_path_builder *b, const struct choice *choice,
                       size_t dense, size_t sparse)
{
    size_t fm = sgeo_graph_fm(b->at.graph, sparse, DIM, 2.0);
    fm = sgeo_nasrec_linear(&b->at, fm, "fm_proj", to(b->supernet->dense_dim));
    fm = masked(b, sgeo_nasrec_norm(&b->at, fm, "fm_ln"), choice->dense_dim);
    return sum_of(b, (const size_t[]){dense, fm}, 2);
}

/* The output's eight last rows: made of the dense output before FM, else zeros; sliced: none. */
static void append_rows(struct sgeo_nasrec_path_builder *b, const struct choice *choice,
                        struct sgeo_nasrec_part *sparse, const struct sgeo_nasrec_part *dense)
{
    size_t rows = SGEO_NONE;
    if (choice->dense_to_sparse) {
        rows = linear(b, dense, "to_sparse", to(SGEO_NASREC_MERGED_WIDTH));
        rows = sgeo_nasrec_norm(&b->at, rows, "to_sparse_ln");
        sgeo_nasrec_ranges_add(&sparse->cols, sparse->columns, SGEO_NASREC_MERGED_ROWS);
    } else if (b->slices == NULL) {
        rows = zeros(b, SGEO_NASREC_MERGED_WIDTH);
    }
    if (rows != SGEO_NONE) {
        sparse->node = sgeo_graph_concat(b->at.graph, (const size_t[]){sparse->node, rows}, 2);
    }
    sparse->columns += SGEO_NASREC_MERGED_ROWS;
}

void sgeo_nasrec_add_path_block(struct sgeo_nasrec_path_builder *b)
{
    const struct sgeo_nasrec_block *block = &b->path->arch.blocks[b->at.block - 1];
    const struct choice choice = choice_of(b);
    const struct sgeo_nasrec_part dense_in = gather_inputs(b, b->dense, block->dense_inputs, 1);
    const struct sgeo_nasrec_part sparse_in =
        gather_inputs(b, b->sparse, block->sparse_inputs, DIM);
    struct sgeo_nasrec_part *dense = &b->dense[b->at.block], *sparse = &b->sparse[b->at.block];
    size_t terms[DENSE_OPS], n = 0;
    for (enum sgeo_nasrec_op op = SGEO_NASREC_FC; op <= SGEO_NASREC_SUM; op++) {
        if (runs(b, op)) {
            terms[n++] = dense_operator(b, op, &choice, &dense_in, &sparse_in);
        }
    }
    *dense =
        (struct sgeo_nasrec_part){.node = sum_of(b, terms, n), .columns = b->supernet->dense_dim};
    sgeo_nasrec_ranges_add(&dense->cols, 0, choice.dense_dim);
    n = 0;
    for (enum sgeo_nasrec_op op = SGEO_NASREC_ATTENTION; op <= SGEO_NASREC_EFC; op++) {
        if (runs(b, op)) {
            terms[n++] = sparse_operator(b, op, choice.sparse_dim, &sparse_in);
        }
    }
    size_t rows = sum_of(b, terms, n);
    *sparse = (struct sgeo_nasrec_part){.node = rows, .columns = b->supernet->sparse_dim};
    sgeo_nasrec_ranges_add(&sparse->cols, 0, choice.sparse_dim);
    append_rows(b, &choice, sparse, dense);
    if (choice.fm) {
        dense->node = merge_fm(b, &choice, dense->node, rows);
    }
    sgeo_nasrec_label(&b->at, dense->node, "out_dense");
    sgeo_nasrec_label(&b->at, sparse->node, "out_sparse");
}

size_t sgeo_nasrec_add_path_head(struct sgeo_nasrec_path_builder *b)
{
    const struct sgeo_nasrec_part *dense = &b->dense[SGEO_NASREC_BLOCKS];
    const struct sgeo_nasrec_part *sparse = &b->sparse[SGEO_NASREC_BLOCKS];
    struct sgeo_nasrec_ranges cols = dense->cols;
    add_shifted(&cols, &sparse->cols, dense->columns, DIM);
    size_t both = sgeo_graph_concat(b->at.graph, (const size_t[]){dense->node, sparse->node}, 2);
    size_t logit = sgeo_graph_linear(b->at.graph, both, "final", 1);
    cut(b, weight_of(b, logit), NULL, dense->columns + sparse->columns * DIM, &cols);
    return logit;
}
