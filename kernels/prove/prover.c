#define _DEFAULT_SOURCE /* setitimer */
#include "kernels/prove/prover.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include "kernels/prove/upper_halves.h"
#include "kernels/ref/bf16.h"

#define POISON_FLOAT  UINT32_C(0x7fc5dead)
#define POISON_DOUBLE UINT64_C(0x7ff85deaddeadbee)
#define POISON_HALF   UINT16_C(0x7fa5)             /* a signalling NaN */
#define POISON_WORD   UINT64_C(0xa5a5a5a5a5a5a5a5) /* of the integers, as many bytes as they have */

static size_t element_bytes(enum sgeo_element element)
{
    static const size_t bytes[SGEO_ELEMENTS] = {[SGEO_FLOATS] = sizeof(float),
                                                [SGEO_DOUBLES] = sizeof(double),
                                                [SGEO_BYTES] = 1,
                                                [SGEO_HALVES] = sizeof(int16_t),
                                                [SGEO_INTS] = sizeof(int32_t),
                                                [SGEO_LONGS] = sizeof(int64_t)};
    return bytes[element];
}

/* Write what marks an element as never written. */
static void set_poison(void *to, enum sgeo_element element)
{
    uint16_t half = POISON_HALF;
    uint32_t narrow = POISON_FLOAT;
    uint64_t wide = element == SGEO_DOUBLES ? POISON_DOUBLE : POISON_WORD;
    const void *poison = element == SGEO_HALVES   ? (const void *)&half
                         : element == SGEO_FLOATS ? (const void *)&narrow
                                                  : &wide;
    memcpy(to, poison, element_bytes(element));
}

bool sgeo_prover_init(struct sgeo_prover *prover)
{
    prover->sees_upper_halves = sgeo_upper_halves_show();
    prover->magnitudes = malloc(SGEO_GUARD_BYTES / sizeof(float) * sizeof(double));
    if (!prover->magnitudes)
        return false;
    for (size_t i = 0; i < SGEO_PROVER_BUFFERS; i++) {
        prover->buffers[i].twin = malloc(SGEO_GUARD_BYTES);
        if (!prover->buffers[i].twin || !sgeo_guard_map(&prover->buffers[i].guard))
            return false;
    }
    return true;
}

/* CPU time, not the clock's: a busy machine stops no proof. SIGPROF ends the process. */
static void limit_case(void)
{
    setitimer(ITIMER_PROF, &(struct itimerval){.it_value = {.tv_sec = SGEO_CASE_CPU_SECONDS}},
              NULL);
}

bool sgeo_prover_case(struct sgeo_prover *prover, const char *format, ...)
{
    size_t number = prover->passed++;
    prover->turn++;
    if (prover->chosen != SGEO_EVERY_CASE && prover->chosen != number)
        return false;
    va_list args;
    va_start(args, format);
    int used = snprintf(prover->label, SGEO_LABEL_BYTES, "%s values, %s, ",
                        sgeo_values_name(prover->values), sgeo_placement_name(prover->placement));
    vsnprintf(prover->label + used, SGEO_LABEL_BYTES - (size_t)used, format, args);
    va_end(args);
    limit_case();
    prover->n_buffers = 0;
    prover->proof->cases++;
    return true;
}

static float nonfinite_value(struct sgeo_rng *rng)
{
    switch (sgeo_rng_below(rng, 24)) {
    case 0:
        return NAN;
    case 1:
        return INFINITY;
    case 2:
        return -INFINITY;
    default:
        return (float)(4.0 * sgeo_rng_uniform(rng) - 2.0);
    }
}

