/*
 * What the f32 and bf16 executors take from oneDNN: convolutions, matrix products and linear layers
 * that end with a ReLU. The only file that knows its API.
 *   src (N,C,H,W), dst (N,O,H',W') blocked or channels-last, or src the planar image;
 *   wei (O,C/G,K,K)
 *
 * Activations have the engine's layout everywhere. Weights have the layout that forward prefers,
 * the same for every batch size, and their gradients share it. Where a primitive is only fast with
 * another layout, its operands pass through scratch: reorders cost far less than a reference loop.
 * A pass for which the library has nothing but loops is computed by the project instead: depthwise
 * ones by its kernels, dense ones on channels-last activations by matrix products. Winograd's
 * algorithm, when asked for, is the project's own in every pass. A bf16 executor's activations are
 * in bf16, but for the image; a pass that has no fast code for that works in f32 between reorders.
 * Versions 2 and 3 of the C API differ in memory descriptors (values, then handles) and in how an
 * operation is described: one section of helpers hides both.
 */
#include <assert.h>
#include <cblas.h>
#include <oneapi/dnnl/dnnl.h>
#include <string.h>

#include "backend/onednn_parts.h"
#include "base/log.h"
#include "base/memory.h"
#include "kernels/dispatch/dispatch.h"

/* Of libgomp. Declared here: clang brings no omp.h of its own. */
void omp_set_num_threads(int n_threads);

/* The batch size for which weight layouts are chosen. */
#define CANONICAL_BATCH ((size_t)64)

enum tensor {
    SRC = SGEO_ONEDNN_SRC,
    WEI = SGEO_ONEDNN_WEI,
    DST = SGEO_ONEDNN_DST,
    N_TENSORS = SGEO_ONEDNN_N_TENSORS
};

static const enum tensor results[SGEO_ONEDNN_N_DIRECTIONS] = {DST, SRC, WEI};

static const int arguments[SGEO_ONEDNN_N_DIRECTIONS][N_TENSORS] = {
    {DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST},
    {DNNL_ARG_DIFF_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DIFF_DST},
    {DNNL_ARG_SRC, DNNL_ARG_DIFF_WEIGHTS, DNNL_ARG_DIFF_DST}};

static const dnnl_query_t queries[SGEO_ONEDNN_N_DIRECTIONS][N_TENSORS] = {
    {dnnl_query_src_md, dnnl_query_weights_md, dnnl_query_dst_md},
    {dnnl_query_diff_src_md, dnnl_query_weights_md, dnnl_query_diff_dst_md},
    {dnnl_query_src_md, dnnl_query_diff_weights_md, dnnl_query_diff_dst_md}};

/* A memory descriptor; zeroed it is empty, desc_clear empties it. */
struct desc {
    dnnl_memory_desc_t md;
};

/* The descriptors that a convolution is asked for with, and its numbers in oneDNN's words. */
struct request {
    const struct desc *tensors[N_TENSORS];
    dnnl_dims_t strides, dilations, padding;
};

/* A tensor of a pass. */
struct operand {
    dnnl_memory_t memory;     /* in the primitive's layout */
    dnnl_memory_t outside;    /* in the caller's, when that is another */
    dnnl_primitive_t reorder; /* between the two; NULL: the caller's buffer is used as it is */
};

/* What the project has for a geometry: where the library has nothing but loops; Winograd's
 * algorithm instead of what it has. */
enum stand_in { NO_STAND_IN, DEPTHWISE_KERNELS, MATRIX_PRODUCTS, WINOGRAD_KERNELS };

struct pass {
    enum sgeo_onednn_direction direction;
    dnnl_primitive_t primitive;
    enum stand_in stand_in; /* what computes it where there is no primitive */
    struct operand operands[N_TENSORS];
};

struct sgeo_onednn_passes {
    struct pass pass[SGEO_ONEDNN_N_DIRECTIONS];
    struct sgeo_onednn_depthwise depthwise; /* of passes by these stand-ins */
    struct sgeo_onednn_gemm gemm;
    struct sgeo_onednn_winograd winograd;
};

struct sgeo_onednn_weights {
    struct desc layout, plain; /* of weight buffers; row-major */
    dnnl_memory_t memory, plain_memory;
    dnnl_primitive_t import, export;
};

/* Tensors of a linear layer with bias and ReLU. */
enum dense_tensor { DENSE_SRC, DENSE_WEI, DENSE_BIAS, DENSE_DST, N_DENSE_TENSORS };

static const int dense_arguments[N_DENSE_TENSORS] = {DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_BIAS,
                                                     DNNL_ARG_DST};

struct sgeo_onednn_dense {
    dnnl_primitive_t primitive;
    dnnl_memory_t memories[N_DENSE_TENSORS];
};

/* Floats that grow at creation, so that operations never allocate. */
struct scratch {
    float *data;
    size_t elems;
};

struct sgeo_onednn_engine {
    dnnl_engine_t engine;
    dnnl_stream_t stream;
    dnnl_format_tag_t activations;
    bool channels_last, winograd, bf16;
    struct scratch reordered[N_TENSORS]; /* operands in the layout of a primitive */
    struct scratch plain;                /* row-major weights on their way in or out */
    struct scratch room;                 /* of matrix products and of Winograd's tiles */
    bool warned;
};

/* --- the two versions of the API --- */

#if DNNL_VERSION_MAJOR >= 3

static dnnl_status_t desc_init(struct desc *desc, int n_dims, const dnnl_dims_t dims,
                               dnnl_data_type_t type, dnnl_format_tag_t tag)
{
    return dnnl_memory_desc_create_with_tag(&desc->md, n_dims, dims, type, tag);
}

static dnnl_status_t desc_query(struct desc *desc, const_dnnl_primitive_desc_t primitive,
                                dnnl_query_t what)
{
    const_dnnl_memory_desc_t found = dnnl_primitive_desc_query_md(primitive, what, 0);
    return found == NULL ? dnnl_invalid_arguments : dnnl_memory_desc_clone(&desc->md, found);
}

static void desc_clear(struct desc *desc)
{
    if (desc->md != NULL) {
        dnnl_memory_desc_destroy(desc->md);
        desc->md = NULL;
    }
}

static bool desc_equal(const struct desc *a, const struct desc *b)
{
    return dnnl_memory_desc_equal(a->md, b->md) != 0;
}

static size_t desc_bytes(const struct desc *desc)
{
    return dnnl_memory_desc_get_size(desc->md);
}

static dnnl_status_t memory_create(dnnl_memory_t *memory, const struct desc *desc,
                                   dnnl_engine_t engine)
{
    return dnnl_memory_create(memory, desc->md, engine, DNNL_MEMORY_NONE);
}

static dnnl_status_t describe_reorder(dnnl_primitive_desc_t *primitive, const struct desc *src,
                                      const struct desc *dst, dnnl_engine_t engine)
{
    return dnnl_reorder_primitive_desc_create(primitive, src->md, engine, dst->md, engine, NULL);
}

/* Where the elements of a memory lie: dims and outer strides, and the blocks inside, outermost
 * first. */
struct order {
    int n_dims, n_blocks;
    const dnnl_dims_t *dims, *padded, *strides, *blocks, *blocked_dims;
    dnnl_data_type_t type;
    void *data;
};

