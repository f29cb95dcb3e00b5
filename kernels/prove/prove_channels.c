/* Proofs of the kernels with one coefficient or one sum a channel. */
#include <math.h>

#include "kernels/prove/layouts.h"
#include "kernels/prove/prover.h"
#include "kernels/ref/bf16.h"
#include "kernels/ref/index.h"

/* Which outputs a case has, and what dst or relu is. */
enum outputs { DST, RELU, BOTH, DST_IN_PLACE, RELU_IN_PLACE, BOTH_IN_PLACE, OUTPUTS };

static const char *const outputs_names[] = {"dst",          "relu",          "dst and relu",
                                            "dst in place", "relu in place", "dst in place, relu"};

/* One case of an affine sum; values of its sources before it. */
struct affine {
    struct sgeo_layout layout;
    enum sgeo_element element;
    size_t elems, n_terms;
    struct sgeo_buffer *dst, *relu, *src[SGEO_AFFINE_MAX_TERMS];
    const float *values[SGEO_AFFINE_MAX_TERMS];
    const float *center[SGEO_AFFINE_MAX_TERMS], *scale[SGEO_AFFINE_MAX_TERMS];
    const float *shift;
};

static const float *maybe_source(struct sgeo_prover *prover, size_t count)
{
    return sgeo_prover_coin(prover) ? sgeo_prover_source(prover, count) : NULL;
}

static void affine_sources(struct sgeo_prover *prover, struct affine *affine,
                           struct sgeo_buffer *in_place)
{
    size_t channels = sgeo_ref_channels(&affine->layout);
    size_t shared = sgeo_prover_below(prover, affine->n_terms);
    for (size_t t = 0; t < affine->n_terms; t++) {
        affine->center[t] = maybe_source(prover, channels);
        affine->scale[t] = maybe_source(prover, channels);
        affine->src[t] = in_place && t == shared ? in_place
                                                 : sgeo_prover_buffer(prover, affine->element,
                                                                      SGEO_SOURCE, affine->elems);
    }
    affine->shift = maybe_source(prover, channels);
    for (size_t t = 0; t < affine->n_terms; t++)
        affine->values[t] = sgeo_prover_values(prover, affine->src[t]);
}

static struct affine affine_of(struct sgeo_prover *prover, enum sgeo_element element,
                               const struct sgeo_layout *layout, size_t n_terms,
                               enum outputs outputs)
{
    size_t elems = sgeo_shape_elems(layout);
    struct affine affine = {
        .layout = *layout, .element = element, .elems = elems, .n_terms = n_terms};
    struct sgeo_buffer *in_place = NULL;
    if (outputs >= DST_IN_PLACE)
        in_place = sgeo_prover_buffer(prover, element, SGEO_INOUT, elems);
    affine_sources(prover, &affine, in_place);
    if (outputs == DST || outputs == BOTH)
        affine.dst = sgeo_prover_buffer(prover, element, SGEO_OUTPUT, elems);
    if (outputs == RELU || outputs == BOTH || outputs == BOTH_IN_PLACE)
        affine.relu = sgeo_prover_buffer(prover, element, SGEO_OUTPUT, elems);
    if (outputs == DST_IN_PLACE || outputs == BOTH_IN_PLACE)
        affine.dst = in_place;
    if (outputs == RELU_IN_PLACE)
        affine.relu = in_place;
    return affine;
}

static double term_magnitude(const struct affine *affine, size_t t, size_t at, size_t c)
{
    double center = affine->center[t] ? (double)affine->center[t][c] : 0.0;
    double scale = affine->scale[t] ? (double)affine->scale[t][c] : 1.0;
    return fabs(((double)affine->values[t][at] - center) * scale);
}

/* Magnitudes at the elements that exist; whatever lies between them is never compared by value. */
static void affine_magnitudes(struct sgeo_prover *prover, const struct affine *affine)
{
    const struct sgeo_layout *layout = &affine->layout;
    for (size_t n = 0; n < layout->n; n++)
        for (size_t c = 0; c < sgeo_ref_channels(layout); c++)
            for (size_t y = 0; y < layout->height; y++)
                for (size_t x = 0; x < layout->width; x++) {
                    size_t at = sgeo_ref_at(layout, n, c, y, x);
                    double sum = affine->shift ? fabs((double)affine->shift[c]) : 0.0;
                    for (size_t t = 0; t < affine->n_terms; t++)
                        sum += term_magnitude(affine, t, at, c);
                    prover->magnitudes[at] = sum;
                }
}

