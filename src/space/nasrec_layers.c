#include "space/nasrec_layers.h"

#include <math.h>
#include <stdio.h>

enum { DIM = SGEO_NASREC_DIM, HEADS = 8 };

/* Where the scales of attention's layer norms start (spec, section 1.2). */
#define ATTENTION_GAMMA 0.17

size_t sgeo_nasrec_width(const struct sgeo_nasrec_site *site, size_t node)
{
    return site->graph->status == SGEO_OK ? site->graph->nodes[node].channels : 0;
}

size_t sgeo_nasrec_rows(const struct sgeo_nasrec_site *site, size_t node)
{
    return sgeo_nasrec_width(site, node) / DIM;
}

/* "block3.dot.row_proj" */
static const char *module_name(char name[SGEO_NAME_MAX], const struct sgeo_nasrec_site *site,
                               const char *part)
{
    snprintf(name, SGEO_NAME_MAX, "block%zu.%s", site->block, part);
    return name;
}

size_t sgeo_nasrec_label(const struct sgeo_nasrec_site *site, size_t node, const char *part)
{
    char name[SGEO_NAME_MAX];
    sgeo_graph_label(site->graph, node, module_name(name, site, part));
    return node;
}

/* --- layers --- */

size_t sgeo_nasrec_linear(const struct sgeo_nasrec_site *site, size_t src, const char *part,
                          struct sgeo_linear_shape shape)
{
    char name[SGEO_NAME_MAX];
    return sgeo_graph_project(site->graph, src, module_name(name, site, part),
                              sgeo_nasrec_width(site, src), shape);
}

size_t sgeo_nasrec_row_linear(const struct sgeo_nasrec_site *site, size_t src, const char *part,
                              struct sgeo_linear_shape shape)
{
    char name[SGEO_NAME_MAX];
    return sgeo_graph_row_linear(site->graph, src, module_name(name, site, part), DIM, shape);
}

size_t sgeo_nasrec_norm(const struct sgeo_nasrec_site *site, size_t src, const char *part)
{
    char name[SGEO_NAME_MAX];
    return sgeo_graph_layer_norm(site->graph, src, module_name(name, site, part),
                                 sgeo_nasrec_width(site, src), 1.0);
}

size_t sgeo_nasrec_row_norm(const struct sgeo_nasrec_site *site, size_t src, const char *part)
{
    char name[SGEO_NAME_MAX];
    return sgeo_graph_row_norm(site->graph, src, module_name(name, site, part), DIM);
}

size_t sgeo_nasrec_first(const struct sgeo_nasrec_site *site, size_t src, size_t count)
{
    return sgeo_nasrec_width(site, src) == count ? src
                                                 : sgeo_graph_slice(site->graph, src, 0, count);
}

size_t sgeo_nasrec_balanced_rows(size_t dim)
{
    return (size_t)lround(sqrt(2.0 * (double)dim));
}

/* --- attention --- */

/* The same linear layer on each of the rows. */
static size_t each_row(const struct sgeo_nasrec_site *site, size_t src, const char *part,
                       size_t out)
{
    char name[SGEO_NAME_MAX];
    return sgeo_graph_project(site->graph, src, module_name(name, site, part), DIM,
                              (struct sgeo_linear_shape){out, true});
}

/* x + y, normalised row by row. */
static size_t residual(const struct sgeo_nasrec_site *site, size_t x, size_t y, const char *part)
{
    char name[SGEO_NAME_MAX];
    size_t sum =
        sgeo_graph_padded_sum(site->graph, (const size_t[]){x, y}, 2, sgeo_nasrec_width(site, x));
    return sgeo_graph_layer_norm(site->graph, sum, module_name(name, site, part), DIM,
                                 ATTENTION_GAMMA);
}

size_t sgeo_nasrec_attend(const struct sgeo_nasrec_site *site, size_t x, size_t kept)
{
    size_t projected = each_row(site, x, "attn.in_proj", 3 * DIM), parts[3];
    for (size_t i = 0; i < 3; i++) {
        parts[i] = sgeo_graph_row_slice(site->graph, projected, 3 * DIM, i * DIM, DIM);
    }
    size_t heads = sgeo_graph_attention(site->graph, parts, HEADS, DIM / HEADS);
    heads = sgeo_nasrec_first(site, heads, kept * DIM);
    x = sgeo_nasrec_first(site, x, kept * DIM);
    x = residual(site, x, each_row(site, heads, "attn.out_proj", DIM), "attn.attn_ln");
    size_t hidden = sgeo_graph_relu(site->graph, each_row(site, x, "attn.fc1", DIM));
    return residual(site, x, each_row(site, hidden, "attn.fc2", DIM), "attn.ffn_ln");
}

/* --- what is built --- */

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

enum sgeo_status sgeo_nasrec_check(const struct sgeo_nasrec_arch *arch,
                                   const struct sgeo_feature_layout *features)
{
    enum sgeo_status status = SGEO_OK;
    if (features->dense == 0 || features->fields == 0 || features->dim != SGEO_NASREC_DIM) {
        return sgeo_fail(SGEO_USAGE, NULL,
                         "nasrec network: %zu dense features, %zu fields of %zu numbers",
                         features->dense, features->fields, features->dim);
    }
    for (size_t i = 0; status == SGEO_OK && i < SGEO_NASREC_BLOCKS; i++) {
        status = check_block(&arch->blocks[i], i + 1);
    }
    return status;
}

struct sgeo_graph *sgeo_nasrec_begin(const struct sgeo_feature_layout *features, size_t raw[2])
{
    struct sgeo_graph *graph = sgeo_graph_create();
    if (graph == NULL) {
        return NULL;
    }
    graph->init = SGEO_INIT_XAVIER;
    size_t input = sgeo_graph_matrix_input(graph, sgeo_feature_width(features));
    raw[0] = sgeo_graph_slice(graph, input, 0, features->dense);
    raw[1] = sgeo_graph_slice(graph, input, sgeo_feature_rows(features), features->fields * DIM);
    return graph;
}
