#include "bench/steps.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"

#define BLANKS " \t"

static const struct sgeo_step_load *const loads[] = {&sgeo_step_zico, &sgeo_step_train,
                                                     &sgeo_step_sigeo};

/* Cells from the cheapest to the dearest; click-through models on a batch of NASRec's training, one
 * with fields of several values; the supernet on all of itself and on one architecture. */
static const char *const listed[] = {
    "step_zico cell=skips",
    "step_zico cell=pools",
    "step_zico cell=mixed",
    "step_zico cell=six-3x3",
    "step_train model=dlrm rows=100000 batch=512",
    "step_train model=dcnv2 rows=100000 batch=512",
    "step_train model=dcnv2 hot=mlperf rows=100000 batch=512",
    "step_train model=nasrec path=criteo-small rows=100000 batch=512",
    "step_train model=supernet path=full rows=100000 batch=512",
    "step_train model=supernet path=criteo-small rows=100000 batch=512",
    "step_sigeo model=dlrm tables=learn rows=100000 batch=512",
    "step_sigeo model=dlrm tables=frozen rows=100000 batch=512",
};

struct sgeo_bench_steps {
    const struct sgeo_roofs *roofs;
    struct sgeo_bench_step *steps;
    size_t n;
    void *inputs; /* of inputs_of */
    const struct sgeo_bench_step *inputs_of;
};

/* --- the list --- */

static enum sgeo_status find_load(const struct sgeo_step_load **load, const char *op, size_t length)
{
    for (size_t i = 0; i < sizeof loads / sizeof *loads; i++) {
        if (strlen(loads[i]->op) == length && strncmp(loads[i]->op, op, length) == 0) {
            *load = loads[i];
            return SGEO_OK;
        }
    }
    return sgeo_fail(SGEO_USAGE, "step_zico, step_train or step_sigeo", "unknown step '%.*s'",
                     (int)length, op);
}

static char *make_name(const struct sgeo_bench_step *step, const char *isa)
{
    struct sgeo_text text = {0};
    sgeo_text_append(&text, "%s/%s/hot/", step->load->op, isa);
    sgeo_bench_args_put_name(&text, step->args);
    char *name = text.failed ? NULL : sgeo_strdup(text.bytes);
    sgeo_text_clear(&text);
    return name;
}

static enum sgeo_status add_step(struct sgeo_bench_steps *steps, const char *line)
{
    struct sgeo_bench_step *step = &steps->steps[steps->n++];
    const char *op = line + strspn(line, BLANKS), *isa = sgeo_isa_name(sgeo_kernels_isa());
    size_t length = strcspn(op, BLANKS);
    step->steps = steps;
    enum sgeo_status status = find_load(&step->load, op, length);
    if (status == SGEO_OK)
        status = sgeo_bench_args_create(&step->args, op + length, step->load->op);
    if (status != SGEO_OK)
        return status;
    step->name = make_name(step, isa);
    step->row = (struct sgeo_bench_row){.name = step->name,
                                        .kernel = step->load->op,
                                        .isa = isa,
                                        .cache = "hot",
                                        .shape = sgeo_bench_args_text(step->args),
                                        .sets = 1};
    return step->name ? SGEO_OK : sgeo_fail_memory("the step benches");
}

enum sgeo_status sgeo_bench_steps_create(struct sgeo_bench_steps **steps,
                                         const struct sgeo_roofs *roofs, const char *line)
{
    size_t n = line ? 1 : sizeof listed / sizeof *listed;
    struct sgeo_bench_steps *own = sgeo_calloc(1, sizeof *own);
    if (!own)
        return sgeo_fail_memory("the step benches");
    own->roofs = roofs;
    own->steps = sgeo_calloc(n, sizeof *own->steps);
    enum sgeo_status status = own->steps ? SGEO_OK : sgeo_fail_memory("the step benches");
    for (size_t i = 0; i < n && status == SGEO_OK; i++)
        status = add_step(own, line ? line : listed[i]);
    if (status != SGEO_OK) {
        sgeo_bench_steps_destroy(own);
        return status;
    }
    *steps = own;
    return SGEO_OK;
}

static void drop_inputs(struct sgeo_bench_steps *steps)
{
    if (steps->inputs_of)
        steps->inputs_of->load->destroy(steps->inputs);
    steps->inputs = NULL;
    steps->inputs_of = NULL;
}

void sgeo_bench_steps_destroy(struct sgeo_bench_steps *steps)
{
    if (!steps)
        return;
    drop_inputs(steps);
    for (size_t i = 0; i < steps->n; i++) {
        sgeo_bench_row_clear(&steps->steps[i].row);
        sgeo_bench_args_destroy(steps->steps[i].args);
        sgeo_free(steps->steps[i].name);
    }
    sgeo_free(steps->steps);
    sgeo_free(steps);
}

size_t sgeo_bench_steps_count(const struct sgeo_bench_steps *steps)
{
    return steps->n;
}

struct sgeo_bench_step *sgeo_bench_steps_at(struct sgeo_bench_steps *steps, size_t index)
{
    return &steps->steps[index];
}

/* --- one step --- */

static enum sgeo_status make_inputs(struct sgeo_bench_step *step)
{
    struct sgeo_bench_steps *steps = step->steps;
    drop_inputs(steps);
    enum sgeo_status status = step->load->create(&steps->inputs, &step->work, step->args);
    if (status != SGEO_OK)
        return status;
    steps->inputs_of = step;
    status = sgeo_bench_args_check_asked(step->args);
    if (status == SGEO_OK)
        status = step->load->run(steps->inputs, &step->row.value);
    if (status == SGEO_OK && step->load->terms)
        status = step->load->terms(steps->inputs, step->row.terms, sizeof step->row.terms);
    return status;
}

enum sgeo_status sgeo_bench_step_prepare(struct sgeo_bench_step *step)
{
    struct sgeo_bench_steps *steps = step->steps;
    if (steps->inputs_of == step)
        return SGEO_OK;
    enum sgeo_status status = make_inputs(step);
    if (status != SGEO_OK) {
        drop_inputs(steps);
        snprintf(step->row.failure, sizeof step->row.failure, "%s", sgeo_error_text());
        return status;
    }
    step->row.has_value = true;
    step->row.work = step->work.work;
    if (steps->roofs)
        step->row.limit =
            sgeo_roofs_limit(steps->roofs, step->row.work.roof, sgeo_kernels_isa(), 0, 0);
    return SGEO_OK;
}

void sgeo_bench_step_run(struct sgeo_bench_step *step, size_t calls)
{
    double value;
    for (size_t call = 0; call < calls && *step->row.failure == '\0'; call++)
        if (step->load->run(step->steps->inputs, &value) != SGEO_OK)
            snprintf(step->row.failure, sizeof step->row.failure, "%s", sgeo_error_text());
}