/* relu of -0 is 0: nothing negative may be left, not even a sign. */
static bool no_signs(struct sgeo_prover *prover, const struct sgeo_buffer *relu)
{
    const float *floats = sgeo_candidate_data(relu);
    const uint16_t *halves = sgeo_candidate_data(relu);
    for (size_t i = 0; relu->role == SGEO_OUTPUT && i < relu->count; i++) {
        double value =
            relu->element == SGEO_HALVES ? sgeo_ref_bf16_value(halves[i]) : (double)floats[i];
        if (!isnan(value) && signbit(value))
            return sgeo_prover_fail(prover, "relu[%zu] is %g", i, value);
    }
    return true;
}

/* Past f32 a sum has the sign of what overflowed first, where multiply-adds are fused: its ReLU may
 * be 0 for an infinity. */
static void excuse_overflow(const struct sgeo_prover *prover, const struct sgeo_buffer *relu,
                            float *expected)
{
    const float *floats = sgeo_candidate_data(relu);
    const uint16_t *halves = sgeo_candidate_data(relu);
    for (size_t i = 0; prover->values == SGEO_HUGE && i < relu->count; i++) {
        bool is_zero = relu->element == SGEO_HALVES ? halves[i] == 0 : floats[i] == 0.0f;
        if (isinf(expected[i]) && is_zero && isinf(sgeo_prover_in_f32(prover->magnitudes[i])))
            expected[i] = 0.0f;
    }
}

/* A buffer's side, if there is one. */
static void *maybe(void *(*side)(const struct sgeo_buffer *), const struct sgeo_buffer *buffer)
{
    return buffer ? side(buffer) : NULL;
}

/* A kernel on its side of the buffers. */
static void run_f32_affine(sgeo_f32_affine_sum_fn kernel, const struct affine *affine,
                           void *(*side)(const struct sgeo_buffer *))
{
    struct sgeo_affine_term terms[SGEO_AFFINE_MAX_TERMS];
    for (size_t t = 0; t < affine->n_terms; t++)
        terms[t] =
            (struct sgeo_affine_term){side(affine->src[t]), affine->center[t], affine->scale[t]};
    kernel(maybe(side, affine->dst), maybe(side, affine->relu), terms, affine->n_terms,
           affine->shift, &affine->layout);
}

static void run_bf16_affine(sgeo_bf16_affine_sum_fn kernel, const struct affine *affine)
{
    struct sgeo_bf16_affine_term terms[SGEO_AFFINE_MAX_TERMS];
    for (size_t t = 0; t < affine->n_terms; t++)
        terms[t] = (struct sgeo_bf16_affine_term){sgeo_candidate_data(affine->src[t]),
                                                  affine->center[t], affine->scale[t]};
    kernel(maybe(sgeo_candidate_data, affine->dst), maybe(sgeo_candidate_data, affine->relu), terms,
           affine->n_terms, affine->shift, &affine->layout);
}

/* What the sums are before they are rounded. */
static void run_exact_affine(const struct sgeo_prover *prover, const struct affine *affine,
                             struct sgeo_buffer *dst, struct sgeo_buffer *relu)
{
    struct sgeo_affine_term terms[SGEO_AFFINE_MAX_TERMS];
    for (size_t t = 0; t < affine->n_terms; t++)
        terms[t] =
            (struct sgeo_affine_term){affine->values[t], affine->center[t], affine->scale[t]};
    prover->ref.f32_affine_sum(sgeo_ref_floats(dst), sgeo_ref_floats(relu), terms, affine->n_terms,
                               affine->shift, &affine->layout);
}

static bool compare_f32_affine(struct sgeo_prover *prover, const struct affine *affine)
{
    run_f32_affine(prover->ref.f32_affine_sum, affine, sgeo_ref_data);
    run_f32_affine(prover->candidate->f32_affine_sum, affine, sgeo_candidate_data);
    if (affine->dst && !sgeo_prover_compare(prover, affine->dst, prover->magnitudes, SGEO_STRICT))
        return false;
    if (!affine->relu)
        return true;
    excuse_overflow(prover, affine->relu, sgeo_ref_floats(affine->relu));
    return no_signs(prover, affine->relu) &&
           sgeo_prover_compare(prover, affine->relu, prover->magnitudes, SGEO_STRICT);
}

static bool compare_bf16_affine(struct sgeo_prover *prover, const struct affine *affine)
{
    struct sgeo_buffer *exact = sgeo_prover_scratch(prover, affine->elems);
    struct sgeo_buffer *exact_relu = sgeo_prover_scratch(prover, affine->elems);
    run_exact_affine(prover, affine, exact, exact_relu);
    run_bf16_affine(prover->candidate->bf16_affine_sum, affine);
    if (affine->dst && !sgeo_prover_compare_rounded(prover, affine->dst, exact, prover->magnitudes))
        return false;
    if (!affine->relu)
        return true;
    excuse_overflow(prover, affine->relu, sgeo_ref_floats(exact_relu));
    return no_signs(prover, affine->relu) &&
           sgeo_prover_compare_rounded(prover, affine->relu, exact_relu, prover->magnitudes);
}

