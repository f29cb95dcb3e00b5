/* Proofs of the kernels with one coefficient or one sum a channel. */
#include <math.h>

#include "kernels/prove/layouts.h"
#include "kernels/prove/prover.h"
#include "kernels/ref/index.h"

/* Which outputs a case has, and what dst or relu is. */
enum outputs { DST, RELU, BOTH, DST_IN_PLACE, RELU_IN_PLACE, BOTH_IN_PLACE, OUTPUTS };

static const char *const outputs_names[] = {"dst",          "relu",          "dst and relu",
                                            "dst in place", "relu in place", "dst in place, relu"};

/* One case of affine_sum: both kernels' arguments. */
struct affine {
    struct sgeo_buffer *dst, *relu;
    struct sgeo_affine_term candidate[SGEO_AFFINE_MAX_TERMS], ref[SGEO_AFFINE_MAX_TERMS];
    size_t n_terms;
    const float *shift;
};

static const float *maybe_source(struct sgeo_prover *prover, size_t count)
{
    return sgeo_prover_coin(prover) ? sgeo_prover_source(prover, count) : NULL;
}

static struct affine affine_of(struct sgeo_prover *prover, const struct sgeo_layout *layout,
                               size_t n_terms, enum outputs outputs)
{
    struct affine affine = {.n_terms = n_terms};
    size_t elems = sgeo_shape_elems(layout), channels = sgeo_ref_channels(layout);
    struct sgeo_buffer *in_place = NULL;
    if (outputs >= DST_IN_PLACE)
        in_place = sgeo_prover_buffer(prover, SGEO_FLOATS, SGEO_INOUT, elems);
    size_t shared = sgeo_prover_below(prover, n_terms);
    for (size_t t = 0; t < n_terms; t++) {
        const float *center = maybe_source(prover, channels),
                    *scale = maybe_source(prover, channels);
        bool is_shared = in_place && t == shared;
        const float *own = is_shared ? NULL : sgeo_prover_source(prover, elems);
        affine.candidate[t] = (struct sgeo_affine_term){
            is_shared ? sgeo_candidate_floats(in_place) : own, center, scale};
        affine.ref[t] =
            (struct sgeo_affine_term){is_shared ? sgeo_ref_floats(in_place) : own, center, scale};
    }
    affine.shift = maybe_source(prover, channels);
    if (outputs == DST || outputs == BOTH)
        affine.dst = sgeo_prover_buffer(prover, SGEO_FLOATS, SGEO_OUTPUT, elems);
    if (outputs == RELU || outputs == BOTH || outputs == BOTH_IN_PLACE)
        affine.relu = sgeo_prover_buffer(prover, SGEO_FLOATS, SGEO_OUTPUT, elems);
    if (outputs == DST_IN_PLACE || outputs == BOTH_IN_PLACE)
        affine.dst = in_place;
    if (outputs == RELU_IN_PLACE)
        affine.relu = in_place;
    return affine;
}

static double term_magnitude(const struct sgeo_affine_term *term, size_t at, size_t c)
{
    double center = term->center ? (double)term->center[c] : 0.0;
    double scale = term->scale ? (double)term->scale[c] : 1.0;
    return fabs(((double)term->src[at] - center) * scale);
}

/* Magnitudes at the elements that exist; whatever lies between them is never compared by value. */
static void affine_magnitudes(struct sgeo_prover *prover, const struct affine *affine,
                              const struct sgeo_layout *layout)
{
    for (size_t n = 0; n < layout->n; n++)
        for (size_t c = 0; c < sgeo_ref_channels(layout); c++)
            for (size_t y = 0; y < layout->height; y++)
                for (size_t x = 0; x < layout->width; x++) {
                    size_t at = sgeo_ref_at(layout, n, c, y, x);
                    double sum = affine->shift ? fabs((double)affine->shift[c]) : 0.0;
                    for (size_t t = 0; t < affine->n_terms; t++)
                        sum += term_magnitude(&affine->ref[t], at, c);
                    prover->magnitudes[at] = sum;
                }
}

/* relu of -0 is 0: nothing negative may be left, not even a sign. */
static bool no_signs(struct sgeo_prover *prover, const struct sgeo_buffer *relu)
{
    const float *values = sgeo_candidate_floats(relu);
    for (size_t i = 0; relu->role == SGEO_OUTPUT && i < relu->count; i++)
        if (!isnan(values[i]) && signbit(values[i]))
            return sgeo_prover_fail(prover, "relu[%zu] is %g", i, (double)values[i]);
    return true;
}

/* Past f32 a sum has the sign of what overflowed first, where multiply-adds are fused: its ReLU may
 * be 0 for an infinity. */
static void excuse_overflow(const struct sgeo_prover *prover, struct sgeo_buffer *relu)
{
    float *expected = sgeo_ref_floats(relu);
    const float *got = sgeo_candidate_floats(relu);
    for (size_t i = 0; prover->values == SGEO_HUGE && i < relu->count; i++)
        if (isinf(expected[i]) && got[i] == 0.0f &&
            isinf(sgeo_prover_in_f32(prover->magnitudes[i])))
            expected[i] = 0.0f;
}

static float *candidate_or_null(const struct sgeo_buffer *buffer)
{
    return buffer ? sgeo_candidate_floats(buffer) : NULL;
}

static float *ref_or_null(const struct sgeo_buffer *buffer)
{
    return buffer ? sgeo_ref_floats(buffer) : NULL;
}

