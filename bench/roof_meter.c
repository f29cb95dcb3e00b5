#include "bench/roof_meter.h"

#include "base/memory.h"
#include "base/rng.h"
#include "bench/roofs/loops.h"

#define UNKNOWN_L1_BYTES ((size_t)32 << 10)
#define UNKNOWN_L2_BYTES ((size_t)512 << 10)
#define DRAM_IN_CACHES   ((size_t)4)
#define GIGA             1e9

/* What the bodies below work on. */
struct sgeo_roof_meter {
    struct sgeo_stopwatch stopwatch;
    struct sgeo_cpu cpu;
    struct sgeo_roofs sizes; /* and the instruction set; nothing measured */
    const struct sgeo_roof_loops *loops;
    float *memory; /* of the largest level */
    float *table;  /* as large */
    uint32_t *rows;
    /* of the current body */
    float *dst, *a, *b;
    size_t n, dim;
    double result;
    float sum[SGEO_ROOF_MAX_DIM];
};

static enum sgeo_status wrong(const char *loop)
{
    return sgeo_fail(SGEO_CHECK_FAILED, "is the machine overclocked, or its memory damaged?",
                     "the %s loop of the roofs computed something wrong", loop);
}

/* --- multiply-adds --- */

static void body_fma(size_t times, void *context)
{
    struct sgeo_roof_meter *meter = context;
    meter->result = meter->loops->fma(times, 0.5f, 0.5f);
}

static enum sgeo_status measure_fma(double *gflops, struct sgeo_roof_meter *meter)
{
    double seconds;
    enum sgeo_status status = sgeo_stopwatch_best(&seconds, &meter->stopwatch, body_fma, meter);
    if (status != SGEO_OK)
        return status;
    if (meter->result != meter->loops->fma_sum)
        return wrong("multiply-add");
    *gflops = meter->loops->fma_flops / seconds / GIGA;
    return SGEO_OK;
}

static const struct sgeo_roof_loops *loops_of(enum sgeo_isa isa)
{
    switch (isa) {
    case SGEO_ISA_SCALAR:
        return &sgeo_roof_loops__scalar;
#if SGEO_KERNELS_X86
    case SGEO_ISA_AVX2:
        return &sgeo_roof_loops__avx2;
    case SGEO_ISA_AVX512:
    case SGEO_ISA_AVX512BF16:
        return &sgeo_roof_loops__avx512;
#endif
#if SGEO_KERNELS_NEON
    case SGEO_ISA_NEON:
        return &sgeo_roof_loops__neon;
#endif
    default:
        return NULL;
    }
}

static enum sgeo_status measure_tiers(struct sgeo_roofs *roofs, struct sgeo_roof_meter *meter)
{
    enum sgeo_status status = SGEO_OK;
    for (int isa = 0; isa < SGEO_ISA_COUNT && status == SGEO_OK; isa++) {
        meter->loops = loops_of((enum sgeo_isa)isa);
        if (meter->loops && sgeo_cpu_supports(&meter->cpu, (enum sgeo_isa)isa, NULL))
            status = measure_fma(&roofs->fma[isa], meter);
    }
    return status;
}

#if SGEO_BENCH_BF16
static void body_bf16(size_t times, void *context)
{
    struct sgeo_roof_meter *meter = context;
    meter->result = sgeo_roof_bf16(times);
}

static enum sgeo_status measure_bf16(struct sgeo_roofs *roofs, struct sgeo_roof_meter *meter)
{
    double seconds;
    if (!sgeo_cpu_supports(&meter->cpu, SGEO_ISA_AVX512BF16, NULL))
        return SGEO_OK;
    enum sgeo_status status = sgeo_stopwatch_best(&seconds, &meter->stopwatch, body_bf16, meter);
    if (status != SGEO_OK)
        return status;
    if (meter->result != sgeo_roof_bf16_sum)
        return wrong("bf16");
    roofs->bf16 = sgeo_roof_bf16_flops / seconds / GIGA;
    return SGEO_OK;
}
#else
static enum sgeo_status measure_bf16(struct sgeo_roofs *roofs, struct sgeo_roof_meter *meter)
{
    (void)roofs;
    (void)meter;
    return SGEO_OK;
}
#endif

/* --- streams --- */

static void fill(float *dst, size_t n, float value)
{
    for (size_t i = 0; i < n; i++)
        dst[i] = value;
}

static bool all_are(const float *src, size_t n, float value)
{
    for (size_t i = 0; i < n; i++)
        if (src[i] != value)
            return false;
    return true;
}

/* Cut `bytes` of the memory into `arrays` arrays of meter->n floats. */
static void cut(struct sgeo_roof_meter *meter, size_t bytes, size_t arrays)
{
    meter->n = bytes / sizeof(float) / arrays / SGEO_ROOF_STEP * SGEO_ROOF_STEP;
    meter->dst = meter->memory;
    meter->a = meter->dst + meter->n;
    meter->b = meter->a + meter->n;
}

