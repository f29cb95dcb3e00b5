/*
 * DLRM, DeepFM, xDeepFM, AutoInt+ and DCNv2. Shapes per sample: dense (D), rows (F,16), first-order
 * weights (F), as graph/embedding.h lays them out.
 *
 *   dlrm          bottom MLP of dense -> b (16); [b, dots of pairs of (b, rows)] -> top MLP
 *   deepfm        first + sum_e FM(rows) + MLP(rows, dense)
 *   xdeepfm       first + CIN(rows) + MLP(rows, dense)
 *   autoint_plus  first + out([attention layers of rows, MLP(rows, dense)])
 *   dcnv2         out([cross layers of x, MLP(x)]), x = [rows, dense]
 *
 * first = sum of the first-order weights + linear of dense, in the linear parts' own order.
 */
#include "space/ctr_models.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "space/net.h"

enum { DIM = SGEO_CTR_DIM, ATTENTION_HEADS = 2 };

struct builder {
    struct sgeo_graph *graph;
    const struct sgeo_ctr_sizes *sizes;
    size_t dense, rows, first_order; /* parts of the input */
};

static const struct sgeo_ctr_sizes standard[SGEO_CTR_MODELS] = {
    [SGEO_CTR_DLRM] = {.bottom = {4, {512, 256, 64, DIM}}, .mlp = {2, {512, 256}}},
    [SGEO_CTR_DEEPFM] = {.mlp = {2, {256, 128}}},
    [SGEO_CTR_XDEEPFM] = {.mlp = {2, {256, 256}}, .cin = {2, {64, 64}}},
    [SGEO_CTR_AUTOINT_PLUS] = {.mlp = {2, {256, 128}}, .crosses = 3},
    [SGEO_CTR_DCNV2] = {.mlp = {2, {256, 128}}, .crosses = 3}};

static const char *const names[SGEO_CTR_MODELS] = {"dlrm", "deepfm", "xdeepfm", "autoint_plus",
                                                   "dcnv2"};

enum sgeo_ctr_model sgeo_ctr_find(const char *name)
{
    size_t model = 0;
    while (model < SGEO_CTR_MODELS && strcmp(names[model], name) != 0) {
        model++;
    }
    return (enum sgeo_ctr_model)model;
}

const char *sgeo_ctr_name(enum sgeo_ctr_model model)
{
    return names[model];
}

struct sgeo_ctr_sizes sgeo_ctr_standard_sizes(enum sgeo_ctr_model model)
{
    return standard[model];
}

struct sgeo_feature_layout sgeo_ctr_features(enum sgeo_ctr_model model, size_t dense, size_t fields)
{
    return (struct sgeo_feature_layout){.dense = dense,
                                        .fields = fields,
                                        .dim = DIM,
                                        .first_order =
                                            model != SGEO_CTR_DLRM && model != SGEO_CTR_DCNV2};
}

/* --- parts --- */

static size_t width(const struct builder *b, size_t node)
{
    return b->graph->status == SGEO_OK ? b->graph->nodes[node].channels : 0;
}

static size_t concat(struct builder *b, size_t first, size_t second)
{
    return sgeo_graph_concat(b->graph, (const size_t[]){first, second}, 2);
}

static size_t linear(struct builder *b, size_t src, const char *name, size_t out, bool bias)
{
    return sgeo_graph_project(b->graph, src, name, width(b, src),
                              (struct sgeo_linear_shape){out, bias});
}

/* Hidden layers NAME0, NAME1, ... with ReLU. */
static size_t hidden_layers(struct builder *b, size_t x, const char *name,
                            const struct sgeo_ctr_layers *layers)
{
    for (size_t i = 0; i < layers->n; i++) {
        char module[SGEO_NAME_MAX];
        snprintf(module, sizeof module, "%s%zu", name, i);
        x = sgeo_graph_relu(b->graph, linear(b, x, module, layers->widths[i], true));
    }
    return x;
}

static size_t labelled(struct builder *b, size_t node, const char *name)
{
    sgeo_graph_label(b->graph, node, name);
    return node;
}