static dnnl_status_t order_of(struct order *order, dnnl_memory_t memory)
{
    const_dnnl_memory_desc_t md = NULL;
    dnnl_status_t status = dnnl_memory_get_memory_desc(memory, &md);
    const struct {
        dnnl_query_t what;
        void *result;
    } queries_of_order[] = {{dnnl_query_ndims_s32, &order->n_dims},
                            {dnnl_query_inner_nblks_s32, &order->n_blocks},
                            {dnnl_query_dims, &order->dims},
                            {dnnl_query_padded_dims, &order->padded},
                            {dnnl_query_strides, &order->strides},
                            {dnnl_query_inner_blks, &order->blocks},
                            {dnnl_query_inner_idxs, &order->blocked_dims},
                            {dnnl_query_data_type, &order->type}};
    for (size_t i = 0;
         status == dnnl_success && i < sizeof queries_of_order / sizeof(*queries_of_order); i++) {
        status = dnnl_memory_desc_query(md, queries_of_order[i].what, queries_of_order[i].result);
    }
    return status == dnnl_success ? dnnl_memory_get_data_handle(memory, &order->data) : status;
}

static bool is_padded(const struct order *order)
{
    return memcmp(*order->dims, *order->padded, (size_t)order->n_dims * sizeof(dnnl_dim_t)) != 0;
}

static size_t order_offset(const struct order *order, const dnnl_dims_t at)
{
    dnnl_dims_t outer;
    dnnl_dim_t offset = 0, step = 1;
    memcpy(outer, at, (size_t)order->n_dims * sizeof(dnnl_dim_t));
    for (int b = order->n_blocks - 1; b >= 0; b--) {
        dnnl_dim_t size = (*order->blocks)[b], *place = &outer[(*order->blocked_dims)[b]];
        offset += *place % size * step;
        *place /= size;
        step *= size;
    }
    for (int d = 0; d < order->n_dims; d++) {
        offset += outer[d] * (*order->strides)[d];
    }
    return (size_t)offset;
}

static void move_element(const struct order *to, const struct order *from, const dnnl_dims_t at)
{
    size_t dst = order_offset(to, at), src = order_offset(from, at);
    float value;
    if (from->type == dnnl_bf16) {
        sgeo_kernels_get()->bf16_to_f32(&value, (const uint16_t *)from->data + src, 1);
    } else {
        value = ((const float *)from->data)[src];
    }
    if (to->type == dnnl_bf16) {
        sgeo_kernels_get()->f32_to_bf16((uint16_t *)to->data + dst, &value, 1);
    } else {
        ((float *)to->data)[dst] = value;
    }
}

/* The next place in dims, the last running fastest; false behind the last one. */
static bool next_place(dnnl_dims_t at, const struct order *order)
{
    for (int d = order->n_dims - 1; d >= 0; d--) {
        if (++at[d] < (*order->dims)[d]) {
            return true;
        }
        at[d] = 0;
    }
    return false;
}

/*
 * From 3.7 until 3.8.1 the library's reorders leave elements out where a layout has padding
 * (oneDNN's issue 3280). True: those have been moved here, padding is zero.
 */
static bool reorder_by_loops(dnnl_memory_t dst, dnnl_memory_t src)
{
    const dnnl_version_t *linked = dnnl_version();
    struct order to, from;
    const_dnnl_memory_desc_t md;
    dnnl_dims_t at = {0};
    if (linked->major != 3 || linked->minor < 7 || linked->minor > 8 ||
        (linked->minor == 8 && linked->patch > 0) || order_of(&to, dst) != dnnl_success ||
        order_of(&from, src) != dnnl_success || (!is_padded(&to) && !is_padded(&from)) ||
        dnnl_memory_get_memory_desc(dst, &md) != dnnl_success) {
        return false;
    }
    memset(to.data, 0, dnnl_memory_desc_get_size(md));
    do {
        move_element(&to, &from, at);
    } while (next_place(at, &from));
    return true;
}

static dnnl_status_t describe_conv(dnnl_primitive_desc_t *primitive,
                                   enum sgeo_onednn_direction direction,
                                   const struct request *request, dnnl_engine_t engine,
                                   const_dnnl_primitive_desc_t forward)
{
    const_dnnl_memory_desc_t src = request->tensors[SRC]->md;
    const_dnnl_memory_desc_t wei = request->tensors[WEI]->md;
    const_dnnl_memory_desc_t dst = request->tensors[DST]->md;
    switch (direction) {
    case SGEO_ONEDNN_FORWARD:
        return dnnl_convolution_forward_primitive_desc_create(
            primitive, engine, dnnl_forward_training, dnnl_convolution_direct, src, wei, NULL, dst,
            request->strides, request->dilations, request->padding, request->padding, NULL);
    case SGEO_ONEDNN_BACKWARD_DATA:
        return dnnl_convolution_backward_data_primitive_desc_create(
            primitive, engine, dnnl_convolution_direct, src, wei, dst, request->strides,
            request->dilations, request->padding, request->padding, forward, NULL);
    case SGEO_ONEDNN_BACKWARD_WEIGHTS:
        return dnnl_convolution_backward_weights_primitive_desc_create(
            primitive, engine, dnnl_convolution_direct, src, wei, NULL, dst, request->strides,
            request->dilations, request->padding, request->padding, forward, NULL);
    case SGEO_ONEDNN_N_DIRECTIONS:
        break;
    }
    return dnnl_invalid_arguments;
}

static dnnl_status_t append_relu(dnnl_post_ops_t post_ops)
{
    return dnnl_post_ops_append_eltwise(post_ops, dnnl_eltwise_relu, 0.0f, 0.0f);
}

static dnnl_status_t describe_dense(dnnl_primitive_desc_t *primitive,
                                    const struct desc tensors[N_DENSE_TENSORS],
                                    const_dnnl_primitive_attr_t attributes, dnnl_engine_t engine)
{
    return dnnl_inner_product_forward_primitive_desc_create(
        primitive, engine, dnnl_forward_inference, tensors[DENSE_SRC].md, tensors[DENSE_WEI].md,
        tensors[DENSE_BIAS].md, tensors[DENSE_DST].md, attributes);
}

#else

static dnnl_status_t desc_init(struct desc *desc, int n_dims, const dnnl_dims_t dims,
                               dnnl_data_type_t type, dnnl_format_tag_t tag)
{
    return dnnl_memory_desc_init_by_tag(&desc->md, n_dims, dims, type, tag);
}

static dnnl_status_t desc_query(struct desc *desc, const_dnnl_primitive_desc_t primitive,
                                dnnl_query_t what)
{
    const dnnl_memory_desc_t *found = dnnl_primitive_desc_query_md(primitive, what, 0);
    if (found == NULL) {
        return dnnl_invalid_arguments;
    }
    desc->md = *found;
    return dnnl_success;
}

static void desc_clear(struct desc *desc)
{
    memset(desc, 0, sizeof *desc);
}

static bool desc_equal(const struct desc *a, const struct desc *b)
{
    return dnnl_memory_desc_equal(&a->md, &b->md) != 0;
}

static size_t desc_bytes(const struct desc *desc)
{
    return dnnl_memory_desc_get_size(&desc->md);
}

static dnnl_status_t memory_create(dnnl_memory_t *memory, const struct desc *desc,
                                   dnnl_engine_t engine)
{
    return dnnl_memory_create(memory, &desc->md, engine, DNNL_MEMORY_NONE);
}

static dnnl_status_t describe_reorder(dnnl_primitive_desc_t *primitive, const struct desc *src,
                                      const struct desc *dst, dnnl_engine_t engine)
{
    return dnnl_reorder_primitive_desc_create(primitive, &src->md, engine, &dst->md, engine, NULL);
}

static bool reorder_by_loops(dnnl_memory_t dst, dnnl_memory_t src)
{
    (void)dst;
    (void)src;
    return false;
}

