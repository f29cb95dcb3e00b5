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

struct sgeo_work sgeo_bench_stream_work(double flops, double floats, enum sgeo_roof roof)
{
    double bytes = floats * (double)sizeof(float);
    return (struct sgeo_work){.flops = flops, .bytes = bytes, .line_bytes = bytes, .roof = roof};
}
