#include "bench/suite.h"

#include <math.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/memory.h"
#include "kernels/prove/prove.h"

#define PROOF_SEED UINT64_C(20240521)
#define INPUT_SEED UINT64_C(1)

#define SETTLED     0.8 /* of the time of the pass before */
#define MOST_PASSES ((size_t)10)

/* What a proof said, per kernel and bundle. */
struct verdict {
    bool known;
    enum sgeo_status status;
    char failure[256];
};

struct sgeo_bench_suite {
    struct sgeo_bench_shapes shapes;
    struct sgeo_bench_pool pool;
    const struct sgeo_roofs *roofs;
    struct sgeo_roof_meter *meter;
    struct sgeo_kernels kernels[SGEO_ISA_COUNT];
    bool runs[SGEO_ISA_COUNT];
    bool is_gate, unproven;
    double slowdown;
    struct verdict *verdicts; /* (kernels) x (SGEO_ISA_COUNT) */
    struct sgeo_bench_case *cases;
    size_t n;
    /* inputs of the last case */
    struct sgeo_bench_inputs inputs;
    const struct sgeo_bench_case *inputs_of;
};

/* --- names --- */

/* OP/ISA/CACHE/NAME:VALUE/... */
static char *make_name(const struct sgeo_bench_case *own)
{
    struct sgeo_text text = {0};
    sgeo_text_append(&text, "%s/%s/%s/", own->shape->kernel->op,
                     own->suite->is_gate ? "best" : sgeo_isa_name(own->isa),
                     own->cold ? "cold" : "hot");
    sgeo_bench_args_put_name(&text, own->shape->args);
    char *name = text.failed ? NULL : sgeo_strdup(text.bytes);
    sgeo_text_clear(&text);
    return name;
}

/* --- the list of cases --- */

static void choose_bundles(struct sgeo_bench_suite *suite, bool with_ref)
{
    struct sgeo_cpu cpu;
    sgeo_cpu_detect(&cpu);
    for (int isa = 0; isa < SGEO_ISA_COUNT; isa++)
        suite->runs[isa] = (!suite->is_gate || isa == (int)sgeo_kernels_isa()) &&
                           (isa != SGEO_ISA_REF || with_ref) &&
                           sgeo_cpu_supports(&cpu, (enum sgeo_isa)isa, NULL) &&
                           sgeo_kernels_fill(&suite->kernels[isa], (enum sgeo_isa)isa);
}

static size_t count_bundles(const struct sgeo_bench_suite *suite)
{
    size_t n = 0;
    for (int isa = 0; isa < SGEO_ISA_COUNT; isa++)
        n += suite->runs[isa];
    return n;
}

static enum sgeo_status add_case(struct sgeo_bench_suite *suite,
                                 const struct sgeo_bench_shape *shape, enum sgeo_isa isa, bool cold,
                                 const struct sgeo_bench_case *scalar)
{
    struct sgeo_bench_case *own = &suite->cases[suite->n];
    *own = (struct sgeo_bench_case){.suite = suite, .shape = shape, .isa = isa, .cold = cold};
    own->name = make_name(own);
    if (!own->name)
        return sgeo_fail_memory("the bench cases");
    own->row = (struct sgeo_bench_row){.name = own->name,
                                       .kernel = shape->kernel->op,
                                       .isa = sgeo_isa_name(isa),
                                       .cache = cold ? "cold" : "hot",
                                       .shape = sgeo_bench_args_text(shape->args),
                                       .baseline = scalar ? &scalar->row : NULL};
    suite->n++;
    return SGEO_OK;
}

/* The bundles of one shape in one state of the caches. */
static enum sgeo_status add_bundles(struct sgeo_bench_suite *suite,
                                    const struct sgeo_bench_shape *shape, bool cold)
{
    const struct sgeo_bench_case *scalar = NULL;
    enum sgeo_status status = SGEO_OK;
    for (int isa = 0; isa < SGEO_ISA_COUNT && status == SGEO_OK; isa++) {
        if (!suite->runs[isa])
            continue;
        status = add_case(suite, shape, (enum sgeo_isa)isa, cold, scalar);
        if (isa == SGEO_ISA_SCALAR && status == SGEO_OK) {
            scalar = &suite->cases[suite->n - 1];
            suite->cases[suite->n - 1].row.baseline = &scalar->row;
        }
    }
    return status;
}