static dnnl_status_t init_conv(dnnl_convolution_desc_t *conv, enum sgeo_onednn_direction direction,
                               const struct request *request)
{
    const dnnl_memory_desc_t *src = &request->tensors[SRC]->md;
    const dnnl_memory_desc_t *wei = &request->tensors[WEI]->md;
    const dnnl_memory_desc_t *dst = &request->tensors[DST]->md;
    switch (direction) {
    case SGEO_ONEDNN_FORWARD:
        return dnnl_dilated_convolution_forward_desc_init(
            conv, dnnl_forward_training, dnnl_convolution_direct, src, wei, NULL, dst,
            request->strides, request->dilations, request->padding, request->padding);
    case SGEO_ONEDNN_BACKWARD_DATA:
        return dnnl_dilated_convolution_backward_data_desc_init(
            conv, dnnl_convolution_direct, src, wei, dst, request->strides, request->dilations,
            request->padding, request->padding);
    case SGEO_ONEDNN_BACKWARD_WEIGHTS:
        return dnnl_dilated_convolution_backward_weights_desc_init(
            conv, dnnl_convolution_direct, src, wei, NULL, dst, request->strides,
            request->dilations, request->padding, request->padding);
    case SGEO_ONEDNN_N_DIRECTIONS:
        break;
    }
    return dnnl_invalid_arguments;
}

static dnnl_status_t describe_conv(dnnl_primitive_desc_t *primitive,
                                   enum sgeo_onednn_direction direction,
                                   const struct request *request, dnnl_engine_t engine,
                                   const_dnnl_primitive_desc_t forward)
{
    dnnl_convolution_desc_t conv;
    dnnl_status_t status = init_conv(&conv, direction, request);
    return status != dnnl_success
               ? status
               : dnnl_primitive_desc_create(primitive, &conv, NULL, engine, forward);
}

static dnnl_status_t append_relu(dnnl_post_ops_t post_ops)
{
    return dnnl_post_ops_append_eltwise(post_ops, 1.0f, dnnl_eltwise_relu, 0.0f, 0.0f);
}

static dnnl_status_t describe_dense(dnnl_primitive_desc_t *primitive,
                                    const struct desc tensors[N_DENSE_TENSORS],
                                    const_dnnl_primitive_attr_t attributes, dnnl_engine_t engine)
{
    dnnl_inner_product_desc_t product;
    dnnl_status_t status = dnnl_inner_product_forward_desc_init(
        &product, dnnl_forward_inference, &tensors[DENSE_SRC].md, &tensors[DENSE_WEI].md,
        &tensors[DENSE_BIAS].md, &tensors[DENSE_DST].md);
    return status != dnnl_success
               ? status
               : dnnl_primitive_desc_create(primitive, &product, attributes, engine, NULL);
}

#endif

/* --- primitives and their operands --- */

static const char *status_name(dnnl_status_t status)
{
    switch (status) {
    case dnnl_out_of_memory:
        return "out of memory";
    case dnnl_invalid_arguments:
        return "invalid arguments";
    case dnnl_unimplemented:
        return "not implemented";
    default:
        return "runtime error";
    }
}

static enum sgeo_status fail_conv(dnnl_status_t status, const struct sgeo_conv_geometry *g)
{
    if (status == dnnl_out_of_memory) {
        return sgeo_fail_memory("convolution");
    }
    return sgeo_fail(SGEO_UNSUPPORTED, "DNNL_VERBOSE=2 shows what oneDNN tries",
                     "convolution %zux%zu of (%zu,%zu,%zu,%zu) to %zu channels: oneDNN says %s",
                     g->kernel, g->kernel, g->n, g->in_channels, g->height, g->width,
                     g->out_channels, status_name(status));
}

/* The pointer lives as long as the primitive descriptor. */
static const char *implementation(const_dnnl_primitive_desc_t primitive)
{
    const char *name = NULL;
    dnnl_status_t status = dnnl_primitive_desc_query(primitive, dnnl_query_impl_info_str, 0, &name);
    return status == dnnl_success && name != NULL ? name : "unknown";
}

static bool is_reference(const_dnnl_primitive_desc_t primitive)
{
    const char *name = implementation(primitive);
    return strncmp(name, "ref", 3) == 0 || strstr(name, ":ref") != NULL;
}

static void destroy_memory(dnnl_memory_t memory)
{
    if (memory != NULL) {
        dnnl_memory_destroy(memory);
    }
}

static void destroy_primitive(dnnl_primitive_t primitive)
{
    if (primitive != NULL) {
        dnnl_primitive_destroy(primitive);
    }
}

static dnnl_status_t scratch_reserve(struct scratch *scratch, size_t elems)
{
    if (elems <= scratch->elems) {
        return dnnl_success;
    }
    float *data = sgeo_calloc(elems, sizeof *data);
    if (data == NULL) {
        return dnnl_out_of_memory;
    }
    sgeo_free(scratch->data);
    *scratch = (struct scratch){.data = data, .elems = elems};
    return dnnl_success;
}

static dnnl_status_t create_reorder(dnnl_primitive_t *reorder, const struct desc *src,
                                    const struct desc *dst, dnnl_engine_t engine)
{
    dnnl_primitive_desc_t description = NULL;
    dnnl_status_t status = describe_reorder(&description, src, dst, engine);
    if (status == dnnl_success) {
        status = dnnl_primitive_create(reorder, description);
        dnnl_primitive_desc_destroy(description);
    }
    return status;
}

/* Arguments are valid by contract: a failure is a mistake in this file, and reported once. */
static void expect_success(struct sgeo_onednn_engine *self, dnnl_status_t status)
{
    assert(status == dnnl_success);
    if (status != dnnl_success && !self->warned) {
        self->warned = true;
        sgeo_log(SGEO_LOG_WARNING, "oneDNN failed in an operation (%s): results are wrong",
                 status_name(status));
    }
}

/* oneDNN takes every buffer as writable; inputs are only read. */
static void attach(struct sgeo_onednn_engine *self, dnnl_memory_t memory, const void *buffer)
{
    expect_success(self, dnnl_memory_set_data_handle(memory, (void *)buffer));
}

static void execute(struct sgeo_onednn_engine *self, dnnl_primitive_t primitive, int n_args,
                    const dnnl_exec_arg_t *args)
{
    expect_success(self, dnnl_primitive_execute(primitive, self->stream, n_args, args));
    expect_success(self, dnnl_stream_wait(self->stream));
}

static void execute_reorder(struct sgeo_onednn_engine *self, dnnl_primitive_t reorder,
                            dnnl_memory_t dst, dnnl_memory_t src)
{
    dnnl_exec_arg_t args[] = {{DNNL_ARG_FROM, src}, {DNNL_ARG_TO, dst}};
    if (!reorder_by_loops(dst, src)) {
        execute(self, reorder, 2, args);
    }
}

/* --- passes --- */

/* `wanted` is the primitive's layout, `outside` the caller's; when they differ, scratch grows. */
static dnnl_status_t create_operand(struct sgeo_onednn_engine *self, struct operand *operand,
                                    struct scratch *scratch, const struct desc *wanted,
                                    const struct desc *outside, bool is_result)
{
    dnnl_status_t status = memory_create(&operand->memory, wanted, self->engine);
    if (status != dnnl_success || desc_equal(wanted, outside)) {
        return status;
    }
    status = memory_create(&operand->outside, outside, self->engine);
    if (status == dnnl_success) {
        status = scratch_reserve(scratch, (desc_bytes(wanted) + sizeof(float) - 1) / sizeof(float));
    }
    if (status == dnnl_success) {
        status = create_reorder(&operand->reorder, is_result ? wanted : outside,
                                is_result ? outside : wanted, self->engine);
    }
    return status;
}

static dnnl_status_t create_operands(struct sgeo_onednn_engine *self, struct pass *pass,
                                     const struct desc wanted[N_TENSORS],
                                     const struct desc outside[N_TENSORS])
{
    dnnl_status_t status = dnnl_success;
    for (size_t t = 0; t < N_TENSORS && status == dnnl_success; t++) {
        status = create_operand(self, &pass->operands[t], &self->reordered[t], &wanted[t],
                                &outside[t], results[pass->direction] == t);
    }
    return status;
}

