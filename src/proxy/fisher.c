/*
 * fisher: sum over layers of (weights of one filter) * sum over its channels k of
 *   1/2 mean_n (sum_pixels a_nk d_nk)^2,
 * a the output of a convolution or linear layer (before batch norm), d the loss's gradient by it.
 * Source: the spec of the proxies, section 1.1 (NAS-Bench-Suite-Zero's fisher).
 *
 * Conventions: the factor in front is the suite's, whose code spreads a channel's value over its
 * filter before it sums. Ours has none: sum over layers and channels.
 */
#include "proxy/fisher.h"

#include <math.h>

#include "base/memory.h"
#include "proxy/proxy.h"

static double number_at(const struct sgeo_fisher_output *output, const void *numbers, size_t i)
{
    return output->backend->ops->precision == SGEO_F64 ? ((const double *)numbers)[i]
                                                       : (double)((const float *)numbers)[i];
}

/* Sum of squares over images and channels of a matrix's products. */
static double matrix_squares(const struct sgeo_fisher_output *output)
{
    double sum = 0.0;
    for (size_t i = 0; i < output->batch * output->channels; i++) {
        double dot = number_at(output, output->output, i) * number_at(output, output->gradient, i);
        sum += dot * dot;
    }
    return sum;
}

/* The same with the sum over pixels inside the square, an image at a time. */
static double map_squares(const struct sgeo_fisher_output *output)
{
    struct sgeo_layout image = *output->layout;
    size_t padded = image.groups * image.lanes, bytes = output->backend->ops->maps.bytes;
    double *numbers = sgeo_calloc(3 * padded, sizeof *numbers);
    double sum = 0.0;
    image.n = 1;
    for (size_t n = 0; numbers != NULL && n < output->batch; n++) {
        size_t at = n * image.image * bytes;
        double *dots = numbers + padded;
        output->backend->ops->channel_dots(
            output->backend, numbers, dots, (const unsigned char *)output->gradient + at,
            (const unsigned char *)output->output + at, numbers + 2 * padded, &image);
        for (size_t c = 0; c < output->channels; c++) {
            sum += dots[c] * dots[c];
        }
    }
    bool done = numbers != NULL;
    sgeo_free(numbers);
    return done ? sum : (double)NAN;
}

double sgeo_fisher_layer(const struct sgeo_fisher_output *output)
{
    double squares = output->layout == NULL ? matrix_squares(output) : map_squares(output);
    return 0.5 * (double)output->filter_size * squares / (double)output->batch;
}

static void score(struct sgeo_score *score, const struct sgeo_evidence *evidence, bool warm,
                  const struct sgeo_lambda *lambda)
{
    (void)warm;
    (void)lambda;
    *score = sgeo_plain_score(evidence->suite.fisher, evidence->suite.seconds_batch);
}

const struct sgeo_proxy sgeo_proxy_fisher = {
    .name = "fisher",
    .formula = "sum_l |filter| sum_k mean_n (sum a d)^2 / 2 over layer outputs a",
    .passes = SGEO_PASS_BATCH,
    .score = score,
    .ours = "without |filter|",
};
