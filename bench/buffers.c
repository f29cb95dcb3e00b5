#include "bench/buffers.h"

#include "base/memory.h"

enum sgeo_status sgeo_bench_floats(float **buffer, size_t n, uint64_t seed, uint64_t stream)
{
    float *own = sgeo_calloc(n, sizeof *own);
    if (!own)
        return sgeo_fail_memory("the buffers of a bench case");
    sgeo_bench_fill(own, n, seed, stream);
    *buffer = own;
    return SGEO_OK;
}

enum sgeo_status sgeo_bench_halves(uint16_t **buffer, size_t n, uint64_t seed, uint64_t stream)
{
    struct sgeo_kernels ref;
    float *wide = NULL;
    uint16_t *own = sgeo_calloc(n, sizeof *own);
    if (!own)
        return sgeo_fail_memory("the buffers of a bench case");
    enum sgeo_status status = sgeo_bench_floats(&wide, n, seed, stream);
    if (status != SGEO_OK) {
        sgeo_free(own);
        return status;
    }
    sgeo_kernels_fill(&ref, SGEO_ISA_REF);
    ref.f32_to_bf16(own, wide, n);
    sgeo_free(wide);
    *buffer = own;
    return SGEO_OK;
}

struct sgeo_work sgeo_bench_stream_work(double flops, double floats, enum sgeo_roof roof)
{
    double bytes = floats * (double)sizeof(float);
    return (struct sgeo_work){.flops = flops, .bytes = bytes, .line_bytes = bytes, .roof = roof};
}