static enum sgeo_status add_cases(struct sgeo_bench_suite *suite)
{
    size_t n_kernels = sgeo_bench_kernel_count();
    suite->cases = sgeo_calloc(suite->shapes.n * 2 * count_bundles(suite), sizeof *suite->cases);
    suite->verdicts = sgeo_calloc(n_kernels * SGEO_ISA_COUNT, sizeof *suite->verdicts);
    if (!suite->cases || !suite->verdicts)
        return sgeo_fail_memory("the bench cases");
    enum sgeo_status status = SGEO_OK;
    for (size_t s = 0; s < suite->shapes.n && status == SGEO_OK; s++)
        for (int cold = 0; cold < (suite->is_gate ? 1 : 2) && status == SGEO_OK; cold++)
            status = add_bundles(suite, &suite->shapes.shapes[s], cold == 1);
    return status;
}

enum sgeo_status sgeo_bench_suite_create(struct sgeo_bench_suite **suite,
                                         const struct sgeo_bench_suite_options *options)
{
    struct sgeo_bench_suite *own = sgeo_calloc(1, sizeof *own);
    if (!own)
        return sgeo_fail_memory("the bench cases");
    own->pool = options->pool;
    own->roofs = options->roofs;
    own->meter = options->meter;
    own->is_gate = options->is_gate;
    own->unproven = options->unproven;
    own->slowdown = options->slowdown;
    choose_bundles(own, options->with_ref);
    enum sgeo_status status = sgeo_bench_shapes_read_folder(&own->shapes, options->shapes);
    if (status == SGEO_OK)
        status = add_cases(own);
    if (status != SGEO_OK) {
        sgeo_bench_suite_destroy(own);
        return status;
    }
    *suite = own;
    return SGEO_OK;
}

void sgeo_bench_suite_destroy(struct sgeo_bench_suite *suite)
{
    if (!suite)
        return;
    sgeo_bench_inputs_clear(&suite->inputs);
    for (size_t i = 0; i < suite->n; i++) {
        sgeo_free(suite->cases[i].name);
        sgeo_bench_row_clear(&suite->cases[i].row);
    }
    sgeo_free(suite->cases);
    sgeo_free(suite->verdicts);
    sgeo_bench_shapes_clear(&suite->shapes);
    sgeo_free(suite);
}

void sgeo_bench_suite_replace(struct sgeo_bench_suite *suite, enum sgeo_isa isa,
                              const struct sgeo_kernels *kernels)
{
    suite->kernels[isa] = *kernels;
}

size_t sgeo_bench_suite_count(const struct sgeo_bench_suite *suite)
{
    return suite->n;
}

struct sgeo_bench_case *sgeo_bench_suite_at(struct sgeo_bench_suite *suite, size_t index)
{
    return &suite->cases[index];
}

/* --- before a case is timed --- */

static void drop_inputs(struct sgeo_bench_suite *suite)
{
    sgeo_bench_inputs_clear(&suite->inputs);
    suite->inputs_of = NULL;
}

static void prove(struct verdict *verdict, const char *op, const struct sgeo_kernels *kernels)
{
    struct sgeo_proof proof;
    verdict->known = true;
    verdict->status = sgeo_prove(&proof, op, kernels, PROOF_SEED);
    if (verdict->status != SGEO_OK)
        snprintf(verdict->failure, sizeof verdict->failure, "%s", sgeo_error_text());
    else if (proof.verdict != SGEO_PROVEN) {
        verdict->status = SGEO_CHECK_FAILED;
        snprintf(verdict->failure, sizeof verdict->failure, "not proven: %.100s (%.120s)",
                 proof.failure, proof.where);
    }
}

static struct verdict *verdict_of(const struct sgeo_bench_case *own, enum sgeo_isa isa)
{
    size_t kernel = (size_t)(own->shape->kernel - sgeo_bench_kernel_at(0));
    return &own->suite->verdicts[kernel * SGEO_ISA_COUNT + (size_t)isa];
}

/*
 * The kernel in all bundles before there are inputs: a proof forks, and behind that every page that
 * is written to costs a fault, inputs as well.
 */
static enum sgeo_status check_proof(struct sgeo_bench_case *own)
{
    struct sgeo_bench_suite *suite = own->suite;
    const struct verdict *verdict = verdict_of(own, own->isa);
    if (!verdict->known)
        drop_inputs(suite);
    for (int isa = 0; isa < SGEO_ISA_COUNT; isa++)
        if (suite->runs[isa] && !verdict_of(own, (enum sgeo_isa)isa)->known)
            prove(verdict_of(own, (enum sgeo_isa)isa), own->shape->kernel->op,
                  &suite->kernels[isa]);
    return verdict->status == SGEO_OK ? SGEO_OK
                                      : sgeo_fail(verdict->status, NULL, "%s", verdict->failure);
}

static enum sgeo_status make_inputs(struct sgeo_bench_case *own)
{
    struct sgeo_bench_suite *suite = own->suite;
    const struct sgeo_bench_case *last = suite->inputs_of;
    if (last && last->shape == own->shape && last->cold == own->cold)
        return SGEO_OK;
    drop_inputs(suite);
    enum sgeo_status status = sgeo_bench_inputs_create(&suite->inputs, own->shape,
                                                       own->cold ? &suite->pool : NULL, INPUT_SEED);
    if (status == SGEO_OK)
        suite->inputs_of = own;
    return status;
}

