/* Proofs of the interactions of rows, the gating and the padded sums. */
#include <math.h>

#include "kernels/prove/prover.h"

/* Elements of `batch` samples of `sample` elements, `pitch` apart. */
static size_t elems_of(size_t batch, size_t pitch, size_t sample)
{
    return batch == 0 ? 0 : (batch - 1) * pitch + sample;
}

/* An interaction with `dst` elements a sample in its destination, and gaps every other turn. */
static struct sgeo_interaction interaction_of(const struct sgeo_prover *prover, size_t rows,
                                              size_t dim, size_t dst)
{
    size_t gap = prover->turn % 2 * 5;
    return (struct sgeo_interaction){.batch = prover->turn % 4,
                                     .rows = rows,
                                     .dim = dim,
                                     .src_pitch = rows * dim + gap,
                                     .dst_pitch = dst + gap};
}

static size_t src_elems(const struct sgeo_interaction *shape)
{
    return elems_of(shape->batch, shape->src_pitch, shape->rows * shape->dim);
}

static size_t dst_elems(const struct sgeo_interaction *shape, size_t dst)
{
    return elems_of(shape->batch, shape->dst_pitch, dst);
}

static bool name_case(struct sgeo_prover *prover, const struct sgeo_interaction *shape)
{
    return sgeo_prover_case(prover, "batch=%zu, %zu rows of %zu, pitches %zu and %zu", shape->batch,
                            shape->rows, shape->dim, shape->src_pitch, shape->dst_pitch);
}

/* Run `one_case` for rows and dims around the tile, from nothing to several tiles and a rest. */
static bool all_sizes(struct sgeo_prover *prover,
                      bool (*one_case)(struct sgeo_prover *prover, size_t rows, size_t dim))
{
    static const size_t rows[] = {0, 1, 2, 3, 5, 15, 16, 17, 18, 27, 33, 34, 46};
    static const size_t dims[] = {0, 1, 3, 15, 16, 17, 31, 32, 64, 65, 131};
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++)
        for (size_t d = 0; d < sizeof dims / sizeof *dims; d++)
            if (!one_case(prover, rows[r], dims[d]))
                return false;
    return true;
}

/* sum |a| |b| over `count` elements */
static double dot_magnitude(const float *a, const float *b, size_t count)
{
    double sum = 0.0;
    for (size_t i = 0; i < count; i++)
        sum += fabs((double)a[i] * (double)b[i]);
    return sum;
}

static bool dot_case(struct sgeo_prover *prover, size_t rows, size_t dim)
{
    struct sgeo_interaction shape = interaction_of(prover, rows, dim, sgeo_pairs(rows));
    if (!name_case(prover, &shape))
        return true;
    const float *src = sgeo_prover_source(prover, src_elems(&shape));
    struct sgeo_buffer *dst =
        sgeo_prover_buffer(prover, SGEO_FLOATS, SGEO_OUTPUT, dst_elems(&shape, sgeo_pairs(rows)));
    for (size_t b = 0; b < shape.batch; b++)
        for (size_t i = 0; i < rows; i++)
            for (size_t j = 0; j < i; j++)
                prover->magnitudes[b * shape.dst_pitch + sgeo_pairs(i) + j] = dot_magnitude(
                    src + b * shape.src_pitch + i * dim, src + b * shape.src_pitch + j * dim, dim);
    prover->ref.f32_dot_interaction(sgeo_ref_floats(dst), src, &shape);
    prover->candidate->f32_dot_interaction(sgeo_candidate_floats(dst), src, &shape);
    return sgeo_prover_compare(prover, dst, prover->magnitudes, SGEO_STRICT) &&
           sgeo_prover_end(prover);
}

bool sgeo_prove_f32_dot_interaction(struct sgeo_prover *prover)
{
    return all_sizes(prover, dot_case);
}

static double dot_grad_magnitude(const float *ddst, const float *src, size_t i, size_t d,
                                 const struct sgeo_interaction *shape)
{
    double sum = 0.0;
    for (size_t j = 0; j < shape->rows; j++) {
        size_t pair = i > j ? sgeo_pairs(i) + j : sgeo_pairs(j) + i;
        if (j != i)
            sum += fabs((double)ddst[pair] * (double)src[j * shape->dim + d]);
    }
    return sum;
}