static float value_of(enum sgeo_values values, struct sgeo_rng *rng)
{
    static const float zeros[] = {0.0f, -0.0f, 1.0f, -1.0f};
    double centred = 4.0 * sgeo_rng_uniform(rng) - 2.0;
    switch (values) {
    case SGEO_OFFSET:
        return (float)(1000.0 + 0.005 * centred);
    case SGEO_TINY:
        return (float)(1e-30 * centred);
    case SGEO_DENORMAL:
        return (float)(1e-40 * centred);
    case SGEO_ZEROS:
        return zeros[sgeo_rng_below(rng, 4)];
    case SGEO_NONFINITE:
        return nonfinite_value(rng);
    case SGEO_HUGE:
        return (float)(1e30 * centred);
    case SGEO_ORDINARY:
    case SGEO_VALUES:
        break;
    }
    return (float)centred;
}

/* Element i of a buffer in the twin: a value of the case, or poison. */
static void set_element(struct sgeo_prover *prover, struct sgeo_buffer *buffer, size_t i)
{
    unsigned char *to = (unsigned char *)buffer->twin + i * element_bytes(buffer->element);
    if (buffer->role == SGEO_OUTPUT) {
        set_poison(to, buffer->element);
        return;
    }
    assert(buffer->element == SGEO_FLOATS || buffer->element == SGEO_DOUBLES ||
           buffer->element == SGEO_HALVES);
    float value = value_of(prover->values, &prover->rng);
    double wide = (double)value;
    uint16_t half = sgeo_ref_bf16(wide);
    const void *from = buffer->element == SGEO_FLOATS    ? (const void *)&value
                       : buffer->element == SGEO_DOUBLES ? (const void *)&wide
                                                         : &half;
    memcpy(to, from, element_bytes(buffer->element));
}

/* The next buffer of the case, not filled yet. */
static struct sgeo_buffer *take_buffer(struct sgeo_prover *prover, enum sgeo_element element,
                                       enum sgeo_role role, size_t count)
{
    assert(prover->n_buffers < SGEO_PROVER_BUFFERS);
    struct sgeo_buffer *buffer = &prover->buffers[prover->n_buffers++];
    size_t bytes = element_bytes(element);
    buffer->element = element;
    buffer->role = role;
    buffer->count = count;
    sgeo_guard_place(&buffer->guard, prover->placement, count * bytes, bytes);
    return buffer;
}

struct sgeo_buffer *sgeo_prover_buffer(struct sgeo_prover *prover, enum sgeo_element element,
                                       enum sgeo_role role, size_t count)
{
    struct sgeo_buffer *buffer = take_buffer(prover, element, role, count);
    for (size_t i = 0; i < count; i++)
        set_element(prover, buffer, i);
    memcpy(buffer->guard.data, buffer->twin, buffer->guard.n_bytes);
    return buffer;
}

struct sgeo_buffer *sgeo_prover_copy(struct sgeo_prover *prover, enum sgeo_element element,
                                     enum sgeo_role role, size_t count, const void *content)
{
    struct sgeo_buffer *buffer = take_buffer(prover, element, role, count);
    if (count > 0) {
        memcpy(buffer->twin, content, buffer->guard.n_bytes);
        memcpy(buffer->guard.data, content, buffer->guard.n_bytes);
    }
    return buffer;
}

struct sgeo_buffer *sgeo_prover_accumulator(struct sgeo_prover *prover, size_t count)
{
    struct sgeo_buffer *buffer = sgeo_prover_buffer(prover, SGEO_FLOATS, SGEO_INOUT, count);
    for (size_t i = 0; i < count; i++)
        sgeo_candidate_floats(buffer)[i] = sgeo_ref_floats(buffer)[i] =
            fabsf(sgeo_ref_floats(buffer)[i]);
    return buffer;
}

void *sgeo_candidate_data(const struct sgeo_buffer *buffer)
{
    return buffer->guard.data;
}

void *sgeo_ref_data(const struct sgeo_buffer *buffer)
{
    return buffer->twin;
}

float *sgeo_candidate_floats(const struct sgeo_buffer *buffer)
{
    return sgeo_candidate_data(buffer);
}