static void body_read(size_t times, void *context)
{
    struct sgeo_roof_meter *meter = context;
    for (size_t i = 0; i < times; i++)
        meter->result = meter->loops->read(meter->dst, meter->n);
}

static void body_copy(size_t times, void *context)
{
    struct sgeo_roof_meter *meter = context;
    for (size_t i = 0; i < times; i++)
        meter->loops->copy(meter->dst, meter->a, meter->n);
}

static void body_triad(size_t times, void *context)
{
    struct sgeo_roof_meter *meter = context;
    for (size_t i = 0; i < times; i++)
        meter->loops->triad(meter->dst, meter->a, meter->b, 0.5f, meter->n);
}

/* GB/s of a body that moves `arrays` arrays. */
static enum sgeo_status measure_body(double *gbytes, struct sgeo_roof_meter *meter, size_t arrays,
                                     void (*body)(size_t times, void *context))
{
    double seconds;
    enum sgeo_status status = sgeo_stopwatch_best(&seconds, &meter->stopwatch, body, meter);
    if (status == SGEO_OK)
        *gbytes = (double)(arrays * meter->n * sizeof(float)) / seconds / GIGA;
    return status;
}

static enum sgeo_status measure_read(double *gbytes, struct sgeo_roof_meter *meter, size_t bytes)
{
    cut(meter, bytes, 1);
    fill(meter->dst, meter->n, 1.0f);
    enum sgeo_status status = measure_body(gbytes, meter, 1, body_read);
    return status == SGEO_OK && meter->result != (double)meter->n ? wrong("reading") : status;
}

static enum sgeo_status measure_copy(double *gbytes, struct sgeo_roof_meter *meter, size_t bytes)
{
    cut(meter, bytes, 2);
    fill(meter->dst, meter->n, 0.0f);
    fill(meter->a, meter->n, 3.0f);
    enum sgeo_status status = measure_body(gbytes, meter, 2, body_copy);
    return status == SGEO_OK && !all_are(meter->dst, meter->n, 3.0f) ? wrong("copying") : status;
}

static enum sgeo_status measure_triad(double *gbytes, struct sgeo_roof_meter *meter, size_t bytes)
{
    cut(meter, bytes, 3);
    fill(meter->dst, meter->n, 0.0f);
    fill(meter->a, meter->n, 1.0f);
    fill(meter->b, meter->n, 2.0f);
    enum sgeo_status status = measure_body(gbytes, meter, 3, body_triad);
    return status == SGEO_OK && !all_are(meter->dst, meter->n, 2.0f) ? wrong("triad") : status;
}

/* The summand is nought, so that dst stays what it was, however often. */
static void body_update(size_t times, void *context)
{
    struct sgeo_roof_meter *meter = context;
    for (size_t i = 0; i < times; i++)
        meter->loops->triad(meter->dst, meter->dst, meter->a, 0.5f, meter->n);
}

static enum sgeo_status measure_update(double *gbytes, struct sgeo_roof_meter *meter, size_t bytes)
{
    cut(meter, bytes, 2);
    fill(meter->dst, meter->n, 3.0f);
    fill(meter->a, meter->n, 0.0f);
    enum sgeo_status status = measure_body(gbytes, meter, 3, body_update);
    return status == SGEO_OK && !all_are(meter->dst, meter->n, 3.0f) ? wrong("updating") : status;
}

/* --- random rows --- */

static void body_gather(size_t times, void *context)
{
    struct sgeo_roof_meter *meter = context;
    for (size_t i = 0; i < times; i++)
        meter->loops->gather(meter->sum, meter->table, meter->rows, meter->n, meter->dim);
}

/* Row r holds r % 2: sums stay exact, and a wrong row shows. */
static void fill_table(struct sgeo_roof_meter *meter)
{
    for (size_t r = 0; r < meter->n; r++)
        fill(meter->table + r * meter->dim, meter->dim, (float)(r % 2));
}

/* As many rows as there are, at random; how many of them are odd. */
static size_t draw_rows(struct sgeo_roof_meter *meter)
{
    struct sgeo_rng rng = sgeo_rng_stream(0, "gather", meter->dim);
    size_t odd = 0;
    for (size_t i = 0; i < meter->n; i++) {
        meter->rows[i] = (uint32_t)sgeo_rng_below(&rng, meter->n);
        odd += meter->rows[i] % 2;
    }
    return odd;
}

static enum sgeo_status measure_gather(double *gbytes, struct sgeo_roof_meter *meter, size_t bytes,
                                       size_t row)
{
    double seconds;
    meter->dim = sgeo_roof_row_bytes(row) / sizeof(float);
    meter->n = bytes / sgeo_roof_row_bytes(row);
    fill_table(meter);
    size_t odd = draw_rows(meter);
    enum sgeo_status status = sgeo_stopwatch_best(&seconds, &meter->stopwatch, body_gather, meter);
    if (status != SGEO_OK)
        return status;
    if (!all_are(meter->sum, meter->dim, (float)odd))
        return wrong("gathering");
    *gbytes = (double)(meter->n * sgeo_roof_row_bytes(row)) / seconds / GIGA;
    return SGEO_OK;
}