/* Streams are as large as what they touch; a table that is gathered from as all of it. */
static enum sgeo_level level_of(const struct sgeo_bench_case *own)
{
    const struct sgeo_bench_inputs *inputs = &own->suite->inputs;
    size_t bytes =
        inputs->work.roof == SGEO_ROOF_GATHER ? inputs->set_bytes : (size_t)inputs->work.line_bytes;
    return own->cold ? SGEO_LEVEL_DRAM : sgeo_roofs_level(own->suite->roofs, bytes);
}

/* Bytes of a row of `dim` floats, for the roofs of gathering; 0 where a case has no rows. */
static size_t row_bytes(const struct sgeo_bench_case *own)
{
    size_t dim = 0;
    return sgeo_bench_size_or(&dim, own->shape->args, "dim", 0) == SGEO_OK ? dim * sizeof(float)
                                                                           : 0;
}

/* The limit, once a case; that of a memory which other cores use as well is measured now. */
static enum sgeo_status find_limit(struct sgeo_bench_case *own)
{
    const struct sgeo_bench_suite *suite = own->suite;
    enum sgeo_roof roof = own->row.work.roof;
    enum sgeo_level level = level_of(own);
    struct sgeo_limit limit = sgeo_roofs_limit(suite->roofs, roof, own->isa, level, row_bytes(own));
    enum sgeo_status status = SGEO_OK;
    if (suite->meter && !limit.is_flops && level >= SGEO_LEVEL_L3)
        status = sgeo_roof_meter_again(&limit.value, suite->meter, roof, level, row_bytes(own));
    if (status == SGEO_OK)
        own->row.limit = limit;
    return status;
}

static enum sgeo_status fill_row(struct sgeo_bench_case *own)
{
    const struct sgeo_bench_suite *suite = own->suite;
    own->row.work = suite->inputs.work;
    own->row.sets = suite->inputs.n;
    return suite->roofs && *own->row.limit.name == '\0' ? find_limit(own) : SGEO_OK;
}

static double seconds_of_pass(const struct sgeo_bench_case *own)
{
    const struct sgeo_bench_inputs *inputs = &own->suite->inputs;
    double start = sgeo_thread_cpu_seconds();
    for (size_t i = 0; i < inputs->n; i++)
        inputs->load->run(inputs->sets[i], &own->suite->kernels[own->isa]);
    return sgeo_thread_cpu_seconds() - start;
}

/*
 * Passes over the inputs until one takes as long as the one before. From its first timing Google
 * Benchmark reckons how many calls a timing needs: with first touches of memory in it, or pages
 * that a hypervisor has taken away, one call would seem enough.
 */
static void settle(struct sgeo_bench_case *own)
{
    double before = (double)INFINITY, now = seconds_of_pass(own);
    for (size_t pass = 1; pass < MOST_PASSES && now < SETTLED * before; pass++) {
        before = now;
        now = seconds_of_pass(own);
    }
    own->settled = true;
}

enum sgeo_status sgeo_bench_case_prepare(struct sgeo_bench_case *bench_case)
{
    enum sgeo_status status = bench_case->suite->unproven ? SGEO_OK : check_proof(bench_case);
    if (status == SGEO_OK)
        status = make_inputs(bench_case);
    if (status == SGEO_OK)
        status = fill_row(bench_case);
    if (status == SGEO_OK && !bench_case->settled)
        settle(bench_case);
    if (status != SGEO_OK)
        snprintf(bench_case->row.failure, sizeof bench_case->row.failure, "%s", sgeo_error_text());
    return status;
}

/* Spin for a share of the CPU time since `start`. */
static void waste(double start, double per_cent)
{
    double now = sgeo_thread_cpu_seconds(), end = now + (now - start) * per_cent / 100.0;
    while (sgeo_thread_cpu_seconds() < end) {
    }
}

void sgeo_bench_case_run(struct sgeo_bench_case *bench_case, size_t calls)
{
    const struct sgeo_bench_suite *suite = bench_case->suite;
    const struct sgeo_bench_inputs *inputs = &suite->inputs;
    const struct sgeo_kernels *kernels = &suite->kernels[bench_case->isa];
    double start = suite->slowdown > 0.0 ? sgeo_thread_cpu_seconds() : 0.0;
    size_t turn = 0;
    for (size_t call = 0; call < calls; call++) {
        inputs->load->run(inputs->sets[turn], kernels);
        turn = turn + 1 < inputs->n ? turn + 1 : 0;
    }
    if (suite->slowdown > 0.0)
        waste(start, suite->slowdown);
}