float *sgeo_ref_floats(const struct sgeo_buffer *buffer)
{
    return sgeo_ref_data(buffer);
}

const float *sgeo_prover_source(struct sgeo_prover *prover, size_t count)
{
    return sgeo_candidate_floats(sgeo_prover_buffer(prover, SGEO_FLOATS, SGEO_SOURCE, count));
}

struct sgeo_buffer *sgeo_prover_scratch(struct sgeo_prover *prover, size_t count)
{
    return sgeo_prover_buffer(prover, SGEO_FLOATS, SGEO_OUTPUT, count);
}

const float *sgeo_prover_values(struct sgeo_prover *prover, const struct sgeo_buffer *buffer)
{
    if (buffer->element == SGEO_FLOATS)
        return sgeo_ref_floats(buffer);
    assert(buffer->element == SGEO_HALVES);
    const uint16_t *halves = sgeo_ref_data(buffer);
    float *values = sgeo_ref_floats(sgeo_prover_scratch(prover, buffer->count));
    for (size_t i = 0; i < buffer->count; i++)
        values[i] = (float)sgeo_ref_bf16_value(halves[i]);
    return values;
}

const float *sgeo_prover_absolute(struct sgeo_prover *prover, const float *source, size_t count)
{
    float *copy = sgeo_ref_floats(sgeo_prover_scratch(prover, count));
    for (size_t i = 0; i < count; i++)
        copy[i] = fabsf(source[i]);
    return copy;
}

const double *sgeo_prover_magnitudes(struct sgeo_prover *prover, const float *results, size_t count)
{
    for (size_t i = 0; i < count; i++)
        prover->magnitudes[i] = (double)results[i];
    return prover->magnitudes;
}

bool sgeo_prover_fail(struct sgeo_prover *prover, const char *format, ...)
{
    struct sgeo_proof *proof = prover->proof;
    if (proof->verdict != SGEO_PROVEN)
        return false; /* the first failure of a case is the one to tell */
    va_list args;
    va_start(args, format);
    vsnprintf(proof->failure, sizeof proof->failure, format, args);
    va_end(args);
    proof->verdict = SGEO_WRONG;
    memcpy(proof->where, prover->label, SGEO_LABEL_BYTES);
    return false;
}

bool sgeo_prover_is_clean(struct sgeo_prover *prover)
{
    return !prover->sees_upper_halves || !sgeo_upper_halves_in_use() ||
           sgeo_prover_fail(prover, "left the upper halves of vector registers in use");
}

static bool same_nonfinite(double got, double expected, enum sgeo_strictness strictness)
{
    if (strictness == SGEO_LOOSE)
        return !isfinite(got);
    return isnan(expected) ? isnan(got) : got == expected;
}

static bool same_number(struct sgeo_prover *prover, double got, double expected, double magnitude,
                        enum sgeo_strictness strictness)
{
    struct sgeo_proof *proof = prover->proof;
    if (!isfinite(expected))
        return same_nonfinite(got, expected, strictness) ||
               sgeo_prover_fail(prover, "got %.9g for %.9g", got, expected);
    if (proof->bound == 0.0) /* exact: the sign of a zero counts as well */
        return (got == expected && !signbit(got) == !signbit(expected)) ||
               sgeo_prover_fail(prover, "got %.9g for %.9g", got, expected);
    /* Results below FLT_MIN have no relative accuracy: one denormal step is 1e-7 of it. */
    double difference = fabs(got - expected), slack = 4.0 * (double)FLT_MIN;
    double error = difference <= slack ? 0.0 : (difference - slack) / magnitude;
    if (!(error <= proof->bound))
        return sgeo_prover_fail(prover, "got %.9g for %.9g, error %.3g", got, expected, error);
    if (error > proof->worst_error) {
        proof->worst_error = error;
        memcpy(proof->where, prover->label, SGEO_LABEL_BYTES);
    }
    return true;
}

