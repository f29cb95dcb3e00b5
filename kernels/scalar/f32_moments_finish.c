/* Moments of n coordinates from their running ones: ratio = mean|g| / std = size / norm / sqrt(k).
 */
#include "kernels/moments_of_one.h"
#include "kernels/scalar/moment_sums.h"

SGEO_INLINE void finish_step(struct sgeo_moment_sums *sums, const struct sgeo_moment_stream *stream,
                             size_t at, size_t width)
{
    float ratio[SGEO_LANES] = {0};
    for (size_t j = 0; j < width; j++) {
        float norm = stream->norm[at + j], quotient = stream->size[at + j] / norm;
        ratio[j] = norm == 0.0f ? 0.0f : quotient;
    }
    for (size_t j = 0; j < width; j++)
        sums->used[j % SGEO_HALF] += stream->norm[at + j] != 0.0f;
    sgeo_add_widened(sums->ratio, ratio);
}

static struct sgeo_moments moments_of(const struct sgeo_moment_stream *stream, size_t n)
{
    struct sgeo_moment_sums sums = {0};
    size_t at = 0;
    for (; at + SGEO_LANES <= n; at += SGEO_LANES)
        finish_step(&sums, stream, at, SGEO_LANES);
    if (at < n)
        finish_step(&sums, stream, at, n - at);
    return sgeo_moments_of_sums(&sums, stream->batches, n);
}

void SGEO_SYMBOL(f32_moments_finish)(struct sgeo_moments *moments,
                                     const struct sgeo_moment_stream *stream, size_t n)
{
    *moments = (struct sgeo_moments){0};
    if (stream->batches == 1)
        sgeo_moments_of_one(moments, stream->first, NULL, n);
    else
        *moments = moments_of(stream, n);
    moments->theta_dot = stream->theta_dot;
}