/* --- one level, one roof, all of it --- */

static enum sgeo_status measure_level(struct sgeo_roofs *roofs, enum sgeo_level level,
                                      struct sgeo_roof_meter *meter)
{
    size_t bytes = roofs->measured_bytes[level];
    enum sgeo_status status = measure_read(&roofs->read[level], meter, bytes);
    if (status == SGEO_OK)
        status = measure_copy(&roofs->copy[level], meter, bytes);
    if (status == SGEO_OK)
        status = measure_triad(&roofs->triad[level], meter, bytes);
    if (status == SGEO_OK)
        status = measure_update(&roofs->update[level], meter, bytes);
    for (size_t r = 0; r < SGEO_ROOF_ROWS && status == SGEO_OK; r++)
        status = measure_gather(&roofs->gather[r][level], meter, bytes, r);
    return status;
}

enum sgeo_status sgeo_roof_meter_again(double *gbytes, struct sgeo_roof_meter *meter,
                                       enum sgeo_roof roof, enum sgeo_level level, size_t row_bytes)
{
    size_t bytes = meter->sizes.measured_bytes[level];
    meter->loops = loops_of(meter->sizes.isa);
    switch (roof) {
    case SGEO_ROOF_READ:
        return measure_read(gbytes, meter, bytes);
    case SGEO_ROOF_TRIAD:
        return measure_triad(gbytes, meter, bytes);
    case SGEO_ROOF_UPDATE:
        return measure_update(gbytes, meter, bytes);
    case SGEO_ROOF_GATHER:
        return measure_gather(gbytes, meter, bytes, sgeo_roof_row_of(row_bytes));
    case SGEO_ROOF_FMA:
        break;
    }
    return sgeo_fail(SGEO_USAGE, NULL, "multiply-adds are no roof of the memory");
}

enum sgeo_status sgeo_roof_meter_all(struct sgeo_roofs *roofs, struct sgeo_roof_meter *meter)
{
    struct sgeo_roofs own = meter->sizes;
    enum sgeo_status status = measure_tiers(&own, meter);
    if (status == SGEO_OK)
        status = measure_bf16(&own, meter);
    meter->loops = loops_of(own.isa);
    for (int level = 0; level < SGEO_LEVELS && status == SGEO_OK; level++)
        status = measure_level(&own, (enum sgeo_level)level, meter);
    if (status == SGEO_OK)
        *roofs = own;
    return status;
}

/* --- the meter --- */

/* Half of a cache, so that all of it stays there. */
static void choose_sizes(struct sgeo_roofs *sizes, const struct sgeo_machine *machine,
                         size_t dram_bytes)
{
    sizes->cache_bytes[SGEO_LEVEL_L1] = machine->l1_bytes ? machine->l1_bytes : UNKNOWN_L1_BYTES;
    sizes->cache_bytes[SGEO_LEVEL_L2] = machine->l2_bytes ? machine->l2_bytes : UNKNOWN_L2_BYTES;
    sizes->cache_bytes[SGEO_LEVEL_L3] = dram_bytes / DRAM_IN_CACHES;
    for (int level = 0; level < SGEO_LEVEL_DRAM; level++)
        sizes->measured_bytes[level] = sizes->cache_bytes[level] / 2;
    sizes->measured_bytes[SGEO_LEVEL_DRAM] = dram_bytes;
}

enum sgeo_status sgeo_roof_meter_create(struct sgeo_roof_meter **meter,
                                        const struct sgeo_machine *machine, size_t dram_bytes,
                                        const struct sgeo_stopwatch *stopwatch)
{
    struct sgeo_roof_meter *own = sgeo_calloc(1, sizeof *own);
    if (!own)
        return sgeo_fail_memory("the meter of the roofs");
    own->stopwatch = *stopwatch;
    sgeo_cpu_detect(&own->cpu);
    own->sizes.isa = sgeo_isa_best(&own->cpu);
    choose_sizes(&own->sizes, machine, dram_bytes);
    own->memory = sgeo_calloc(dram_bytes, 1);
    own->table = sgeo_calloc(dram_bytes, 1);
    own->rows = sgeo_calloc(dram_bytes / sgeo_roof_row_bytes(0), sizeof *own->rows);
    if (!own->memory || !own->table || !own->rows) {
        sgeo_roof_meter_destroy(own);
        return sgeo_fail_memory("the memory that the roofs are measured in");
    }
    *meter = own;
    return SGEO_OK;
}

void sgeo_roof_meter_destroy(struct sgeo_roof_meter *meter)
{
    if (!meter)
        return;
    sgeo_free(meter->memory);
    sgeo_free(meter->table);
    sgeo_free(meter->rows);
    sgeo_free(meter);
}
