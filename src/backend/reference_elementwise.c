/* Affine and gated sums and the moments of channels, in double; x (N,C,H,W), per-channel arrays
 * (C). */
#include "backend/reference_parts.h"

static double affine_value(const struct sgeo_term *term, size_t at, size_t c)
{
    const double *src = term->src;
    double center = term->center != NULL ? term->center[c] : 0.0;
    double scale = term->scale != NULL ? term->scale[c] : 1.0;
    return (src[at] - center) * scale;
}

/* Terms of one affine sum: what every element of it needs. */
struct affine {
    const struct sgeo_term *terms;
    size_t n_terms;
    const double *shift; /* may be NULL */
};

static double affine_element(const struct affine *affine, size_t at, size_t c)
{
    double sum = affine->shift != NULL ? affine->shift[c] : 0.0;
    for (size_t t = 0; t < affine->n_terms; t++) {
        sum += affine_value(&affine->terms[t], at, c);
    }
    return sum;
}

/* One channel of one image. A source may be the destination: every element is read before it is
 * written. */
static void affine_plane(double *dst, double *relu, const struct affine *affine,
                         const struct sgeo_layout *layout, size_t n, size_t c)
{
    size_t first = sgeo_reference_plane(layout, n, c);
    for (size_t p = 0; p < sgeo_reference_pixels(layout); p++) {
        size_t at = first + p * layout->pitch;
        double value = affine_element(affine, at, c);
        if (dst != NULL) {
            dst[at] = value;
        }
        if (relu != NULL) {
            relu[at] = value <= 0.0 ? 0.0 : value; /* a NaN fails the comparison and stays */
        }
    }
}

static void affine_sum(struct sgeo_backend *backend, void *dst, void *relu,
                       const struct sgeo_term *terms, size_t n_terms, const double *shift,
                       const struct sgeo_layout *layout)
{
    (void)backend;
    struct affine affine = {terms, n_terms, shift};
    for (size_t n = 0; n < layout->n; n++) {
        for (size_t c = 0; c < sgeo_reference_channels(layout); c++) {
            affine_plane(dst, relu, &affine, layout, n, c);
        }
    }
}

static double sum_of(const void *const *sources, size_t n_sources, size_t i)
{
    double sum = 0.0;
    for (size_t t = 0; t < n_sources; t++) {
        const double *source = sources[t];
        sum += source[i];
    }
    return sum;
}

static void gated_sum(struct sgeo_backend *backend, void *dst, const void *gate,
                      const void *const *gated, size_t n_gated, const void *const *plain,
                      size_t n_plain, size_t count)
{
    (void)backend;
    double *y = dst;
    const double *open = gate;
    for (size_t i = 0; i < count; i++) {
        double sum = n_gated > 0 && open[i] > 0.0 ? sum_of(gated, n_gated, i) : 0.0;
        y[i] = sum + sum_of(plain, n_plain, i);
    }
}

/* Sum over images and pixels of (d - d_center) * (x - x_center) for one channel; d NULL: of x -
 * x_center. */
static double channel_sum(const double *d, double d_center, const double *x, double x_center,
                          const struct sgeo_layout *layout, size_t c)
{
    double sum = 0.0;
    for (size_t n = 0; n < layout->n; n++) {
        size_t first = sgeo_reference_plane(layout, n, c);
        for (size_t p = 0; p < sgeo_reference_pixels(layout); p++) {
            size_t at = first + p * layout->pitch;
            sum += (d != NULL ? d[at] - d_center : 1.0) * (x[at] - x_center);
        }
    }
    return sum;
}

/* Two passes: the deviations are taken from the mean itself. */
static void channel_moments(struct sgeo_backend *backend, double *mean, double *var,
                            const void *src, const struct sgeo_layout *layout)
{
    (void)backend;
    double count = (double)(layout->n * sgeo_reference_pixels(layout));
    for (size_t c = 0; c < sgeo_reference_channels(layout); c++) {
        mean[c] = count > 0.0 ? channel_sum(NULL, 0.0, src, 0.0, layout, c) / count : 0.0;
        var[c] = count > 0.0 ? channel_sum(src, mean[c], src, mean[c], layout, c) / count : 0.0;
    }
}

static void channel_dots(struct sgeo_backend *backend, double *sum, double *dot, const void *d,
                         const void *x, const double *center, const struct sgeo_layout *layout)
{
    (void)backend;
    for (size_t c = 0; c < sgeo_reference_channels(layout); c++) {
        sum[c] = channel_sum(NULL, 0.0, d, 0.0, layout, c);
        dot[c] = channel_sum(d, 0.0, x, center[c], layout, c);
    }
}

void sgeo_reference_fill_elementwise(struct sgeo_backend_table *table)
{
    table->plain.affine_sum = table->maps.affine_sum = affine_sum;
    table->plain.gated_sum = table->maps.gated_sum = gated_sum;
    table->channel_moments = channel_moments;
    table->channel_dots = channel_dots;
}