static bool affine_case(struct sgeo_prover *prover, enum sgeo_element element,
                        const struct sgeo_shape *shape, size_t n_terms)
{
    struct sgeo_layout layout = sgeo_shape_layout(shape);
    enum outputs outputs = (enum outputs)(prover->turn % OUTPUTS);
    if (!sgeo_prover_case(prover, "%zux(%zux%zu)x%zux%zu pitch %zu, %zu terms, %s", layout.n,
                          layout.groups, layout.lanes, layout.height, layout.width, layout.pitch,
                          n_terms, outputs_names[outputs]))
        return true;
    struct affine affine = affine_of(prover, element, &layout, n_terms, outputs);
    affine_magnitudes(prover, &affine);
    bool same = element == SGEO_HALVES ? compare_bf16_affine(prover, &affine)
                                       : compare_f32_affine(prover, &affine);
    return same && sgeo_prover_end(prover);
}

static bool prove_affine_sum(struct sgeo_prover *prover, enum sgeo_element element)
{
    static const size_t terms[] = {1, 2, 3, SGEO_AFFINE_MAX_TERMS};
    for (size_t s = 0; s < sgeo_shape_count(); s++)
        for (size_t t = 0; t < sizeof terms / sizeof *terms; t++)
            if (!affine_case(prover, element, sgeo_shape_at(s), terms[t]))
                return false;
    return true;
}

bool sgeo_prove_f32_affine_sum(struct sgeo_prover *prover)
{
    return prove_affine_sum(prover, SGEO_FLOATS);
}

bool sgeo_prove_bf16_affine_sum(struct sgeo_prover *prover)
{
    return prove_affine_sum(prover, SGEO_HALVES);
}

static bool label_channels(struct sgeo_prover *prover, const struct sgeo_layout *layout)
{
    return sgeo_prover_case(prover, "%zux(%zux%zu)x%zux%zu pitch %zu", layout->n, layout->groups,
                            layout->lanes, layout->height, layout->width, layout->pitch);
}

static double *doubles(void *bytes)
{
    return bytes;
}

/* Rounding of the shifted sums is relative to the distance from the first element, squared for var.
 */
static void moments_magnitudes(double *of_mean, double *of_var, const double *mean,
                               const double *var, const float *src,
                               const struct sgeo_layout *layout)
{
    for (size_t c = 0; c < sgeo_ref_channels(layout); c++) {
        double first = layout->n ? (double)src[sgeo_ref_at(layout, 0, c, 0, 0)] : 0.0;
        double shift = first - mean[c];
        of_mean[c] = fabs(mean[c]) + fabs(shift) + sqrt(var[c]);
        of_var[c] = var[c] + shift * shift;
    }
}

/* Where squares and products are f32's: what is beyond it is infinite. */
static void in_f32(double *magnitudes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        magnitudes[i] = sgeo_prover_in_f32(magnitudes[i]);
}

static bool moments_case(struct sgeo_prover *prover, enum sgeo_element element,
                         const struct sgeo_shape *shape)
{
    struct sgeo_layout layout = sgeo_shape_layout(shape);
    size_t channels = sgeo_ref_channels(&layout);
    if (!label_channels(prover, &layout))
        return true;
    struct sgeo_buffer *src =
        sgeo_prover_buffer(prover, element, SGEO_SOURCE, sgeo_shape_elems(&layout));
    struct sgeo_buffer *mean = sgeo_prover_buffer(prover, SGEO_DOUBLES, SGEO_OUTPUT, channels);
    struct sgeo_buffer *var = sgeo_prover_buffer(prover, SGEO_DOUBLES, SGEO_OUTPUT, channels);
    double *of_mean = prover->magnitudes, *of_var = prover->magnitudes + channels;
    if (element == SGEO_HALVES) {
        prover->ref.bf16_channel_moments(doubles(mean->twin), doubles(var->twin),
                                         sgeo_ref_data(src), &layout);
        prover->candidate->bf16_channel_moments(doubles(mean->guard.data), doubles(var->guard.data),
                                                sgeo_candidate_data(src), &layout);
    } else {
        prover->ref.f32_channel_moments(doubles(mean->twin), doubles(var->twin), sgeo_ref_data(src),
                                        &layout);
        prover->candidate->f32_channel_moments(doubles(mean->guard.data), doubles(var->guard.data),
                                               sgeo_candidate_data(src), &layout);
    }
    moments_magnitudes(of_mean, of_var, doubles(mean->twin), doubles(var->twin),
                       sgeo_prover_values(prover, src), &layout);
    if (element == SGEO_HALVES)
        in_f32(of_var, channels);
    return sgeo_prover_compare(prover, mean, of_mean, SGEO_LOOSE) &&
           sgeo_prover_compare(prover, var, of_var, SGEO_LOOSE) && sgeo_prover_end(prover);
}

