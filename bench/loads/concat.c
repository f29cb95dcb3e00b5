/* Loads of concatenation and split: activations of n images of hw x hw pixels, or rows (hw=1). */
#include "base/memory.h"
#include "bench/load.h"

/* Parts of `channels` channels each, the last of `last`, and the whole that they make. */
struct inputs {
    size_t n_parts, channels, last;
    struct sgeo_layout part, last_part, whole;
    float *parts, *whole_elems; /* the parts lie behind each other */
    size_t accumulate;
};

/* lanes = 0: channels-last; otherwise blocks of that many, the last one padded. */
static struct sgeo_layout layout_of(size_t n, size_t channels, size_t hw, size_t lanes)
{
    size_t in_group = lanes ? lanes : channels;
    size_t groups = (channels + in_group - 1) / in_group, group = hw * hw * in_group;
    return (struct sgeo_layout){.n = n,
                                .groups = groups,
                                .lanes = in_group,
                                .height = hw,
                                .width = hw,
                                .image = groups * group,
                                .group = group,
                                .pitch = in_group};
}

static size_t elems_of(const struct sgeo_layout *layout)
{
    return layout->n * layout->image;
}

/* A number of the line and where it goes. */
struct size_entry {
    const char *name;
    size_t *value;
};

/* Sizes beyond this are no layer's, and their products would overflow. */
#define MAX_SIZE ((size_t)1 << 14)

static enum sgeo_status read_shape(struct inputs *shape, const struct sgeo_bench_args *args)
{
    size_t n, hw, lanes = 0;
    const struct size_entry entries[] = {
        {"n", &n}, {"hw", &hw}, {"parts", &shape->n_parts}, {"c", &shape->channels}};
    enum sgeo_status status = SGEO_OK;
    for (size_t i = 0; i < sizeof entries / sizeof *entries && status == SGEO_OK; i++) {
        status = sgeo_bench_size(entries[i].value, args, entries[i].name);
        if (status == SGEO_OK && (*entries[i].value == 0 || *entries[i].value > MAX_SIZE))
            status = sgeo_fail(SGEO_USAGE, NULL, "no concatenation with %s=%zu", entries[i].name,
                               *entries[i].value);
    }
    if (status == SGEO_OK)
        status = sgeo_bench_size_or(&shape->last, args, "last", shape->channels);
    if (status == SGEO_OK)
        status = sgeo_bench_size_or(&lanes, args, "lanes", 0);
    if (status != SGEO_OK)
        return status;
    if (shape->n_parts > SGEO_CONCAT_MAX_PARTS || shape->last == 0 ||
        shape->last > shape->channels || lanes > 16)
        return sgeo_fail(SGEO_USAGE, "last is 1..c, lanes 0..16, parts at most 64",
                         "no concatenation of %zu parts, the last of %zu, in lanes of %zu",
                         shape->n_parts, shape->last, lanes);
    shape->part = layout_of(n, shape->channels, hw, lanes);
    shape->last_part = layout_of(n, shape->last, hw, lanes);
    shape->whole = layout_of(n, (shape->n_parts - 1) * shape->channels + shape->last, hw, lanes);
    return SGEO_OK;
}

static void destroy(void *inputs)
{
    struct inputs *own = inputs;
    if (!own)
        return;
    sgeo_free(own->parts);
    sgeo_free(own->whole_elems);
    sgeo_free(own);
}

/* Every channel is read once and written once; when it is added to, it is read twice. */
static struct sgeo_work work_of(const struct inputs *own)
{
    double channels = (double)((own->n_parts - 1) * own->channels + own->last);
    double pixels = (double)own->whole.n * (double)(own->whole.height * own->whole.width);
    double bytes = (own->accumulate ? 3.0 : 2.0) * channels * pixels * (double)sizeof(float);
    return (struct sgeo_work){.flops = own->accumulate ? channels * pixels : 0.0,
                              .bytes = bytes,
                              .line_bytes = bytes,
                              .roof = SGEO_ROOF_TRIAD};
}

static enum sgeo_status create(void **inputs, struct sgeo_work *work,
                               const struct sgeo_bench_args *args, uint64_t seed, size_t accumulate)
{
    struct inputs shape = {.accumulate = accumulate};
    enum sgeo_status status = read_shape(&shape, args);
    if (status != SGEO_OK)
        return status;
    size_t parts = shape.n_parts * elems_of(&shape.part), whole = elems_of(&shape.whole);
    struct inputs *own = sgeo_calloc(1, sizeof *own);
    if (!own)
        return sgeo_fail_memory("a bench case");
    *own = shape;
    own->parts = sgeo_calloc(parts, sizeof(float));
    own->whole_elems = sgeo_calloc(whole, sizeof(float));
    if (!own->parts || !own->whole_elems) {
        destroy(own);
        return sgeo_fail_memory("the buffers of a bench case");
    }
    sgeo_bench_fill(own->parts, parts, seed, 0);
    sgeo_bench_fill(own->whole_elems, whole, seed, 1);
    *work = work_of(own);
    *inputs = own;
    return SGEO_OK;
}

static enum sgeo_status create_concat(void **inputs, struct sgeo_work *work,
                                      const struct sgeo_bench_args *args, uint64_t seed)
{
    return create(inputs, work, args, seed, 0);
}

static void run_concat(void *inputs, const struct sgeo_kernels *kernels)
{
    struct inputs *own = inputs;
    struct sgeo_concat_part parts[SGEO_CONCAT_MAX_PARTS];
    for (size_t t = 0; t < own->n_parts; t++)
        parts[t] = (struct sgeo_concat_part){own->parts + t * elems_of(&own->part), &own->part, 0,
                                             own->channels};
    parts[own->n_parts - 1].layout = &own->last_part;
    parts[own->n_parts - 1].channels = own->last;
    kernels->f32_concat(own->whole_elems, parts, own->n_parts, &own->whole);
}

const struct sgeo_load sgeo_load_f32_concat = {create_concat, run_concat, destroy};

/* accumulate=1: added to the parts. */
static enum sgeo_status create_split(void **inputs, struct sgeo_work *work,
                                     const struct sgeo_bench_args *args, uint64_t seed)
{
    size_t accumulate;
    enum sgeo_status status = sgeo_bench_size_or(&accumulate, args, "accumulate", 0);
    return status == SGEO_OK ? create(inputs, work, args, seed, accumulate) : status;
}

static void run_split(void *inputs, const struct sgeo_kernels *kernels)
{
    struct inputs *own = inputs;
    struct sgeo_split_part parts[SGEO_CONCAT_MAX_PARTS];
    for (size_t t = 0; t < own->n_parts; t++)
        parts[t] = (struct sgeo_split_part){own->parts + t * elems_of(&own->part), &own->part,
                                            own->channels};
    parts[own->n_parts - 1].layout = &own->last_part;
    parts[own->n_parts - 1].channels = own->last;
    kernels->f32_split(parts, own->n_parts, own->whole_elems, &own->whole, own->accumulate != 0);
}

const struct sgeo_load sgeo_load_f32_split = {create_split, run_split, destroy};
