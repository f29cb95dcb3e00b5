#include "bench/roofs.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/rng.h"
#include "bench/roofs/loops.h"

#define UNKNOWN_L1_BYTES ((size_t)32 << 10)
#define UNKNOWN_L2_BYTES ((size_t)512 << 10)
#define DRAM_IN_CACHES   ((size_t)4)
#define GIGA             1e9

static const size_t row_dims[SGEO_ROOF_ROWS] = {16, 32, 64, 128};

/* What the bodies below work on. */
struct bench {
    const struct sgeo_roof_loops *loops;
    const struct sgeo_stopwatch *stopwatch;
    float *memory; /* of the largest level */
    float *table;  /* as large, in huge pages as embedding tables are */
    uint32_t *rows;
    /* of the current body */
    float *dst, *a, *b;
    size_t n, dim;
    double result;
    float sum[SGEO_ROOF_MAX_DIM];
};

const char *sgeo_level_name(enum sgeo_level level)
{
    static const char *const names[SGEO_LEVELS] = {"L1", "L2", "L3", "DRAM"};
    return names[level];
}

size_t sgeo_roof_row_bytes(size_t index)
{
    return row_dims[index] * sizeof(float);
}

static enum sgeo_status wrong(const char *loop)
{
    return sgeo_fail(SGEO_CHECK_FAILED, "is the machine overclocked, or its memory damaged?",
                     "the %s loop of the roofs computed something wrong", loop);
}

/* --- multiply-adds --- */

static void body_fma(size_t times, void *context)
{
    struct bench *bench = context;
    bench->result = bench->loops->fma(times, 0.5f, 0.5f);
}

