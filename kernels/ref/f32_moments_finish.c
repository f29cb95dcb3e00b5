/* Moments of n coordinates from their running ones, in double. */
#include <math.h>

#include "kernels/symbols.h"

/* mean|g| / std = (size / k) / (norm / sqrt(k)); g_0 - g_0 tells whether a single value is finite.
 */
static void finish_coordinate(struct sgeo_moments *moments, const struct sgeo_moment_stream *stream,
                              size_t i)
{
    double k = (double)stream->batches;
    double norm = stream->batches > 1 ? (double)stream->norm[i]
                                      : (double)stream->first[i] - (double)stream->first[i];
    if (norm == 0.0)
        moments->zero_std++;
    else if (isnan(norm))
        moments->ratio_sum += norm;
    else
        moments->ratio_sum += (double)stream->size[i] / k / (norm / sqrt(k));
}

void sgeo_f32_moments_finish__ref(struct sgeo_moments *moments,
                                  const struct sgeo_moment_stream *stream, size_t n)
{
    *moments = (struct sgeo_moments){.theta_dot = stream->theta_dot};
    for (size_t i = 0; i < n; i++)
        finish_coordinate(moments, stream, i);
}