static bool dot_grad_case(struct sgeo_prover *prover, size_t rows, size_t dim)
{
    struct sgeo_interaction shape = interaction_of(prover, rows, dim, sgeo_pairs(rows));
    if (!name_case(prover, &shape))
        return true;
    const float *src = sgeo_prover_source(prover, src_elems(&shape));
    const float *ddst = sgeo_prover_source(prover, dst_elems(&shape, sgeo_pairs(rows)));
    struct sgeo_buffer *dsrc =
        sgeo_prover_buffer(prover, SGEO_FLOATS, SGEO_OUTPUT, src_elems(&shape));
    for (size_t b = 0; b < shape.batch; b++)
        for (size_t i = 0; i < rows; i++)
            for (size_t d = 0; d < dim; d++)
                prover->magnitudes[b * shape.src_pitch + i * dim + d] = dot_grad_magnitude(
                    ddst + b * shape.dst_pitch, src + b * shape.src_pitch, i, d, &shape);
    prover->ref.f32_dot_interaction_grad(sgeo_ref_floats(dsrc), ddst, src, &shape);
    prover->candidate->f32_dot_interaction_grad(sgeo_candidate_floats(dsrc), ddst, src, &shape);
    return sgeo_prover_compare(prover, dsrc, prover->magnitudes, SGEO_STRICT) &&
           sgeo_prover_end(prover);
}

bool sgeo_prove_f32_dot_interaction_grad(struct sgeo_prover *prover)
{
    return all_sizes(prover, dot_grad_case);
}

/* sum over j != i of |src_j| in one column; i = SIZE_MAX: all rows */
static double column_magnitude(const float *src, size_t i, size_t d, size_t rows, size_t dim)
{
    double sum = 0.0;
    for (size_t j = 0; j < rows; j++)
        if (j != i)
            sum += fabs((double)src[j * dim + d]);
    return sum;
}

/* sum over i > j of |src_i src_j| in one column */
static double pairs_magnitude(const float *src, size_t d, size_t rows, size_t dim)
{
    double sum = 0.0;
    for (size_t i = 0; i < rows; i++)
        sum += fabs((double)src[i * dim + d]) * column_magnitude(src, SIZE_MAX, d, i, dim);
    return sum;
}

static bool fm_case(struct sgeo_prover *prover, size_t rows, size_t dim)
{
    struct sgeo_interaction shape = interaction_of(prover, rows, dim, dim);
    float scale = prover->turn % 3 == 0 ? 2.0f : 0.7f;
    if (!name_case(prover, &shape))
        return true;
    const float *src = sgeo_prover_source(prover, src_elems(&shape));
    struct sgeo_buffer *dst =
        sgeo_prover_buffer(prover, SGEO_FLOATS, SGEO_OUTPUT, dst_elems(&shape, dim));
    for (size_t b = 0; b < shape.batch; b++)
        for (size_t d = 0; d < dim; d++)
            prover->magnitudes[b * shape.dst_pitch + d] =
                (double)scale * pairs_magnitude(src + b * shape.src_pitch, d, rows, dim);
    prover->ref.f32_fm(sgeo_ref_floats(dst), src, scale, &shape);
    prover->candidate->f32_fm(sgeo_candidate_floats(dst), src, scale, &shape);
    return sgeo_prover_compare(prover, dst, prover->magnitudes, SGEO_LOOSE) &&
           sgeo_prover_end(prover);
}

bool sgeo_prove_f32_fm(struct sgeo_prover *prover)
{
    return all_sizes(prover, fm_case);
}

static bool fm_grad_case(struct sgeo_prover *prover, size_t rows, size_t dim)
{
    struct sgeo_interaction shape = interaction_of(prover, rows, dim, dim);
    float scale = prover->turn % 3 == 0 ? 2.0f : 0.7f;
    if (!name_case(prover, &shape))
        return true;
    const float *src = sgeo_prover_source(prover, src_elems(&shape));
    const float *ddst = sgeo_prover_source(prover, dst_elems(&shape, dim));
    struct sgeo_buffer *dsrc =
        sgeo_prover_buffer(prover, SGEO_FLOATS, SGEO_OUTPUT, src_elems(&shape));
    for (size_t b = 0; b < shape.batch; b++)
        for (size_t i = 0; i < rows; i++)
            for (size_t d = 0; d < dim; d++)
                prover->magnitudes[b * shape.src_pitch + i * dim + d] =
                    (double)scale * fabs((double)ddst[b * shape.dst_pitch + d]) *
                    column_magnitude(src + b * shape.src_pitch, i, d, rows, dim);
    prover->ref.f32_fm_grad(sgeo_ref_floats(dsrc), ddst, src, scale, &shape);
    prover->candidate->f32_fm_grad(sgeo_candidate_floats(dsrc), ddst, src, scale, &shape);
    return sgeo_prover_compare(prover, dsrc, prover->magnitudes, SGEO_STRICT) &&
           sgeo_prover_end(prover);
}

