/* One more gradient g (n) for the running moments, by Welford's recurrence in double; they are
 * rounded to f32 between the batches. */
#include <math.h>

#include "kernels/ref/product.h"
#include "kernels/symbols.h"

static void add_coordinate(const struct sgeo_moment_stream *stream, float g, size_t i)
{
    double batches = (double)stream->batches + 1.0;
    double d = (double)g - (double)stream->first[i] - (double)stream->mean[i];
    double norm = (double)stream->norm[i];
    double square = d * d * (double)stream->batches / batches;
    stream->mean[i] = (float)((double)stream->mean[i] + d / batches);
    stream->norm[i] = (float)sqrt(norm * norm + square);
    stream->size[i] = (float)((double)stream->size[i] + fabs((double)g));
}

/* Coordinates after the first batch. */
static void start_coordinate(const struct sgeo_moment_stream *stream, size_t i)
{
    stream->mean[i] = 0.0f;
    stream->norm[i] = 0.0f;
    stream->size[i] = fabsf(stream->first[i]);
}

void sgeo_f32_moments_add__ref(struct sgeo_moment_stream *stream, const float *g,
                               const float *theta, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (stream->batches == 0)
            stream->first[i] = g[i];
        if (stream->batches == 1)
            start_coordinate(stream, i);
        if (stream->batches > 0)
            add_coordinate(stream, g[i], i);
        if (theta)
            stream->theta_dot += sgeo_ref_product((double)theta[i], (double)g[i]);
    }
    stream->batches++;
}