bool sgeo_prover_compare_value(struct sgeo_prover *prover, double got, double expected,
                               double magnitude, enum sgeo_strictness strictness)
{
    return sgeo_prover_is_clean(prover) &&
           same_number(prover, got, expected, magnitude, strictness);
}

double sgeo_prover_in_f32(double x)
{
    return x > (double)FLT_MAX ? (double)INFINITY : x;
}

/* A float on whose way something is beyond f32: what is not finite need not be so in the same way.
 */
static bool same_overflow(struct sgeo_prover *prover, double got, double expected, double magnitude)
{
    return !isfinite(got) || same_number(prover, got, expected, magnitude, SGEO_LOOSE);
}

/* Element i as a number; integers are exact up to 2^53. */
static double number_at(const void *bytes, enum sgeo_element element, size_t i)
{
    switch (element) {
    case SGEO_FLOATS:
        return (double)((const float *)bytes)[i];
    case SGEO_DOUBLES:
        return ((const double *)bytes)[i];
    case SGEO_HALVES:
        return sgeo_ref_bf16_value(((const uint16_t *)bytes)[i]);
    case SGEO_INTS:
        return (double)((const int32_t *)bytes)[i];
    case SGEO_LONGS:
        return (double)((const int64_t *)bytes)[i];
    case SGEO_BYTES:
    case SGEO_ELEMENTS:
        break;
    }
    return (double)((const unsigned char *)bytes)[i];
}

/* Whether element i was never written. */
static bool is_poison(const struct sgeo_buffer *buffer, const void *bytes, size_t i)
{
    unsigned char poison[sizeof(uint64_t)];
    size_t n = element_bytes(buffer->element);
    if (buffer->role != SGEO_OUTPUT)
        return false;
    set_poison(poison, buffer->element);
    return memcmp((const unsigned char *)bytes + i * n, poison, n) == 0;
}

/* Of huge values, whether something on the way to an element is beyond f32. */
static bool overflows_f32(const struct sgeo_prover *prover, enum sgeo_element element,
                          double magnitude)
{
    return prover->values == SGEO_HUGE &&
           (element == SGEO_DOUBLES ? isinf(magnitude) : magnitude > (double)FLT_MAX);
}

bool sgeo_prover_compare(struct sgeo_prover *prover, const struct sgeo_buffer *buffer,
                         const double *magnitudes, enum sgeo_strictness strictness)
{
    if (!sgeo_prover_is_clean(prover))
        return false;
    for (size_t i = 0; i < buffer->count; i++) {
        const void *data = buffer->guard.data;
        bool untouched = is_poison(buffer, buffer->twin, i);
        if (untouched != is_poison(buffer, data, i))
            return sgeo_prover_fail(prover, "element %zu was%s written", i,
                                    untouched ? "" : " not");
        double expected = number_at(buffer->twin, buffer->element, i);
        double magnitude = magnitudes ? magnitudes[i] : fabs(expected);
        double got = number_at(data, buffer->element, i);
        bool overflows = magnitudes && overflows_f32(prover, buffer->element, magnitude);
        if (untouched)
            continue;
        if (overflows ? !same_overflow(prover, got, expected, magnitude)
                      : !same_number(prover, got, expected, magnitude, strictness))
            return false;
    }
    return true;
}

/* The number nearest to `exact` that is rounded to `half`; half's own where there is none. */
static double before_rounding(uint16_t half, double exact)
{
    uint32_t bits = half & UINT32_C(0x7fff);
    double sign = half >> 15 ? -1.0 : 1.0;
    if (bits > SGEO_REF_BF16_INFINITE || !isfinite(exact))
        return sgeo_ref_bf16_value(half);
    double low = bits == 0 ? -sgeo_ref_bf16_step(1) / 2.0
                           : (sgeo_ref_bf16_step(bits - 1) + sgeo_ref_bf16_step(bits)) / 2.0;
    double high = bits == SGEO_REF_BF16_INFINITE
                      ? (double)INFINITY
                      : (sgeo_ref_bf16_step(bits) + sgeo_ref_bf16_step(bits + 1)) / 2.0;
    return sign * fmin(fmax(sign * exact, low), high);
}

