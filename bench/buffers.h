/* Filled buffers of a load. */
#ifndef SGEO_BENCH_BUFFERS_H
#define SGEO_BENCH_BUFFERS_H

#include "bench/load.h"

/* n floats of the stream (seed, "load", stream) in *buffer, freed by sgeo_free. */
enum sgeo_status sgeo_bench_floats(float **buffer, size_t n, uint64_t seed, uint64_t stream);

/* The same numbers as bf16. */
enum sgeo_status sgeo_bench_halves(uint16_t **buffer, size_t n, uint64_t seed, uint64_t stream);

/* Work that streams `floats` numbers, each read or written once; a bf16 is half of one. */
struct sgeo_work sgeo_bench_stream_work(double flops, double floats, enum sgeo_roof roof);

#endif