bool sgeo_prove_f32_fm_grad(struct sgeo_prover *prover)
{
    return all_sizes(prover, fm_grad_case);
}

/* Widths around the tile, each with sources as wide, a little and much narrower. */
static bool all_widths(struct sgeo_prover *prover,
                       bool (*one_case)(struct sgeo_prover *prover, size_t width, size_t narrow))
{
    static const size_t widths[] = {0, 1, 3, 15, 16, 17, 31, 33, 48, 131};
    for (size_t w = 0; w < sizeof widths / sizeof *widths; w++)
        for (size_t narrow = 0; narrow < 4; narrow++)
            if (!one_case(prover, widths[w], widths[w] - widths[w] * narrow / 3))
                return false;
    return true;
}

/* dst is a buffer of its own, or the gate, or a source that is as wide. */
static bool gate_case(struct sgeo_prover *prover, size_t width, size_t narrow)
{
    struct sgeo_gating shape = {prover->turn % 4, width, narrow};
    size_t alias = sgeo_prover_below(prover, width == narrow ? 3 : 2);
    if (!sgeo_prover_case(prover, "batch=%zu, width %zu of %zu, alias %zu", shape.batch, narrow,
                          width, alias))
        return true;
    enum sgeo_role role = alias == 0 ? SGEO_OUTPUT : SGEO_INOUT;
    struct sgeo_buffer *dst =
        sgeo_prover_buffer(prover, SGEO_FLOATS, role, shape.batch * shape.width);
    const float *gate = alias == 1 ? NULL : sgeo_prover_source(prover, shape.batch * shape.width);
    const float *src =
        alias == 2 ? NULL : sgeo_prover_source(prover, shape.batch * shape.src_width);
    float *got = sgeo_candidate_floats(dst), *expected = sgeo_ref_floats(dst);
    prover->ref.f32_gate(expected, src ? src : expected, gate ? gate : expected, &shape);
    prover->candidate->f32_gate(got, src ? src : got, gate ? gate : got, &shape);
    return sgeo_prover_compare(prover, dst, NULL, SGEO_STRICT) && sgeo_prover_end(prover);
}

bool sgeo_prove_f32_gate(struct sgeo_prover *prover)
{
    return all_widths(prover, gate_case);
}

/* Which sources the gradients of a gating replace. */
enum gate_alias { APART, LOGIT_IN_DDST, LOGIT_IN_GATE, SRC_IN_SRC, GATE_ALIASES };

static bool gate_grad_case(struct sgeo_prover *prover, size_t width, size_t narrow)
{
    struct sgeo_gating shape = {prover->turn % 4, width, narrow};
    enum gate_alias alias = (enum gate_alias)sgeo_prover_below(prover, GATE_ALIASES);
    size_t wide_elems = shape.batch * width, src_size = shape.batch * narrow;
    bool shared = alias == LOGIT_IN_DDST || alias == LOGIT_IN_GATE;
    if (!sgeo_prover_case(prover, "batch=%zu, width %zu of %zu, alias %d", shape.batch, narrow,
                          width, (int)alias))
        return true;
    struct sgeo_buffer *dlogit =
        sgeo_prover_buffer(prover, SGEO_FLOATS, shared ? SGEO_INOUT : SGEO_OUTPUT, wide_elems);
    struct sgeo_buffer *dsrc = sgeo_prover_buffer(
        prover, SGEO_FLOATS, alias == SRC_IN_SRC ? SGEO_INOUT : SGEO_OUTPUT, src_size);
    const float *ddst = alias == LOGIT_IN_DDST ? NULL : sgeo_prover_source(prover, wide_elems);
    const float *gate = alias == LOGIT_IN_GATE ? NULL : sgeo_prover_source(prover, wide_elems);
    const float *src = alias == SRC_IN_SRC ? NULL : sgeo_prover_source(prover, src_size);
    float *slope = sgeo_ref_floats(dlogit), *through = sgeo_ref_floats(dsrc);
    prover->ref.f32_gate_grad(through, slope, ddst ? ddst : slope, src ? src : through,
                              gate ? gate : slope, &shape);
    slope = sgeo_candidate_floats(dlogit);
    through = sgeo_candidate_floats(dsrc);
    prover->candidate->f32_gate_grad(through, slope, ddst ? ddst : slope, src ? src : through,
                                     gate ? gate : slope, &shape);
    return sgeo_prover_compare(prover, dlogit, NULL, SGEO_STRICT) &&
           sgeo_prover_compare(prover, dsrc, NULL, SGEO_STRICT) && sgeo_prover_end(prover);
}