/* The operands as a primitive wants them. */
static dnnl_status_t create_operands_of(struct sgeo_onednn_engine *self, struct pass *pass,
                                        const_dnnl_primitive_desc_t description,
                                        const struct desc outside[N_TENSORS])
{
    struct desc wanted[N_TENSORS];
    dnnl_status_t status = dnnl_success;
    memset(wanted, 0, sizeof wanted);
    for (size_t t = 0; t < N_TENSORS && status == dnnl_success; t++) {
        status = desc_query(&wanted[t], description, queries[pass->direction][t]);
    }
    if (status == dnnl_success) {
        status = create_operands(self, pass, wanted, outside);
    }
    for (size_t t = 0; t < N_TENSORS; t++) {
        desc_clear(&wanted[t]);
    }
    return status;
}

static void clear_pass(struct pass *pass)
{
    destroy_primitive(pass->primitive);
    for (size_t t = 0; t < N_TENSORS; t++) {
        destroy_memory(pass->operands[t].memory);
        destroy_memory(pass->operands[t].outside);
        destroy_primitive(pass->operands[t].reorder);
    }
}

/* Where the computation finds a tensor: the caller's buffer, or scratch in another layout. */
static void *prepare_operand(struct sgeo_onednn_engine *self, const struct pass *pass, size_t t,
                             const void *buffer)
{
    const struct operand *operand = &pass->operands[t];
    if (operand->reorder == NULL) {
        attach(self, operand->memory, buffer);
        return (void *)buffer;
    }
    attach(self, operand->memory, self->reordered[t].data);
    attach(self, operand->outside, buffer);
    if (t != results[pass->direction]) {
        execute_reorder(self, operand->reorder, operand->memory, operand->outside);
    }
    return self->reordered[t].data;
}

/* Compute the pass's result; buffers are the caller's, in the caller's layouts. */
static void run_pass(struct sgeo_onednn_engine *self, const struct sgeo_onednn_passes *passes,
                     const struct pass *pass, const void *const buffers[N_TENSORS])
{
    dnnl_exec_arg_t args[N_TENSORS];
    float *tensors[N_TENSORS];
    for (size_t t = 0; t < N_TENSORS; t++) {
        tensors[t] = prepare_operand(self, pass, t, buffers[t]);
        args[t] = (dnnl_exec_arg_t){arguments[pass->direction][t], pass->operands[t].memory};
    }
    switch (pass->stand_in) {
    case NO_STAND_IN:
        execute(self, pass->primitive, N_TENSORS, args);
        break;
    case DEPTHWISE_KERNELS:
        sgeo_onednn_depthwise_run(&passes->depthwise, pass->direction, tensors);
        break;
    case MATRIX_PRODUCTS:
        sgeo_onednn_gemm_run(&passes->gemm, pass->direction, self->room.data, tensors);
        break;
    case WINOGRAD_KERNELS:
        sgeo_onednn_winograd_run(&passes->winograd, pass->direction, self->room.data, tensors);
        break;
    }
    const struct operand *output = &pass->operands[results[pass->direction]];
    if (output->reorder != NULL) {
        execute_reorder(self, output->reorder, output->outside, output->memory);
    }
}

/* --- descriptors of a geometry --- */

/* Every tensor as its buffer lies and in the same order in f32, free for the primitive to choose,
 * as the stand-in takes it, where there is one, and in bf16: activations as they lie, weights free.
 */
struct choices {
    struct desc outside[N_TENSORS], fixed[N_TENSORS], any[N_TENSORS], own[N_TENSORS];
    struct desc narrow[N_TENSORS];
    bool image_source, bf16;
    enum stand_in stand_in;
    struct request request;
};

static size_t out_extent(const struct sgeo_conv_geometry *g, size_t extent)
{
    return (extent + 2 * g->pad - (g->kernel - 1) * g->dilation - 1) / g->stride + 1;
}

static void set_pair(dnnl_dims_t dims, size_t value)
{
    dims[0] = (dnnl_dim_t)value;
    dims[1] = (dnnl_dim_t)value;
}

/* Activation dims (n, channels, extents). */
static void set_dims(dnnl_dims_t dims, size_t n, size_t channels, size_t height, size_t width)
{
    dims[0] = (dnnl_dim_t)n;
    dims[1] = (dnnl_dim_t)channels;
    dims[2] = (dnnl_dim_t)height;
    dims[3] = (dnnl_dim_t)width;
}

static dnnl_status_t init_weights(struct desc *desc, const struct sgeo_conv_geometry *g,
                                  dnnl_data_type_t type, dnnl_format_tag_t tag)
{
    dnnl_dims_t dims = {0};
    int n_dims = g->groups > 1 ? 5 : 4;
    dims[0] = (dnnl_dim_t)g->groups;
    set_dims(dims + n_dims - 4, g->out_channels / g->groups, g->in_channels / g->groups, g->kernel,
             g->kernel);
    return desc_init(desc, n_dims, dims, type, tag);
}

static void choices_clear(struct choices *choices)
{
    for (size_t t = 0; t < N_TENSORS; t++) {
        desc_clear(&choices->outside[t]);
        desc_clear(&choices->fixed[t]);
        desc_clear(&choices->any[t]);
        desc_clear(&choices->own[t]);
        desc_clear(&choices->narrow[t]);
    }
}

static enum stand_in stand_in_of(const struct sgeo_conv_geometry *g,
                                 const struct sgeo_onednn_engine *self)
{
    if (sgeo_onednn_depthwise_fits(g)) {
        return DEPTHWISE_KERNELS;
    }
    if (self->winograd && sgeo_onednn_winograd_fits(g)) {
        return WINOGRAD_KERNELS;
    }
    return self->activations == dnnl_nhwc && sgeo_onednn_gemm_fits(g) ? MATRIX_PRODUCTS
                                                                      : NO_STAND_IN;
}

/* The order of weights that a stand-in takes: row-major, or that of the activations' channels. */
static dnnl_format_tag_t own_weights(const struct sgeo_conv_geometry *g, enum stand_in stand_in,
                                     dnnl_format_tag_t activations)
{
    if (stand_in == WINOGRAD_KERNELS) {
        return dnnl_oihw;
    }
    if (activations == dnnl_nhwc) {
        return g->groups > 1 ? dnnl_hwigo : dnnl_hwio;
    }
    return activations == dnnl_nChw16c ? dnnl_Goihw16g : dnnl_Goihw8g;
}

static dnnl_status_t init_own(struct choices *choices, const struct sgeo_conv_geometry *g,
                              const dnnl_dims_t src, const dnnl_dims_t dst,
                              const struct sgeo_onednn_engine *self)
{
    dnnl_format_tag_t activations = self->activations;
    choices->stand_in = stand_in_of(g, self);
    if (choices->stand_in == NO_STAND_IN) {
        return dnnl_success;
    }
    bool takes_image = g->image_source && choices->stand_in == MATRIX_PRODUCTS;
    dnnl_status_t status =
        desc_init(&choices->own[SRC], 4, src, dnnl_f32, takes_image ? dnnl_nchw : activations);
    if (status == dnnl_success) {
        status = desc_init(&choices->own[DST], 4, dst, dnnl_f32, activations);
    }
    return status == dnnl_success ? init_weights(&choices->own[WEI], g, dnnl_f32,
                                                 own_weights(g, choices->stand_in, activations))
                                  : status;
}