static bool prove_moments(struct sgeo_prover *prover, enum sgeo_element element)
{
    for (size_t s = 0; s < sgeo_shape_count(); s++)
        if (!moments_case(prover, element, sgeo_shape_at(s)))
            return false;
    return true;
}

bool sgeo_prove_f32_channel_moments(struct sgeo_prover *prover)
{
    return prove_moments(prover, SGEO_FLOATS);
}

bool sgeo_prove_bf16_channel_moments(struct sgeo_prover *prover)
{
    return prove_moments(prover, SGEO_HALVES);
}

static void dots_magnitudes(double *of_sum, double *of_dot, const float *d, const float *x,
                            const double *center, const struct sgeo_layout *layout)
{
    for (size_t c = 0; c < sgeo_ref_channels(layout); c++) {
        of_sum[c] = 0.0;
        of_dot[c] = 0.0;
        for (size_t i = 0; i < layout->n * layout->height * layout->width; i++) {
            size_t pixels = layout->height * layout->width;
            size_t at = sgeo_ref_at(layout, i / pixels, c, 0, i % pixels);
            of_sum[c] += fabs((double)d[at]);
            of_dot[c] += fabs((double)d[at] * ((double)x[at] - center[c]));
        }
    }
}

/* Centers; of bf16 such as no float is, as means are. */
static struct sgeo_buffer *centers_of(struct sgeo_prover *prover, enum sgeo_element element,
                                      size_t channels)
{
    struct sgeo_buffer *center = sgeo_prover_buffer(prover, SGEO_DOUBLES, SGEO_SOURCE, channels);
    for (size_t c = 0; element == SGEO_HALVES && c < channels; c++)
        doubles(center->twin)[c] = doubles(center->guard.data)[c] *= 1.0 + 0x1.5p-26;
    return center;
}

static bool dots_case(struct sgeo_prover *prover, enum sgeo_element element,
                      const struct sgeo_shape *shape)
{
    struct sgeo_layout layout = sgeo_shape_layout(shape);
    size_t channels = sgeo_ref_channels(&layout), elems = sgeo_shape_elems(&layout);
    if (!label_channels(prover, &layout))
        return true;
    struct sgeo_buffer *d = sgeo_prover_buffer(prover, element, SGEO_SOURCE, elems);
    struct sgeo_buffer *x = sgeo_prover_buffer(prover, element, SGEO_SOURCE, elems);
    struct sgeo_buffer *center = centers_of(prover, element, channels);
    struct sgeo_buffer *sum = sgeo_prover_buffer(prover, SGEO_DOUBLES, SGEO_OUTPUT, channels);
    struct sgeo_buffer *dot = sgeo_prover_buffer(prover, SGEO_DOUBLES, SGEO_OUTPUT, channels);
    double *of_sum = prover->magnitudes, *of_dot = prover->magnitudes + channels;
    dots_magnitudes(of_sum, of_dot, sgeo_prover_values(prover, d), sgeo_prover_values(prover, x),
                    doubles(center->twin), &layout);
    if (element == SGEO_HALVES) {
        in_f32(of_dot, channels);
        prover->ref.bf16_channel_dots(doubles(sum->twin), doubles(dot->twin), sgeo_ref_data(d),
                                      sgeo_ref_data(x), doubles(center->twin), &layout);
        prover->candidate->bf16_channel_dots(doubles(sum->guard.data), doubles(dot->guard.data),
                                             sgeo_candidate_data(d), sgeo_candidate_data(x),
                                             doubles(center->guard.data), &layout);
    } else {
        prover->ref.f32_channel_dots(doubles(sum->twin), doubles(dot->twin), sgeo_ref_data(d),
                                     sgeo_ref_data(x), doubles(center->twin), &layout);
        prover->candidate->f32_channel_dots(doubles(sum->guard.data), doubles(dot->guard.data),
                                            sgeo_candidate_data(d), sgeo_candidate_data(x),
                                            doubles(center->guard.data), &layout);
    }
    return sgeo_prover_compare(prover, sum, of_sum, SGEO_LOOSE) &&
           sgeo_prover_compare(prover, dot, of_dot, SGEO_LOOSE) && sgeo_prover_end(prover);
}

static bool prove_dots(struct sgeo_prover *prover, enum sgeo_element element)
{
    for (size_t s = 0; s < sgeo_shape_count(); s++)
        if (!dots_case(prover, element, sgeo_shape_at(s)))
            return false;
    return true;
}

bool sgeo_prove_f32_channel_dots(struct sgeo_prover *prover)
{
    return prove_dots(prover, SGEO_FLOATS);
}

bool sgeo_prove_bf16_channel_dots(struct sgeo_prover *prover)
{
    return prove_dots(prover, SGEO_HALVES);
}