static bool same_rounded(struct sgeo_prover *prover, uint16_t half, double exact, double magnitude)
{
    double got = before_rounding(half, exact);
    return overflows_f32(prover, SGEO_HALVES, magnitude)
               ? same_overflow(prover, got, exact, magnitude)
               : same_number(prover, got, exact, magnitude, SGEO_STRICT);
}

bool sgeo_prover_compare_rounded(struct sgeo_prover *prover, const struct sgeo_buffer *buffer,
                                 const struct sgeo_buffer *exact, const double *magnitudes)
{
    const uint16_t *halves = sgeo_candidate_data(buffer), *before = buffer->twin;
    if (!sgeo_prover_is_clean(prover))
        return false;
    for (size_t i = 0; i < buffer->count; i++) {
        bool untouched = is_poison(exact, exact->twin, i);
        if (untouched ? halves[i] != before[i] : is_poison(buffer, halves, i))
            return sgeo_prover_fail(prover, "element %zu was%s written", i,
                                    untouched ? "" : " not");
        double expected = (double)sgeo_ref_floats(exact)[i];
        double magnitude = magnitudes ? magnitudes[i] : fabs(expected);
        if (!untouched && !same_rounded(prover, halves[i], expected, magnitude))
            return false;
    }
    return true;
}

bool sgeo_prover_end(struct sgeo_prover *prover)
{
    for (size_t i = 0; i < prover->n_buffers; i++) {
        const struct sgeo_buffer *buffer = &prover->buffers[i];
        size_t n_bytes = buffer->count * element_bytes(buffer->element);
        if (!sgeo_guard_intact(&buffer->guard))
            return sgeo_prover_fail(prover, "wrote next to buffer %zu", i);
        if (buffer->role == SGEO_SOURCE && memcmp(buffer->guard.data, buffer->twin, n_bytes) != 0)
            return sgeo_prover_fail(prover, "wrote to source %zu", i);
    }
    return prover->proof->verdict == SGEO_PROVEN;
}

size_t sgeo_prover_length(const struct sgeo_prover *prover, size_t i)
{
    size_t tile = prover->tile;
    const size_t lengths[] = {0,
                              1,
                              3,
                              tile / 2,
                              tile - 1,
                              tile,
                              tile + 1,
                              tile + 7,
                              2 * tile - 1,
                              2 * tile,
                              2 * tile + 1,
                              3 * tile - 1,
                              8 * tile + 5};
    return i < sizeof lengths / sizeof *lengths ? lengths[i] : SIZE_MAX;
}

size_t sgeo_prover_below(struct sgeo_prover *prover, size_t bound)
{
    return (size_t)sgeo_rng_below(&prover->rng, bound);
}

bool sgeo_prover_coin(struct sgeo_prover *prover)
{
    return sgeo_prover_below(prover, 2) == 1;
}

const char *sgeo_values_name(enum sgeo_values values)
{
    static const char *const names[] = {
        [SGEO_ORDINARY] = "ordinary", [SGEO_OFFSET] = "offset", [SGEO_TINY] = "tiny",
        [SGEO_DENORMAL] = "denormal", [SGEO_ZEROS] = "zeros",   [SGEO_NONFINITE] = "nonfinite",
        [SGEO_HUGE] = "huge",
    };
    return names[values];
}

const char *sgeo_placement_name(enum sgeo_placement placement)
{
    static const char *const names[] = {
        [SGEO_AT_END] = "at the end", [SGEO_AT_START] = "at the start", [SGEO_ASKEW] = "askew"};
    return names[placement];
}