/* All but the weights of outside and fixed. */
static dnnl_status_t choices_init(struct choices *choices, const struct sgeo_conv_geometry *g,
                                  const struct sgeo_onednn_engine *self)
{
    dnnl_format_tag_t activations = self->activations;
    dnnl_dims_t src, dst;
    memset(choices, 0, sizeof *choices);
    choices->image_source = g->image_source;
    choices->bf16 = self->bf16 && !g->image_source && g->groups == 1;
    set_pair(choices->request.strides, g->stride);
    set_pair(choices->request.dilations, g->dilation - 1);
    set_pair(choices->request.padding, g->pad);
    set_dims(src, g->n, g->in_channels, g->height, g->width);
    set_dims(dst, g->n, g->out_channels, out_extent(g, g->height), out_extent(g, g->width));
    dnnl_data_type_t maps = self->bf16 ? dnnl_bf16 : dnnl_f32;
    dnnl_format_tag_t source = g->image_source ? dnnl_nchw : activations;
    dnnl_status_t status[] = {
        desc_init(&choices->outside[SRC], 4, src, g->image_source ? dnnl_f32 : maps, source),
        desc_init(&choices->outside[DST], 4, dst, maps, activations),
        desc_init(&choices->fixed[SRC], 4, src, dnnl_f32, source),
        desc_init(&choices->fixed[DST], 4, dst, dnnl_f32, activations),
        desc_init(&choices->any[SRC], 4, src, dnnl_f32, dnnl_format_tag_any),
        desc_init(&choices->any[DST], 4, dst, dnnl_f32, dnnl_format_tag_any),
        init_weights(&choices->any[WEI], g, dnnl_f32, dnnl_format_tag_any),
        desc_init(&choices->narrow[SRC], 4, src, dnnl_bf16, activations),
        init_weights(&choices->narrow[WEI], g, dnnl_bf16, dnnl_format_tag_any),
        desc_init(&choices->narrow[DST], 4, dst, dnnl_bf16, activations),
        init_own(choices, g, src, dst, self)};
    for (size_t i = 0; i < sizeof status / sizeof status[0]; i++) {
        if (status[i] != dnnl_success) {
            return status[i];
        }
    }
    return dnnl_success;
}

/* How much of the layouts a primitive may choose itself; what it does not take as it is, is
 * reordered. */
enum freedom { FREE_NOTHING, FREE_WEIGHTS, FREE_ALL };

static dnnl_status_t describe_with(dnnl_primitive_desc_t *description, struct choices *choices,
                                   enum sgeo_onednn_direction direction, enum freedom freedom,
                                   dnnl_engine_t engine, const_dnnl_primitive_desc_t forward)
{
    /* The image has few channels: only the primitive knows which order of them it can stream. */
    bool free_src = freedom == FREE_ALL || choices->image_source;
    choices->request.tensors[SRC] = free_src ? &choices->any[SRC] : &choices->fixed[SRC];
    choices->request.tensors[WEI] =
        freedom == FREE_NOTHING ? &choices->fixed[WEI] : &choices->any[WEI];
    choices->request.tensors[DST] = freedom == FREE_ALL ? &choices->any[DST] : &choices->fixed[DST];
    return describe_conv(description, direction, &choices->request, engine, forward);
}

/* Activations and weights in bf16, the products summed in f32 and so are gradients of weights,
 * which lie as `freedom` says; weights lie in pairs for the multiplication. */
static dnnl_status_t describe_narrow(dnnl_primitive_desc_t *description, struct choices *choices,
                                     enum sgeo_onednn_direction direction, enum freedom freedom,
                                     dnnl_engine_t engine, const_dnnl_primitive_desc_t forward)
{
    for (size_t t = 0; t < N_TENSORS; t++) {
        choices->request.tensors[t] = &choices->narrow[t];
    }
    if (results[direction] == WEI) {
        choices->request.tensors[WEI] =
            freedom == FREE_NOTHING ? &choices->fixed[WEI] : &choices->any[WEI];
    }
    return describe_conv(description, direction, &choices->request, engine, forward);
}

/* A reference loop; for a depthwise convolution also a matrix product for each of its channels. */
static bool is_slow(const_dnnl_primitive_desc_t primitive, const struct choices *choices)
{
    return is_reference(primitive) || (choices->stand_in == DEPTHWISE_KERNELS &&
                                       strstr(implementation(primitive), "gemm") != NULL);
}

/*
 * The first description with a fast implementation, from `least` freedom on; where there is none,
 * the first one at all. With depthwise kernels to fall back on, activations are not worth a
 * reorder.
 */
static dnnl_status_t describe_best(dnnl_primitive_desc_t *description, struct choices *choices,
                                   enum sgeo_onednn_direction direction, enum freedom least,
                                   dnnl_engine_t engine, const_dnnl_primitive_desc_t forward)
{
    enum freedom most = choices->stand_in == DEPTHWISE_KERNELS ? FREE_WEIGHTS : FREE_ALL;
    dnnl_primitive_desc_t best = NULL;
    dnnl_status_t failure = dnnl_unimplemented;
    for (int freedom = (int)least; freedom <= (int)most; freedom++) {
        dnnl_primitive_desc_t found = NULL;
        dnnl_status_t status =
            describe_with(&found, choices, direction, (enum freedom)freedom, engine, forward);
        if (status != dnnl_success) {
            failure = status;
        } else if (best == NULL) {
            best = found;
        } else if (!is_slow(found, choices)) {
            dnnl_primitive_desc_destroy(best);
            best = found;
        } else {
            dnnl_primitive_desc_destroy(found);
        }
        if (best != NULL && !is_slow(best, choices)) {
            break;
        }
    }
    *description = best;
    return best != NULL ? dnnl_success : failure;
}

/* A fast description in bf16. NULL without one, and where bf16 is not asked for: f32 it is. */
static dnnl_primitive_desc_t find_narrow(struct choices *choices,
                                         enum sgeo_onednn_direction direction, dnnl_engine_t engine,
                                         const_dnnl_primitive_desc_t forward)
{
    /* The gradient of weights is small: it may lie as the primitive likes. */
    enum freedom most = direction == SGEO_ONEDNN_BACKWARD_WEIGHTS ? FREE_WEIGHTS : FREE_NOTHING;
    for (int freedom = FREE_NOTHING; choices->bf16 && freedom <= (int)most; freedom++) {
        dnnl_primitive_desc_t found = NULL;
        dnnl_status_t status =
            describe_narrow(&found, choices, direction, (enum freedom)freedom, engine, forward);
        if (status == dnnl_success && !is_slow(found, choices)) {
            return found;
        }
        if (status == dnnl_success) {
            dnnl_primitive_desc_destroy(found);
        }
    }
    return NULL;
}

/* What takes the place of what was found; NULL: nothing. */
static enum stand_in stand_in_for(const struct choices *choices, const_dnnl_primitive_desc_t found)
{
    bool wanted = choices->stand_in == WINOGRAD_KERNELS || found == NULL || is_slow(found, choices);
    return wanted ? choices->stand_in : NO_STAND_IN;
}

/* --- weights --- */

/* The layout that forward prefers at the canonical batch size. */
static dnnl_status_t choose_layout(struct desc *layout, const struct sgeo_onednn_engine *self,
                                   const struct sgeo_conv_geometry *geometry)
{
    struct sgeo_conv_geometry canonical = *geometry;
    canonical.n = CANONICAL_BATCH;
    struct choices choices;
    dnnl_primitive_desc_t description = NULL;
    dnnl_status_t status = choices_init(&choices, &canonical, self);
    if (status == dnnl_success) {
        status = describe_with(&description, &choices, SGEO_ONEDNN_FORWARD, FREE_WEIGHTS,
                               self->engine, NULL);
    }
    if (stand_in_for(&choices, description) != NO_STAND_IN) {
        status = init_weights(layout, geometry, dnnl_f32,
                              own_weights(geometry, choices.stand_in, self->activations));
    } else if (status == dnnl_success) {
        status = desc_query(layout, description, dnnl_query_weights_md);
    }
    if (description != NULL) {
        dnnl_primitive_desc_destroy(description);
    }
    choices_clear(&choices);
    return status;
}