/* The first-order part: one weight a field, and a linear layer of the dense numbers. */
static size_t first_order(struct builder *b)
{
    size_t fields = sgeo_graph_row_sums(b->graph, b->first_order, width(b, b->first_order));
    size_t dense = linear(b, b->dense, "linear.dense", 1, true);
    return labelled(b, sgeo_graph_padded_sum(b->graph, (const size_t[]){fields, dense}, 2, 1),
                    "linear");
}

/* The deep part: hidden layers of the embeddings and dense numbers, all side by side. */
static size_t deep(struct builder *b)
{
    size_t x = concat(b, b->rows, b->dense);
    return labelled(b, hidden_layers(b, x, "mlp", &b->sizes->mlp), "mlp");
}

static size_t sum_of(struct builder *b, const size_t *logits, size_t n)
{
    return sgeo_graph_padded_sum(b->graph, logits, n, 1);
}

/* --- models --- */

static size_t dlrm(struct builder *b)
{
    size_t bottom = labelled(b, hidden_layers(b, b->dense, "bottom", &b->sizes->bottom), "bottom");
    size_t dots = sgeo_graph_dot(b->graph, concat(b, bottom, b->rows), DIM);
    size_t top =
        hidden_layers(b, concat(b, bottom, labelled(b, dots, "dot")), "top", &b->sizes->mlp);
    char last[SGEO_NAME_MAX];
    snprintf(last, sizeof last, "top%zu", b->sizes->mlp.n);
    return linear(b, top, last, 1, true);
}

static size_t deepfm(struct builder *b)
{
    size_t parts[3] = {first_order(b)};
    size_t pairs = sgeo_graph_fm(b->graph, b->rows, DIM, 1.0);
    parts[1] = labelled(b, sgeo_graph_row_sums(b->graph, pairs, DIM), "fm");
    parts[2] = linear(b, deep(b), "out", 1, false);
    return sum_of(b, parts, 3);
}

/*
 * Compressed interaction network: layer k multiplies its maps with all rows; the first half of its
 * result goes on, the second to the output; of the last layer, all.
 */
static size_t compressed_interactions(struct builder *b)
{
    const struct sgeo_ctr_layers *layers = &b->sizes->cin;
    size_t maps = b->rows, outputs[SGEO_CTR_LAYERS_MAX];
    for (size_t k = 0; k < layers->n; k++) {
        char module[SGEO_NAME_MAX];
        snprintf(module, sizeof module, "cin%zu", k);
        size_t x = sgeo_graph_row_products(b->graph, maps, b->rows, DIM);
        x = sgeo_graph_row_linear(b->graph, x, module, DIM,
                                  (struct sgeo_linear_shape){layers->widths[k], true});
        x = sgeo_graph_relu(b->graph, x);
        size_t half = layers->widths[k] / 2 * DIM;
        bool is_last = k + 1 == layers->n;
        maps = is_last ? x : sgeo_graph_slice(b->graph, x, 0, half);
        outputs[k] =
            is_last ? x : sgeo_graph_slice(b->graph, x, half, layers->widths[k] * DIM - half);
    }
    return sgeo_graph_row_sums(b->graph, sgeo_graph_concat(b->graph, outputs, layers->n), DIM);
}

static size_t xdeepfm(struct builder *b)
{
    size_t parts[3] = {first_order(b)};
    parts[1] = linear(b, deep(b), "out", 1, false);
    size_t pooled = labelled(b, compressed_interactions(b), "cin");
    parts[2] = linear(b, pooled, "cin_out", 1, false);
    return sum_of(b, parts, 3);
}

/* A linear layer without bias on each row, layer k's PART. */
static size_t attention_part(struct builder *b, size_t x, size_t k, const char *part)
{
    char module[SGEO_NAME_MAX];
    snprintf(module, sizeof module, "att%zu.%s", k, part);
    return sgeo_graph_project(b->graph, x, module, DIM, (struct sgeo_linear_shape){DIM, false});
}