static enum sgeo_status measure_fma(double *gflops, struct bench *bench)
{
    double seconds;
    enum sgeo_status status = sgeo_stopwatch_best(&seconds, bench->stopwatch, body_fma, bench);
    if (status != SGEO_OK)
        return status;
    if (bench->result != bench->loops->fma_sum)
        return wrong("multiply-add");
    *gflops = bench->loops->fma_flops / seconds / GIGA;
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

static enum sgeo_status measure_tiers(struct sgeo_roofs *roofs, const struct sgeo_cpu *cpu,
                                      struct bench *bench)
{
    enum sgeo_status status = SGEO_OK;
    for (int isa = 0; isa < SGEO_ISA_COUNT && status == SGEO_OK; isa++) {
        bench->loops = loops_of((enum sgeo_isa)isa);
        if (bench->loops && sgeo_cpu_supports(cpu, (enum sgeo_isa)isa, NULL))
            status = measure_fma(&roofs->fma[isa], bench);
    }
    return status;
}

#if SGEO_BENCH_BF16
static void body_bf16(size_t times, void *context)
{
    struct bench *bench = context;
    bench->result = sgeo_roof_bf16(times);
}

static enum sgeo_status measure_bf16(struct sgeo_roofs *roofs, const struct sgeo_cpu *cpu,
                                     struct bench *bench)
{
    double seconds;
    if (!sgeo_cpu_supports(cpu, SGEO_ISA_AVX512BF16, NULL))
        return SGEO_OK;
    enum sgeo_status status = sgeo_stopwatch_best(&seconds, bench->stopwatch, body_bf16, bench);
    if (status != SGEO_OK)
        return status;
    if (bench->result != sgeo_roof_bf16_sum)
        return wrong("bf16");
    roofs->bf16 = sgeo_roof_bf16_flops / seconds / GIGA;
    return SGEO_OK;
}
#else
static enum sgeo_status measure_bf16(struct sgeo_roofs *roofs, const struct sgeo_cpu *cpu,
                                     struct bench *bench)
{
    (void)roofs;
    (void)cpu;
    (void)bench;
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

/* Cut `bytes` of the memory into `arrays` arrays of bench->n floats. */
static void cut(struct bench *bench, size_t bytes, size_t arrays)
{
    bench->n = bytes / sizeof(float) / arrays / SGEO_ROOF_STEP * SGEO_ROOF_STEP;
    bench->dst = bench->memory;
    bench->a = bench->dst + bench->n;
    bench->b = bench->a + bench->n;
}

static void body_read(size_t times, void *context)
{
    struct bench *bench = context;
    for (size_t i = 0; i < times; i++)
        bench->result = bench->loops->read(bench->dst, bench->n);
}

static void body_copy(size_t times, void *context)
{
    struct bench *bench = context;
    for (size_t i = 0; i < times; i++)
        bench->loops->copy(bench->dst, bench->a, bench->n);
}

static void body_triad(size_t times, void *context)
{
    struct bench *bench = context;
    for (size_t i = 0; i < times; i++)
        bench->loops->triad(bench->dst, bench->a, bench->b, 0.5f, bench->n);
}

/* GB/s of a body that moves `arrays` arrays. */
static enum sgeo_status measure_body(double *gbytes, struct bench *bench, size_t arrays,
                                     void (*body)(size_t times, void *context))
{
    double seconds;
    enum sgeo_status status = sgeo_stopwatch_best(&seconds, bench->stopwatch, body, bench);
    if (status == SGEO_OK)
        *gbytes = (double)(arrays * bench->n * sizeof(float)) / seconds / GIGA;
    return status;
}

static enum sgeo_status measure_read(double *gbytes, struct bench *bench, size_t bytes)
{
    cut(bench, bytes, 1);
    fill(bench->dst, bench->n, 1.0f);
    enum sgeo_status status = measure_body(gbytes, bench, 1, body_read);
    return status == SGEO_OK && bench->result != (double)bench->n ? wrong("reading") : status;
}

static enum sgeo_status measure_copy(double *gbytes, struct bench *bench, size_t bytes)
{
    cut(bench, bytes, 2);
    fill(bench->dst, bench->n, 0.0f);
    fill(bench->a, bench->n, 3.0f);
    enum sgeo_status status = measure_body(gbytes, bench, 2, body_copy);
    return status == SGEO_OK && !all_are(bench->dst, bench->n, 3.0f) ? wrong("copying") : status;
}

static enum sgeo_status measure_triad(double *gbytes, struct bench *bench, size_t bytes)
{
    cut(bench, bytes, 3);
    fill(bench->dst, bench->n, 0.0f);
    fill(bench->a, bench->n, 1.0f);
    fill(bench->b, bench->n, 2.0f);
    enum sgeo_status status = measure_body(gbytes, bench, 3, body_triad);
    return status == SGEO_OK && !all_are(bench->dst, bench->n, 2.0f) ? wrong("triad") : status;
}

/* --- random rows --- */

static void body_gather(size_t times, void *context)
{
    struct bench *bench = context;
    for (size_t i = 0; i < times; i++)
        bench->loops->gather(bench->sum, bench->table, bench->rows, bench->n, bench->dim);
}

/* Row r holds r % 2: sums stay exact, and a wrong row shows. */
static void fill_table(struct bench *bench)
{
    for (size_t r = 0; r < bench->n; r++)
        fill(bench->table + r * bench->dim, bench->dim, (float)(r % 2));
}

/* As many rows as there are, at random; how many of them are odd. */
static size_t draw_rows(struct bench *bench)
{
    struct sgeo_rng rng = sgeo_rng_stream(0, "gather", bench->dim);
    size_t odd = 0;
    for (size_t i = 0; i < bench->n; i++) {
        bench->rows[i] = (uint32_t)sgeo_rng_below(&rng, bench->n);
        odd += bench->rows[i] % 2;
    }
    return odd;
}

static enum sgeo_status measure_gather(double *gbytes, struct bench *bench, size_t bytes,
                                       size_t dim)
{
    double seconds;
    bench->dim = dim;
    bench->n = bytes / (dim * sizeof(float));
    fill_table(bench);
    size_t odd = draw_rows(bench);
    enum sgeo_status status = sgeo_stopwatch_best(&seconds, bench->stopwatch, body_gather, bench);
    if (status != SGEO_OK)
        return status;
    if (!all_are(bench->sum, dim, (float)odd))
        return wrong("gathering");
    *gbytes = (double)(bench->n * dim * sizeof(float)) / seconds / GIGA;
    return SGEO_OK;
}

/* --- all of it --- */

static enum sgeo_status measure_level(struct sgeo_roofs *roofs, enum sgeo_level level,
                                      struct bench *bench)
{
    size_t bytes = roofs->measured_bytes[level];
    enum sgeo_status status = measure_read(&roofs->read[level], bench, bytes);
    if (status == SGEO_OK)
        status = measure_copy(&roofs->copy[level], bench, bytes);
    if (status == SGEO_OK)
        status = measure_triad(&roofs->triad[level], bench, bytes);
    for (size_t r = 0; r < SGEO_ROOF_ROWS && status == SGEO_OK; r++)
        status = measure_gather(&roofs->gather[r][level], bench, bytes, row_dims[r]);
    return status;
}

static enum sgeo_status measure_memory(struct sgeo_roofs *roofs, struct bench *bench)
{
    size_t bytes = roofs->measured_bytes[SGEO_LEVEL_DRAM];
    enum sgeo_status status = SGEO_OK;
    bench->loops = loops_of(roofs->isa);
    bench->memory = sgeo_calloc(bytes, 1);
    bench->table = sgeo_calloc_huge(bytes, 1);
    bench->rows = sgeo_calloc(bytes / sgeo_roof_row_bytes(0), sizeof *bench->rows);
    if (!bench->memory || !bench->table || !bench->rows)
        status = sgeo_fail_memory("the memory that the roofs are measured in");
    for (int level = 0; level < SGEO_LEVELS && status == SGEO_OK; level++)
        status = measure_level(roofs, (enum sgeo_level)level, bench);
    sgeo_free(bench->memory);
    sgeo_free(bench->table);
    sgeo_free(bench->rows);
    return status;
}

/* Half of a cache, so that all of it stays there. */
static void choose_sizes(struct sgeo_roofs *roofs, const struct sgeo_machine *machine,
                         size_t dram_bytes)
{
    roofs->cache_bytes[SGEO_LEVEL_L1] = machine->l1_bytes ? machine->l1_bytes : UNKNOWN_L1_BYTES;
    roofs->cache_bytes[SGEO_LEVEL_L2] = machine->l2_bytes ? machine->l2_bytes : UNKNOWN_L2_BYTES;
    roofs->cache_bytes[SGEO_LEVEL_L3] = dram_bytes / DRAM_IN_CACHES;
    for (int level = 0; level < SGEO_LEVEL_DRAM; level++)
        roofs->measured_bytes[level] = roofs->cache_bytes[level] / 2;
    roofs->measured_bytes[SGEO_LEVEL_DRAM] = dram_bytes;
}

enum sgeo_status sgeo_roofs_measure(struct sgeo_roofs *roofs, const struct sgeo_machine *machine,
                                    size_t dram_bytes, const struct sgeo_stopwatch *stopwatch)
{
    struct sgeo_roofs own = {0};
    struct bench bench = {.stopwatch = stopwatch};
    struct sgeo_cpu cpu;
    sgeo_cpu_detect(&cpu);
    own.isa = sgeo_isa_best(&cpu);
    choose_sizes(&own, machine, dram_bytes);
    enum sgeo_status status = measure_tiers(&own, &cpu, &bench);
    if (status == SGEO_OK)
        status = measure_bf16(&own, &cpu, &bench);
    if (status == SGEO_OK)
        status = measure_memory(&own, &bench);
    if (status == SGEO_OK)
        *roofs = own;
    return status;
}

/* --- limits --- */

enum sgeo_level sgeo_roofs_level(const struct sgeo_roofs *roofs, size_t bytes)
{
    int level = SGEO_LEVEL_L1;
    while (level < SGEO_LEVEL_DRAM && bytes > roofs->cache_bytes[level])
        level++;
    return (enum sgeo_level)level;
}

static struct sgeo_limit no_limit(void)
{
    return (struct sgeo_limit){.value = 0.0};
}

static struct sgeo_limit fma_limit(const struct sgeo_roofs *roofs, enum sgeo_isa isa)
{
    struct sgeo_limit limit = {.value = roofs->fma[isa], .is_flops = true};
    if (limit.value <= 0.0)
        return no_limit();
    snprintf(limit.name, sizeof limit.name, "fma:%s", sgeo_isa_name(isa));
    return limit;
}

static struct sgeo_limit memory_limit(const char *what, const double *values, enum sgeo_level level)
{
    struct sgeo_limit limit = {.value = values[level]};
    snprintf(limit.name, sizeof limit.name, "%s:%s", what, sgeo_level_name(level));
    return limit;
}

static struct sgeo_limit gather_limit(const struct sgeo_roofs *roofs, size_t index,
                                      enum sgeo_level level)
{
    char what[16];
    snprintf(what, sizeof what, "gather%zu", sgeo_roof_row_bytes(index));
    return memory_limit(what, roofs->gather[index], level);
}

struct sgeo_limit sgeo_roofs_limit(const struct sgeo_roofs *roofs, enum sgeo_roof roof,
                                   enum sgeo_isa isa, enum sgeo_level level, size_t row_bytes)
{
    size_t row = 0;
    switch (roof) {
    case SGEO_ROOF_READ:
        return memory_limit("read", roofs->read, level);
    case SGEO_ROOF_TRIAD:
        return memory_limit("triad", roofs->triad, level);
    case SGEO_ROOF_GATHER:
        while (row + 1 < SGEO_ROOF_ROWS && sgeo_roof_row_bytes(row) < row_bytes)
            row++;
        return gather_limit(roofs, row, level);
    case SGEO_ROOF_FMA:
        return fma_limit(roofs, isa);
    }
    return no_limit();
}

/* Limits of a level: reading, copying, triad, rows. */
#define LEVEL_LIMITS (3 + SGEO_ROOF_ROWS)

static struct sgeo_limit limit_of_level(const struct sgeo_roofs *roofs, enum sgeo_level level,
                                        size_t which)
{
    switch (which) {
    case 0:
        return memory_limit("read", roofs->read, level);
    case 1:
        return memory_limit("copy", roofs->copy, level);
    case 2:
        return memory_limit("triad", roofs->triad, level);
    default:
        return gather_limit(roofs, which - 3, level);
    }
}

bool sgeo_roofs_at(struct sgeo_limit *limit, const struct sgeo_roofs *roofs, size_t index)
{
    for (int isa = 0; isa < SGEO_ISA_COUNT; isa++)
        if (roofs->fma[isa] > 0.0 && index-- == 0) {
            *limit = fma_limit(roofs, (enum sgeo_isa)isa);
            return true;
        }
    if (roofs->bf16 > 0.0 && index-- == 0) {
        *limit = (struct sgeo_limit){.name = "fma:bf16", .value = roofs->bf16, .is_flops = true};
        return true;
    }
    if (index >= SGEO_LEVELS * LEVEL_LIMITS)
        return false;
    *limit = limit_of_level(roofs, (enum sgeo_level)(index / LEVEL_LIMITS), index % LEVEL_LIMITS);
    return true;
}

static void print_row(struct sgeo_text *text, const char *what, const double *values)
{
    sgeo_text_append(text, "  %-10s", what);
    for (int level = 0; level < SGEO_LEVELS; level++)
        sgeo_text_append(text, " %8.1f", values[level]);
    sgeo_text_append(text, "\n");
}

static void print_flops(struct sgeo_text *text, const struct sgeo_roofs *roofs)
{
    sgeo_text_append(text, "roofs, one thread: multiply-adds, GFLOP/s:");
    for (int isa = 0; isa < SGEO_ISA_COUNT; isa++)
        if (roofs->fma[isa] > 0.0)
            sgeo_text_append(text, " %s %.1f", sgeo_isa_name((enum sgeo_isa)isa), roofs->fma[isa]);
    if (roofs->bf16 > 0.0)
        sgeo_text_append(text, " bf16 %.1f", roofs->bf16);
    sgeo_text_append(text, "\n");
}

void sgeo_roofs_print(struct sgeo_text *text, const struct sgeo_roofs *roofs)
{
    print_flops(text, roofs);
    sgeo_text_append(text, "  %-10s", "GB/s");
    for (int level = 0; level < SGEO_LEVELS; level++)
        sgeo_text_append(text, " %8s", sgeo_level_name((enum sgeo_level)level));
    sgeo_text_append(text, "\n");
    print_row(text, "read", roofs->read);
    print_row(text, "copy", roofs->copy);
    print_row(text, "triad", roofs->triad);
    for (size_t r = 0; r < SGEO_ROOF_ROWS; r++) {
        char what[16];
        snprintf(what, sizeof what, "gather%zu", sgeo_roof_row_bytes(r));
        print_row(text, what, roofs->gather[r]);
    }
}