void sgeo_onednn_weights_destroy(struct sgeo_onednn_weights *weights)
{
    if (weights == NULL) {
        return;
    }
    destroy_memory(weights->memory);
    destroy_memory(weights->plain_memory);
    destroy_primitive(weights->import);
    destroy_primitive(weights->export);
    desc_clear(&weights->layout);
    desc_clear(&weights->plain);
    sgeo_free(weights);
}

/* Memory objects and reorders, once the descriptors are known. */
static dnnl_status_t create_conversions(struct sgeo_onednn_engine *self,
                                        struct sgeo_onednn_weights *weights)
{
    const struct desc *plain = &weights->plain;
    const struct desc *layout = &weights->layout;
    dnnl_status_t status = scratch_reserve(&self->plain, desc_bytes(plain) / sizeof(float));
    if (status == dnnl_success) {
        status = memory_create(&weights->memory, layout, self->engine);
    }
    if (status == dnnl_success) {
        status = memory_create(&weights->plain_memory, plain, self->engine);
    }
    if (status == dnnl_success) {
        status = create_reorder(&weights->import, plain, layout, self->engine);
    }
    if (status == dnnl_success) {
        status = create_reorder(&weights->export, layout, plain, self->engine);
    }
    return status;
}

enum sgeo_status sgeo_onednn_weights_create(struct sgeo_onednn_weights **weights,
                                            struct sgeo_onednn_engine *engine,
                                            const struct sgeo_conv_geometry *geometry)
{
    struct sgeo_onednn_weights *created = sgeo_calloc(1, sizeof *created);
    if (created == NULL) {
        return sgeo_fail_memory("weights of a convolution");
    }
    dnnl_status_t status = choose_layout(&created->layout, engine, geometry);
    if (status == dnnl_success) {
        status = init_weights(&created->plain, geometry, dnnl_f32,
                              geometry->groups > 1 ? dnnl_goihw : dnnl_oihw);
    }
    if (status == dnnl_success) {
        status = create_conversions(engine, created);
    }
    if (status != dnnl_success) {
        sgeo_onednn_weights_destroy(created);
        return fail_conv(status, geometry);
    }
    *weights = created;
    return SGEO_OK;
}

size_t sgeo_onednn_weights_elems(const struct sgeo_onednn_weights *weights)
{
    return desc_bytes(&weights->layout) / sizeof(float);
}

void sgeo_onednn_weights_import(struct sgeo_onednn_engine *engine,
                                struct sgeo_onednn_weights *weights, float *wei, const double *oihw)
{
    size_t n = desc_bytes(&weights->plain) / sizeof(float);
    for (size_t i = 0; i < n; i++) {
        engine->plain.data[i] = (float)oihw[i];
    }
    attach(engine, weights->plain_memory, engine->plain.data);
    attach(engine, weights->memory, wei);
    execute_reorder(engine, weights->import, weights->memory, weights->plain_memory);
}

void sgeo_onednn_weights_export(struct sgeo_onednn_engine *engine,
                                struct sgeo_onednn_weights *weights, double *oihw, const float *wei)
{
    size_t n = desc_bytes(&weights->plain) / sizeof(float);
    attach(engine, weights->memory, wei);
    attach(engine, weights->plain_memory, engine->plain.data);
    execute_reorder(engine, weights->export, weights->plain_memory, weights->memory);
    for (size_t i = 0; i < n; i++) {
        oihw[i] = (double)engine->plain.data[i];
    }
}

/* --- the three passes of a convolution --- */

static dnnl_status_t create_primitive(struct sgeo_onednn_engine *self, struct pass *pass,
                                      const_dnnl_primitive_desc_t description,
                                      const struct choices *choices)
{
    dnnl_status_t status = create_operands_of(self, pass, description, choices->outside);
    return status == dnnl_success ? dnnl_primitive_create(&pass->primitive, description) : status;
}

/* `forward` is the description of the forward primitive; NULL when a stand-in is in its place, as
 * it is then for the other passes. */
static dnnl_status_t create_pass(struct sgeo_onednn_engine *self, struct pass *pass,
                                 struct choices *choices, enum sgeo_onednn_direction direction,
                                 const_dnnl_primitive_desc_t forward)
{
    /* Backward data wants its weights the other way round in every fast implementation. */
    enum freedom least = direction == SGEO_ONEDNN_BACKWARD_DATA ? FREE_WEIGHTS : FREE_NOTHING;
    dnnl_primitive_desc_t description = find_narrow(choices, direction, self->engine, forward);
    dnnl_status_t status = description == NULL ? dnnl_unimplemented : dnnl_success;
    if (description == NULL && (direction == SGEO_ONEDNN_FORWARD || forward != NULL)) {
        status = describe_best(&description, choices, direction, least, self->engine, forward);
    }
    pass->direction = direction;
    pass->stand_in = stand_in_for(choices, description);
    if (pass->stand_in != NO_STAND_IN) {
        status = create_operands(self, pass, choices->own, choices->outside);
    } else if (status == dnnl_success) {
        status = create_primitive(self, pass, description, choices);
    }
    if (description != NULL) {
        dnnl_primitive_desc_destroy(description);
    }
    return status;
}

/* The description that a pass was created from; it lives as long as the pass. NULL without one. */
static const_dnnl_primitive_desc_t description_of(const struct pass *pass)
{
    const_dnnl_primitive_desc_t description = NULL;
    dnnl_status_t status = dnnl_primitive_get_primitive_desc(pass->primitive, &description);
    return status == dnnl_success ? description : NULL;
}

static dnnl_status_t create_passes(struct sgeo_onednn_engine *self, struct pass *pass,
                                   struct choices *choices)
{
    dnnl_status_t status =
        create_pass(self, &pass[SGEO_ONEDNN_FORWARD], choices, SGEO_ONEDNN_FORWARD, NULL);
    if (status != dnnl_success) {
        return status;
    }
    const_dnnl_primitive_desc_t forward = description_of(&pass[SGEO_ONEDNN_FORWARD]);
    status = create_pass(self, &pass[SGEO_ONEDNN_BACKWARD_DATA], choices, SGEO_ONEDNN_BACKWARD_DATA,
                         forward);
    if (status == dnnl_success) {
        status = create_pass(self, &pass[SGEO_ONEDNN_BACKWARD_WEIGHTS], choices,
                             SGEO_ONEDNN_BACKWARD_WEIGHTS, forward);
    }
    return status;
}

/* The sizes of the stand-in of a geometry, and room for its columns. */
static dnnl_status_t init_stand_in(struct sgeo_onednn_engine *self,
                                   struct sgeo_onednn_passes *passes,
                                   const struct sgeo_conv_geometry *geometry)
{
    switch (stand_in_of(geometry, self)) {
    case DEPTHWISE_KERNELS:
        passes->depthwise = sgeo_onednn_depthwise_of(geometry, self->channels_last);
        break;
    case MATRIX_PRODUCTS:
        passes->gemm = sgeo_onednn_gemm_of(geometry);
        return scratch_reserve(&self->room, sgeo_onednn_gemm_columns(&passes->gemm));
    case WINOGRAD_KERNELS:
        passes->winograd = sgeo_onednn_winograd_of(geometry, self->channels_last);
        return scratch_reserve(&self->room, sgeo_onednn_winograd_room(&passes->winograd));
    case NO_STAND_IN:
        break;
    }
    return dnnl_success;
}

