/* Loads of NASWOT's codes: activations into bits, and the bits into its kernel matrix. */
#include "base/memory.h"
#include "bench/args.h"
#include "bench/buffers.h"

struct inputs {
    size_t images, features;
    float *src;
    uint64_t *codes;
    uint32_t *kernel;
};

static void destroy(void *data)
{
    struct inputs *inputs = data;
    if (!inputs)
        return;
    sgeo_free(inputs->src);
    sgeo_free(inputs->codes);
    sgeo_free(inputs->kernel);
    sgeo_free(inputs);
}

/* images= of a batch, features= of a layer. The codes are those of the activations. */
static enum sgeo_status fill(struct inputs *inputs, const struct sgeo_bench_args *args,
                             uint64_t seed)
{
    struct sgeo_kernels ref;
    enum sgeo_status status = sgeo_bench_size(&inputs->images, args, "images");
    if (status == SGEO_OK)
        status = sgeo_bench_size(&inputs->features, args, "features");
    if (status != SGEO_OK)
        return status;
    size_t elems, pairs;
    if (!sgeo_size_mul(inputs->images, inputs->features, &elems) ||
        !sgeo_size_mul(inputs->images, inputs->images, &pairs))
        return sgeo_fail_memory("a bench case");
    size_t words = inputs->images * SGEO_CODE_WORDS(inputs->features);
    status = sgeo_bench_floats(&inputs->src, elems, seed, 0);
    if (status != SGEO_OK)
        return status;
    inputs->codes = sgeo_calloc(words, sizeof *inputs->codes);
    inputs->kernel = sgeo_calloc(pairs, sizeof *inputs->kernel);
    if (!inputs->codes || !inputs->kernel)
        return sgeo_fail_memory("a bench case");
    sgeo_kernels_fill(&ref, SGEO_ISA_REF);
    ref.f32_sign_codes(inputs->codes, inputs->src, inputs->images, inputs->features,
                       inputs->features);
    return SGEO_OK;
}

static enum sgeo_status create(struct inputs **created, const struct sgeo_bench_args *args,
                               uint64_t seed)
{
    struct inputs *inputs = sgeo_calloc(1, sizeof *inputs);
    if (!inputs)
        return sgeo_fail_memory("a bench case");
    enum sgeo_status status = fill(inputs, args, seed);
    if (status == SGEO_OK)
        *created = inputs;
    else
        destroy(inputs);
    return status;
}

static enum sgeo_status create_codes(void **created, struct sgeo_work *work,
                                     const struct sgeo_bench_args *args, uint64_t seed)
{
    struct inputs *inputs = NULL;
    enum sgeo_status status = create(&inputs, args, seed);
    if (status == SGEO_OK) {
        double elems = (double)inputs->images * (double)inputs->features;
        *work = sgeo_bench_stream_work(0.0, elems * (1.0 + 1.0 / 32.0), SGEO_ROOF_READ);
        *created = inputs;
    }
    return status;
}

static void run_codes(void *data, const struct sgeo_kernels *kernels)
{
    struct inputs *inputs = data;
    kernels->f32_sign_codes(inputs->codes, inputs->src, inputs->images, inputs->features,
                            inputs->features);
}

const struct sgeo_load sgeo_load_f32_sign_codes = {create_codes, run_codes, destroy};

/* Every code is read once and compared with all others; the sums wrap around in the end. */
static enum sgeo_status create_agreement(void **created, struct sgeo_work *work,
                                         const struct sgeo_bench_args *args, uint64_t seed)
{
    struct inputs *inputs = NULL;
    enum sgeo_status status = create(&inputs, args, seed);
    if (status == SGEO_OK) {
        double images = (double)inputs->images, features = (double)inputs->features;
        double floats = images * (features / 32.0 + 2.0 * images);
        *work = sgeo_bench_stream_work(0.0, floats, SGEO_ROOF_READ);
        *created = inputs;
    }
    return status;
}

static void run_agreement(void *data, const struct sgeo_kernels *kernels)
{
    struct inputs *inputs = data;
    kernels->u64_agreement(inputs->kernel, inputs->codes, inputs->images, inputs->features);
}

const struct sgeo_load sgeo_load_u64_agreement = {create_agreement, run_agreement, destroy};