static bool affine_case(struct sgeo_prover *prover, const struct sgeo_shape *shape, size_t n_terms)
{
    struct sgeo_layout layout = sgeo_shape_layout(shape);
    enum outputs outputs = (enum outputs)(prover->turn % OUTPUTS);
    if (!sgeo_prover_case(prover, "%zux(%zux%zu)x%zux%zu pitch %zu, %zu terms, %s", layout.n,
                          layout.groups, layout.lanes, layout.height, layout.width, layout.pitch,
                          n_terms, outputs_names[outputs]))
        return true;
    struct affine affine = affine_of(prover, &layout, n_terms, outputs);
    affine_magnitudes(prover, &affine, &layout);
    prover->ref.f32_affine_sum(ref_or_null(affine.dst), ref_or_null(affine.relu), affine.ref,
                               n_terms, affine.shift, &layout);
    prover->candidate->f32_affine_sum(candidate_or_null(affine.dst), candidate_or_null(affine.relu),
                                      affine.candidate, n_terms, affine.shift, &layout);
    if (affine.dst && !sgeo_prover_compare(prover, affine.dst, prover->magnitudes, SGEO_STRICT))
        return false;
    if (affine.relu)
        excuse_overflow(prover, affine.relu);
    if (affine.relu && (!no_signs(prover, affine.relu) ||
                        !sgeo_prover_compare(prover, affine.relu, prover->magnitudes, SGEO_STRICT)))
        return false;
    return sgeo_prover_end(prover);
}

bool sgeo_prove_f32_affine_sum(struct sgeo_prover *prover)
{
    static const size_t terms[] = {1, 2, 3, SGEO_AFFINE_MAX_TERMS};
    for (size_t s = 0; s < sgeo_shape_count(); s++)
        for (size_t t = 0; t < sizeof terms / sizeof *terms; t++)
            if (!affine_case(prover, sgeo_shape_at(s), terms[t]))
                return false;
    return true;
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

static bool moments_case(struct sgeo_prover *prover, const struct sgeo_shape *shape)
{
    struct sgeo_layout layout = sgeo_shape_layout(shape);
    size_t channels = sgeo_ref_channels(&layout);
    if (!label_channels(prover, &layout))
        return true;
    const float *src = sgeo_prover_source(prover, sgeo_shape_elems(&layout));
    struct sgeo_buffer *mean = sgeo_prover_buffer(prover, SGEO_DOUBLES, SGEO_OUTPUT, channels);
    struct sgeo_buffer *var = sgeo_prover_buffer(prover, SGEO_DOUBLES, SGEO_OUTPUT, channels);
    double *of_mean = prover->magnitudes, *of_var = prover->magnitudes + channels;
    prover->ref.f32_channel_moments(doubles(mean->twin), doubles(var->twin), src, &layout);
    prover->candidate->f32_channel_moments(doubles(mean->guard.data), doubles(var->guard.data), src,
                                           &layout);
    moments_magnitudes(of_mean, of_var, doubles(mean->twin), doubles(var->twin), src, &layout);
    return sgeo_prover_compare(prover, mean, of_mean, SGEO_LOOSE) &&
           sgeo_prover_compare(prover, var, of_var, SGEO_LOOSE) && sgeo_prover_end(prover);
}

bool sgeo_prove_f32_channel_moments(struct sgeo_prover *prover)
{
    for (size_t s = 0; s < sgeo_shape_count(); s++)
        if (!moments_case(prover, sgeo_shape_at(s)))
            return false;
    return true;
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

static bool dots_case(struct sgeo_prover *prover, const struct sgeo_shape *shape)
{
    struct sgeo_layout layout = sgeo_shape_layout(shape);
    size_t channels = sgeo_ref_channels(&layout), elems = sgeo_shape_elems(&layout);
    if (!label_channels(prover, &layout))
        return true;
    const float *d = sgeo_prover_source(prover, elems), *x = sgeo_prover_source(prover, elems);
    struct sgeo_buffer *center = sgeo_prover_buffer(prover, SGEO_DOUBLES, SGEO_SOURCE, channels);
    struct sgeo_buffer *sum = sgeo_prover_buffer(prover, SGEO_DOUBLES, SGEO_OUTPUT, channels);
    struct sgeo_buffer *dot = sgeo_prover_buffer(prover, SGEO_DOUBLES, SGEO_OUTPUT, channels);
    double *of_sum = prover->magnitudes, *of_dot = prover->magnitudes + channels;
    dots_magnitudes(of_sum, of_dot, d, x, doubles(center->twin), &layout);
    prover->ref.f32_channel_dots(doubles(sum->twin), doubles(dot->twin), d, x,
                                 doubles(center->twin), &layout);
    prover->candidate->f32_channel_dots(doubles(sum->guard.data), doubles(dot->guard.data), d, x,
                                        doubles(center->guard.data), &layout);
    return sgeo_prover_compare(prover, sum, of_sum, SGEO_LOOSE) &&
           sgeo_prover_compare(prover, dot, of_dot, SGEO_LOOSE) && sgeo_prover_end(prover);
}

bool sgeo_prove_f32_channel_dots(struct sgeo_prover *prover)
{
    for (size_t s = 0; s < sgeo_shape_count(); s++)
        if (!dots_case(prover, sgeo_shape_at(s)))
            return false;
    return true;
}

bool sgeo_prove_bf16_affine_sum(struct sgeo_prover *prover)
{
    return sgeo_prover_end(prover); /* no case yet */
}

bool sgeo_prove_bf16_channel_moments(struct sgeo_prover *prover)
{
    return sgeo_prover_end(prover); /* no case yet */
}

bool sgeo_prove_bf16_channel_dots(struct sgeo_prover *prover)
{
    return sgeo_prover_end(prover); /* no case yet */
}