void sgeo_onednn_passes_destroy(struct sgeo_onednn_passes *passes)
{
    if (passes == NULL) {
        return;
    }
    for (size_t d = 0; d < SGEO_ONEDNN_N_DIRECTIONS; d++) {
        clear_pass(&passes->pass[d]);
    }
    sgeo_free(passes);
}

enum sgeo_status sgeo_onednn_passes_create(struct sgeo_onednn_passes **passes,
                                           struct sgeo_onednn_engine *engine,
                                           const struct sgeo_onednn_weights *weights,
                                           const struct sgeo_conv_geometry *geometry)
{
    struct sgeo_onednn_passes *created = sgeo_calloc(1, sizeof *created);
    if (created == NULL) {
        return sgeo_fail_memory("convolution");
    }
    struct choices choices;
    dnnl_status_t status = choices_init(&choices, geometry, engine);
    choices.outside[WEI] = choices.fixed[WEI] = weights->layout; /* on loan: emptied below */
    if (status == dnnl_success) {
        status = create_passes(engine, created->pass, &choices);
    }
    if (status == dnnl_success) {
        status = init_stand_in(engine, created, geometry);
    }
    choices.outside[WEI] = choices.fixed[WEI] = (struct desc){0};
    choices_clear(&choices);
    if (status != dnnl_success) {
        sgeo_onednn_passes_destroy(created);
        return fail_conv(status, geometry);
    }
    *passes = created;
    return SGEO_OK;
}

void sgeo_onednn_run(struct sgeo_onednn_engine *engine, const struct sgeo_onednn_passes *passes,
                     enum sgeo_onednn_direction direction,
                     const void *const buffers[SGEO_ONEDNN_N_TENSORS])
{
    run_pass(engine, passes, &passes->pass[direction], buffers);
}

const char *sgeo_onednn_implementation(const struct sgeo_onednn_passes *passes,
                                       enum sgeo_onednn_direction direction)
{
    const struct pass *pass = &passes->pass[direction];
    switch (pass->stand_in) {
    case DEPTHWISE_KERNELS:
        return sgeo_onednn_depthwise_name();
    case MATRIX_PRODUCTS:
        return sgeo_onednn_gemm_name(&passes->gemm);
    case WINOGRAD_KERNELS:
        return sgeo_onednn_winograd_name();
    case NO_STAND_IN:
        break;
    }
    return pass->primitive == NULL ? "none" : implementation(description_of(pass));
}

/* --- linear layers with bias and ReLU --- */

/* As the buffers lie: the library may choose nothing. */
static dnnl_status_t init_dense(struct desc tensors[N_DENSE_TENSORS], size_t n, size_t in,
                                size_t out)
{
    const dnnl_dims_t src = {(dnnl_dim_t)n, (dnnl_dim_t)in}, bias = {(dnnl_dim_t)out},
                      wei = {(dnnl_dim_t)out, (dnnl_dim_t)in},
                      dst = {(dnnl_dim_t)n, (dnnl_dim_t)out};
    dnnl_status_t status[N_DENSE_TENSORS] = {
        desc_init(&tensors[DENSE_SRC], 2, src, dnnl_f32, dnnl_nc),
        desc_init(&tensors[DENSE_WEI], 2, wei, dnnl_f32, dnnl_oi),
        desc_init(&tensors[DENSE_BIAS], 1, bias, dnnl_f32, dnnl_x),
        desc_init(&tensors[DENSE_DST], 2, dst, dnnl_f32, dnnl_nc)};
    for (size_t t = 0; t < N_DENSE_TENSORS; t++) {
        if (status[t] != dnnl_success) {
            return status[t];
        }
    }
    return dnnl_success;
}

/* The description of the product with its bias and, as a post-op, the ReLU. */
static dnnl_status_t describe_rectified(dnnl_primitive_desc_t *description,
                                        const struct desc tensors[N_DENSE_TENSORS],
                                        dnnl_engine_t engine)
{
    dnnl_primitive_attr_t attributes = NULL;
    dnnl_post_ops_t post_ops = NULL;
    dnnl_status_t status = dnnl_primitive_attr_create(&attributes);
    if (status == dnnl_success) {
        status = dnnl_post_ops_create(&post_ops);
    }
    if (status == dnnl_success) {
        status = append_relu(post_ops);
    }
    if (status == dnnl_success) {
        status = dnnl_primitive_attr_set_post_ops(attributes, post_ops);
    }
    if (status == dnnl_success) {
        status = describe_dense(description, tensors, attributes, engine);
    }
    if (post_ops != NULL) {
        dnnl_post_ops_destroy(post_ops);
    }
    if (attributes != NULL) {
        dnnl_primitive_attr_destroy(attributes);
    }
    return status;
}

void sgeo_onednn_dense_destroy(struct sgeo_onednn_dense *dense)
{
    if (dense == NULL) {
        return;
    }
    destroy_primitive(dense->primitive);
    for (size_t t = 0; t < N_DENSE_TENSORS; t++) {
        destroy_memory(dense->memories[t]);
    }
    sgeo_free(dense);
}

static dnnl_status_t fill_dense(struct sgeo_onednn_dense *dense,
                                const struct desc tensors[N_DENSE_TENSORS],
                                const_dnnl_primitive_desc_t description, dnnl_engine_t engine)
{
    dnnl_status_t status = dnnl_primitive_create(&dense->primitive, description);
    for (size_t t = 0; t < N_DENSE_TENSORS && status == dnnl_success; t++) {
        status = memory_create(&dense->memories[t], &tensors[t], engine);
    }
    return status;
}

enum sgeo_status sgeo_onednn_dense_create(struct sgeo_onednn_dense **dense,
                                          struct sgeo_onednn_engine *engine, size_t n, size_t in,
                                          size_t out)
{
    struct sgeo_onednn_dense *created = sgeo_calloc(1, sizeof *created);
    if (created == NULL) {
        return sgeo_fail_memory("linear layer");
    }
    struct desc tensors[N_DENSE_TENSORS];
    dnnl_primitive_desc_t description = NULL;
    memset(tensors, 0, sizeof tensors);
    dnnl_status_t status = init_dense(tensors, n, in, out);
    if (status == dnnl_success) {
        status = describe_rectified(&description, tensors, engine->engine);
    }
    if (status == dnnl_success) {
        status = is_reference(description)
                     ? dnnl_unimplemented
                     : fill_dense(created, tensors, description, engine->engine);
        dnnl_primitive_desc_destroy(description);
    }
    for (size_t t = 0; t < N_DENSE_TENSORS; t++) {
        desc_clear(&tensors[t]);
    }
    if (status != dnnl_success) {
        sgeo_onednn_dense_destroy(created);
        created = NULL;
    }
    if (status == dnnl_out_of_memory) {
        return sgeo_fail_memory("linear layer");
    }
    *dense = created;
    return SGEO_OK;
}

void sgeo_onednn_dense_run(struct sgeo_onednn_engine *engine, const struct sgeo_onednn_dense *dense,
                           float *dst, const float *src, const float *wei, const float *bias)
{
    const float *const buffers[N_DENSE_TENSORS] = {src, wei, bias, dst};
    dnnl_exec_arg_t args[N_DENSE_TENSORS];
    for (size_t t = 0; t < N_DENSE_TENSORS; t++) {
        attach(engine, dense->memories[t], buffers[t]);
        args[t] = (dnnl_exec_arg_t){dense_arguments[t], dense->memories[t]};
    }
    execute(engine, dense->primitive, N_DENSE_TENSORS, args);
}

/* --- matrix products --- */