/* relu(heads + res(x)); queries are scaled up so that the heads do not scale. */
static size_t attention_layer(struct builder *b, size_t x, size_t k)
{
    size_t query = attention_part(b, x, k, "query"), key = attention_part(b, x, k, "key");
    size_t value = attention_part(b, x, k, "value"), res = attention_part(b, x, k, "res");
    query = sgeo_graph_scale(b->graph, query, sqrt((double)DIM / ATTENTION_HEADS));
    size_t heads = sgeo_graph_attention(b->graph, (const size_t[]){query, key, value},
                                        ATTENTION_HEADS, DIM / ATTENTION_HEADS);
    return sgeo_graph_relu(b->graph, sgeo_graph_padded_sum(b->graph, (const size_t[]){heads, res},
                                                           2, width(b, heads)));
}

static size_t autoint_plus(struct builder *b)
{
    size_t first = first_order(b), x = b->rows;
    for (size_t k = 0; k < b->sizes->crosses; k++) {
        char label[SGEO_NAME_MAX];
        snprintf(label, sizeof label, "att%zu", k);
        x = labelled(b, attention_layer(b, x, k), label);
    }
    size_t out = linear(b, concat(b, x, deep(b)), "out", 1, false);
    return sum_of(b, (const size_t[]){first, out}, 2);
}

/* x0 * (W x + b) + x, elementwise. */
static size_t cross_layer(struct builder *b, size_t origin, size_t x, size_t k)
{
    char module[SGEO_NAME_MAX];
    snprintf(module, sizeof module, "cross%zu", k);
    size_t projected = linear(b, x, module, width(b, x), true);
    size_t product = sgeo_graph_row_products(b->graph, origin, projected, width(b, x));
    return sgeo_graph_padded_sum(b->graph, (const size_t[]){product, x}, 2, width(b, x));
}

/* Cross layers beside a deep part (Wang et al., WWW 2021). */
static size_t dcnv2(struct builder *b)
{
    size_t origin = concat(b, b->rows, b->dense), x = origin;
    for (size_t k = 0; k < b->sizes->crosses; k++) {
        x = cross_layer(b, origin, x, k);
    }
    labelled(b, x, "cross");
    return linear(b, concat(b, x, deep(b)), "out", 1, true);
}

static size_t (*const models[SGEO_CTR_MODELS])(struct builder *) = {dlrm, deepfm, xdeepfm,
                                                                    autoint_plus, dcnv2};

/* --- the network --- */

static enum sgeo_status check(enum sgeo_ctr_model model, const struct sgeo_feature_layout *features,
                              const struct sgeo_ctr_sizes *sizes)
{
    const struct sgeo_feature_layout own =
        sgeo_ctr_features(model, features->dense, features->fields);
    const struct sgeo_ctr_layers *bottom = &sizes->bottom, *cin = &sizes->cin;
    bool fits = features->dense > 0 && features->fields > 0 && features->dim == own.dim &&
                features->first_order == own.first_order;
    if (model == SGEO_CTR_DLRM) {
        fits &= bottom->n > 0 && bottom->widths[bottom->n - 1] == DIM;
    }
    if (model == SGEO_CTR_XDEEPFM) {
        fits &= cin->n > 0;
        for (size_t k = 0; k + 1 < cin->n; k++) {
            fits &= cin->widths[k] >= 2;
        }
    }
    return fits ? SGEO_OK
                : sgeo_fail(SGEO_USAGE, NULL, "%s: these features or sizes make no network",
                            names[model]);
}

enum sgeo_status sgeo_ctr_build(struct sgeo_graph **out, enum sgeo_ctr_model model,
                                const struct sgeo_feature_layout *features,
                                const struct sgeo_ctr_sizes *sizes)
{
    enum sgeo_status status = check(model, features, sizes);
    if (status != SGEO_OK) {
        return status;
    }
    struct builder b = {.graph = sgeo_graph_create(), .sizes = sizes};
    if (b.graph == NULL) {
        return sgeo_fail_memory("recommender model");
    }
    b.graph->init = SGEO_INIT_XAVIER;
    size_t input = sgeo_graph_matrix_input(b.graph, sgeo_feature_width(features));
    b.dense = sgeo_graph_slice(b.graph, input, 0, features->dense);
    b.rows = sgeo_graph_slice(b.graph, input, sgeo_feature_rows(features), features->fields * DIM);
    if (features->first_order) {
        b.first_order =
            sgeo_graph_slice(b.graph, input, sgeo_feature_first_order(features), features->fields);
    }
    return sgeo_net_finish(out, b.graph, models[model](&b));
}