bool sgeo_prove_f32_gate_grad(struct sgeo_prover *prover)
{
    return all_widths(prover, gate_grad_case);
}

#define MAX_SUMMANDS ((size_t)4)

/* Widths of up to MAX_SUMMANDS sources of a sum: the full one first, `narrow`, then any. */
static size_t draw_widths(struct sgeo_prover *prover, size_t *widths, size_t width, size_t narrow)
{
    size_t n_src = sgeo_prover_below(prover, MAX_SUMMANDS + 1);
    for (size_t t = 0; t < n_src; t++)
        widths[t] = t == 0 ? width : t == 1 ? narrow : sgeo_prover_below(prover, width + 1);
    return n_src;
}

static double summands_magnitude(const float *const *src, const size_t *widths, size_t n_src,
                                 size_t b, size_t c)
{
    double sum = 0.0;
    for (size_t t = 0; t < n_src; t++)
        if (c < widths[t])
            sum += fabs((double)src[t][b * widths[t] + c]);
    return sum;
}

/* dst is a buffer of its own, or the first source. */
static bool padded_sum_case(struct sgeo_prover *prover, size_t width, size_t narrow)
{
    size_t batch = prover->turn % 4, widths[MAX_SUMMANDS];
    size_t n_src = draw_widths(prover, widths, width, narrow);
    bool in_place = n_src > 0 && sgeo_prover_coin(prover);
    const float *candidate[MAX_SUMMANDS], *ref[MAX_SUMMANDS];
    if (!sgeo_prover_case(prover, "batch=%zu, width %zu, %zu sources, in place %d", batch, width,
                          n_src, in_place))
        return true;
    struct sgeo_buffer *dst =
        sgeo_prover_buffer(prover, SGEO_FLOATS, in_place ? SGEO_INOUT : SGEO_OUTPUT, batch * width);
    for (size_t t = 0; t < n_src; t++) {
        bool shared = in_place && t == 0;
        const float *own = shared ? NULL : sgeo_prover_source(prover, batch * widths[t]);
        candidate[t] = shared ? sgeo_candidate_floats(dst) : own;
        ref[t] = shared ? sgeo_ref_floats(dst) : own;
    }
    for (size_t i = 0; i < batch * width; i++)
        prover->magnitudes[i] = summands_magnitude(ref, widths, n_src, i / width, i % width);
    prover->ref.f32_padded_sum(sgeo_ref_floats(dst), ref, widths, n_src, batch, width);
    prover->candidate->f32_padded_sum(sgeo_candidate_floats(dst), candidate, widths, n_src, batch,
                                      width);
    return sgeo_prover_compare(prover, dst, prover->magnitudes, SGEO_STRICT) &&
           sgeo_prover_end(prover);
}

bool sgeo_prove_f32_padded_sum(struct sgeo_prover *prover)
{
    return all_widths(prover, padded_sum_case);
}

/* One source in four is left out. */
static bool padded_sum_grad_case(struct sgeo_prover *prover, size_t width, size_t narrow)
{
    size_t batch = prover->turn % 4, widths[MAX_SUMMANDS];
    size_t n_src = draw_widths(prover, widths, width, narrow);
    struct sgeo_buffer *dsrc[MAX_SUMMANDS];
    float *candidate[MAX_SUMMANDS], *ref[MAX_SUMMANDS];
    if (!sgeo_prover_case(prover, "batch=%zu, width %zu, %zu sources", batch, width, n_src))
        return true;
    const float *ddst = sgeo_prover_source(prover, batch * width);
    for (size_t t = 0; t < n_src; t++) {
        bool left_out = sgeo_prover_below(prover, 4) == 0;
        dsrc[t] = sgeo_prover_buffer(prover, SGEO_FLOATS, SGEO_OUTPUT, batch * widths[t]);
        candidate[t] = left_out ? NULL : sgeo_candidate_floats(dsrc[t]);
        ref[t] = left_out ? NULL : sgeo_ref_floats(dsrc[t]);
    }
    prover->ref.f32_padded_sum_grad(ref, widths, n_src, ddst, batch, width);
    prover->candidate->f32_padded_sum_grad(candidate, widths, n_src, ddst, batch, width);
    for (size_t t = 0; t < n_src; t++)
        if (!sgeo_prover_compare(prover, dsrc[t], NULL, SGEO_STRICT))
            return false;
    return sgeo_prover_end(prover);
}

bool sgeo_prove_f32_padded_sum_grad(struct sgeo_prover *prover)
{
    return all_widths(prover, padded_sum_grad_case);
}