void sgeo_onednn_multiply(struct sgeo_onednn_engine *engine, float *dst, const float *left,
                          const float *right, const struct sgeo_onednn_product *product)
{
    size_t left_width = product->left_transposed ? product->rows : product->depth;
    size_t right_width = product->right_transposed ? product->depth : product->cols;
#if SGEO_KERNELS_X86
    /* JIT code that keeps to the ISA cap, up to 1.9 times OpenBLAS at the sizes of small heads. */
    dnnl_status_t status =
        dnnl_sgemm(product->left_transposed ? 'T' : 'N', product->right_transposed ? 'T' : 'N',
                   (dnnl_dim_t)product->rows, (dnnl_dim_t)product->cols, (dnnl_dim_t)product->depth,
                   1.0f, left, (dnnl_dim_t)left_width, right, (dnnl_dim_t)right_width,
                   product->keep, dst, (dnnl_dim_t)product->cols);
    expect_success(engine, status);
#else
    /* oneDNN's own product is plain loops elsewhere. */
    (void)engine;
    cblas_sgemm(CblasRowMajor, product->left_transposed ? CblasTrans : CblasNoTrans,
                product->right_transposed ? CblasTrans : CblasNoTrans, (int)product->rows,
                (int)product->cols, (int)product->depth, 1.0f, left, (int)left_width, right,
                (int)right_width, product->keep, dst, (int)product->cols);
#endif
}

/* --- instruction sets --- */

/* Names that versions 2 and 3 share, ascending: an ISA is called by the last one it contains. */
static const struct {
    dnnl_cpu_isa_t isa;
    const char *name;
} isas[] = {{dnnl_cpu_isa_sse41, "sse41"},
            {dnnl_cpu_isa_avx, "avx"},
            {dnnl_cpu_isa_avx2, "avx2"},
            {dnnl_cpu_isa_avx2_vnni, "avx2_vnni"},
            {dnnl_cpu_isa_avx512_core, "avx512_core"},
            {dnnl_cpu_isa_avx512_core_vnni, "avx512_core_vnni"},
            {dnnl_cpu_isa_avx512_core_bf16, "avx512_core_bf16"},
            {dnnl_cpu_isa_avx512_core_amx, "avx512_core_amx"}};

static bool isa_contains(dnnl_cpu_isa_t isa, dnnl_cpu_isa_t part)
{
    return ((unsigned)isa & (unsigned)part) == (unsigned)part;
}

static const char *isa_name(dnnl_cpu_isa_t isa)
{
    const char *name = "native";
    for (size_t i = 0; i < sizeof isas / sizeof isas[0]; i++) {
        if (isa_contains(isa, isas[i].isa)) {
            name = isas[i].name;
        }
    }
    return name;
}

#if SGEO_KERNELS_X86

/* The kernels' tier with the same vectors. */
static const char *tier_of(dnnl_cpu_isa_t isa)
{
    if (isa_contains(isa, dnnl_cpu_isa_avx512_core_bf16)) {
        return "avx512bf16";
    }
    if (isa_contains(isa, dnnl_cpu_isa_avx512_core)) {
        return "avx512";
    }
    return isa_contains(isa, dnnl_cpu_isa_avx2) ? "avx2" : "scalar";
}

enum sgeo_status sgeo_onednn_cap_isa(const char *kernel_isa)
{
    const char *tier = strcmp(kernel_isa, "ref") == 0 ? "scalar" : kernel_isa;
    /* The calls only count before oneDNN's first use: what it says afterwards is what matters. */
    if (strcmp(tier, "scalar") == 0) {
        dnnl_set_max_cpu_isa(dnnl_cpu_isa_sse41);
    } else if (strcmp(tier, "avx2") == 0) {
        dnnl_set_max_cpu_isa(dnnl_cpu_isa_avx2);
    } else if (strcmp(tier, "avx512") == 0) {
        dnnl_set_max_cpu_isa(dnnl_cpu_isa_avx512_core);
    }
    dnnl_cpu_isa_t isa = dnnl_get_effective_cpu_isa();
    if (strcmp(tier, tier_of(isa)) == 0) {
        return SGEO_OK;
    }
    return sgeo_fail(SGEO_UNSUPPORTED, "unset DNNL_MAX_CPU_ISA, or choose the kernels to match",
                     "oneDNN uses %s, the kernels %s", isa_name(isa), kernel_isa);
}

size_t sgeo_onednn_lanes(void)
{
    return isa_contains(dnnl_get_effective_cpu_isa(), dnnl_cpu_isa_avx512_core) ? 16 : 8;
}

#else

enum sgeo_status sgeo_onednn_cap_isa(const char *kernel_isa)
{
    (void)kernel_isa; /* one ISA: nothing to cap */
    return SGEO_OK;
}

size_t sgeo_onednn_lanes(void)
{
    return 8;
}

#endif

#define TEXT_OF(x)                   #x
#define VERSION(major, minor, patch) TEXT_OF(major) "." TEXT_OF(minor) "." TEXT_OF(patch)

void sgeo_onednn_describe(const char **version, const char **effective_isa)
{
    *version = VERSION(DNNL_VERSION_MAJOR, DNNL_VERSION_MINOR, DNNL_VERSION_PATCH);
    /* The names are those of x86; elsewhere oneDNN has one answer for all. */
    *effective_isa = SGEO_KERNELS_X86 ? isa_name(dnnl_get_effective_cpu_isa()) : "native";
}

/* --- the engine --- */

void sgeo_onednn_engine_destroy(struct sgeo_onednn_engine *engine)
{
    if (engine == NULL) {
        return;
    }
    for (size_t t = 0; t < N_TENSORS; t++) {
        sgeo_free(engine->reordered[t].data);
    }
    sgeo_free(engine->plain.data);
    sgeo_free(engine->room.data);
    if (engine->stream != NULL) {
        dnnl_stream_destroy(engine->stream);
    }
    if (engine->engine != NULL) {
        dnnl_engine_destroy(engine->engine);
    }
    sgeo_free(engine);
}

static dnnl_format_tag_t activation_tag(bool channels_last)
{
    if (channels_last) {
        return dnnl_nhwc;
    }
    return sgeo_onednn_lanes() == 16 ? dnnl_nChw16c : dnnl_nChw8c;
}

/* bf16 products by AVX512_BF16: elsewhere the library emulates them, slower than f32. */
static bool has_bf16(void)
{
    return SGEO_KERNELS_X86 &&
           isa_contains(dnnl_get_effective_cpu_isa(), dnnl_cpu_isa_avx512_core_bf16);
}

enum sgeo_status sgeo_onednn_engine_create(struct sgeo_onednn_engine **engine,
                                           struct sgeo_executor executor, bool channels_last)
{
    bool bf16 = executor.precision == SGEO_BF16;
    if (bf16 && !has_bf16()) {
        return sgeo_fail(SGEO_UNSUPPORTED, "use --precision f32",
                         "precision bf16 needs AVX512_BF16: oneDNN uses %s here",
                         isa_name(dnnl_get_effective_cpu_isa()));
    }
    struct sgeo_onednn_engine *created = sgeo_calloc(1, sizeof *created);
    if (created == NULL) {
        return sgeo_fail_memory("oneDNN engine");
    }
    omp_set_num_threads(1); /* parallelism is by architecture */
    openblas_set_num_threads(1);
    dnnl_status_t status = dnnl_engine_create(&created->engine, dnnl_cpu, 0);
    if (status == dnnl_success) {
        status = dnnl_stream_create(&created->stream, created->engine, dnnl_stream_default_flags);
    }
    if (status != dnnl_success) {
        sgeo_onednn_engine_destroy(created);
        return sgeo_fail(SGEO_UNSUPPORTED, "install oneDNN with its CPU engine",
                         "oneDNN gives no CPU engine: %s", status_name(status));
    }
    created->activations = activation_tag(channels_last);
    created->channels_last = channels_last;
    created->winograd = executor.winograd;
    created->bf16 = bf16;
    *engine = created;
    return SGEO_OK;
}
