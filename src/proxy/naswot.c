/*
 * naswot: ln |det K|, K (N,N) = sum over ReLUs of b b^T + (1-b)(1-b)^T, b = [input > 0] per image.
 * Source: Mellor et al., ICML 2021; the spec of the proxies, section 1.1.
 *
 * K_nm = units - disagreements. A ReLU's output is positive exactly where its input is, so codes
 * come from outputs; the zero padding of a layout never disagrees. Both precisions count with the
 * project's kernel, in whole numbers.
 *
 * Conventions: the suite counts every ReLU that there is, also off every path to the output, and on
 * TransNAS-Bench-101 those of the cells' convolutions twice, because a wrapper hands them on under
 * two names that its filter lets pass. Ours counts what the method's authors do: ReLUs that a
 * backward pass visits, each once.
 */
#include "proxy/naswot.h"

#include <lapacke.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/memory.h"
#include "kernels/dispatch/dispatch.h"
#include "proxy/proxy.h"

#define WORD_BITS ((size_t)64)

struct sgeo_codes {
    double *disagreements; /* (batch,batch), the caller's; lower triangle until finished */
    struct sgeo_backend *backend;
    size_t batch;
    uint32_t *agreement; /* (batch,batch) of the ReLU at hand */
    uint64_t *words;     /* (batch, words of its images) */
    float *image;        /* one image of a map in bf16, widened */
    size_t capacity, image_capacity;
};

enum sgeo_status sgeo_codes_create(struct sgeo_codes **out, double *agreement, size_t batch,
                                   struct sgeo_backend *backend)
{
    struct sgeo_codes *codes = sgeo_calloc(1, sizeof *codes);
    if (codes == NULL) {
        return sgeo_fail_memory("ReLU codes");
    }
    *codes = (struct sgeo_codes){.disagreements = agreement, .backend = backend, .batch = batch};
    codes->agreement = sgeo_calloc(batch * batch, sizeof *codes->agreement);
    if (codes->agreement == NULL) {
        sgeo_codes_destroy(codes);
        return sgeo_fail_memory("ReLU codes");
    }
    *out = codes;
    return SGEO_OK;
}

void sgeo_codes_destroy(struct sgeo_codes *codes)
{
    if (codes != NULL) {
        sgeo_free(codes->agreement);
        sgeo_free(codes->words);
        sgeo_free(codes->image);
        sgeo_free(codes);
    }
}

static enum sgeo_status reserve(struct sgeo_codes *codes, size_t n_words)
{
    if (n_words > codes->capacity) {
        sgeo_free(codes->words);
        codes->words = sgeo_calloc(n_words, sizeof *codes->words);
        codes->capacity = codes->words == NULL ? 0 : n_words;
    }
    return codes->words == NULL ? sgeo_fail_memory("ReLU codes") : SGEO_OK;
}

/* What sgeo_f32_sign_codes does, of doubles: through float a small one would become zero. */
static void sign_codes_f64(uint64_t *words, const double *src, size_t images, size_t features)
{
    size_t n_words = SGEO_CODE_WORDS(features);
    memset(words, 0, images * n_words * sizeof *words);
    for (size_t n = 0; n < images; n++) {
        for (size_t f = 0; f < features; f++) {
            words[n * n_words + f / WORD_BITS] |= (uint64_t)(src[n * features + f] > 0.0)
                                                  << f % WORD_BITS;
        }
    }
}

/* The same of bf16, an image at a time. */
static enum sgeo_status sign_codes_bf16(struct sgeo_codes *codes, const uint16_t *src,
                                        size_t features)
{
    if (features > codes->image_capacity) {
        sgeo_free(codes->image);
        codes->image = sgeo_calloc(features, sizeof *codes->image);
        codes->image_capacity = codes->image == NULL ? 0 : features;
    }
    if (codes->image == NULL) {
        return sgeo_fail_memory("ReLU codes");
    }
    for (size_t n = 0; n < codes->batch; n++) {
        sgeo_kernels_get()->bf16_to_f32(codes->image, src + n * features, features);
        sgeo_kernels_get()->f32_sign_codes(codes->words + n * SGEO_CODE_WORDS(features),
                                           codes->image, 1, features, features);
    }
    return SGEO_OK;
}

static enum sgeo_status sign_codes(struct sgeo_codes *codes, const void *output, size_t features)
{
    if (codes->backend->ops->maps.bytes == sizeof(uint16_t)) {
        return sign_codes_bf16(codes, output, features);
    }
    if (codes->backend->ops->precision == SGEO_F64) {
        sign_codes_f64(codes->words, output, codes->batch, features);
    } else {
        sgeo_kernels_get()->f32_sign_codes(codes->words, output, codes->batch, features, features);
    }
    return SGEO_OK;
}

/* Features (layout->image) count padding, which is zero and so agrees everywhere; the differences
 * do not. */
enum sgeo_status sgeo_codes_add(struct sgeo_codes *codes, const void *output,
                                const struct sgeo_layout *layout, size_t count)
{
    size_t features = layout->image, batch = codes->batch;
    enum sgeo_status status = reserve(codes, batch * SGEO_CODE_WORDS(features));
    status = status == SGEO_OK ? sign_codes(codes, output, features) : status;
    if (status != SGEO_OK) {
        return status;
    }
    memset(codes->agreement, 0, batch * batch * sizeof *codes->agreement);
    sgeo_kernels_get()->u64_agreement(codes->agreement, codes->words, batch, features);
    for (size_t n = 0; n < batch; n++) {
        for (size_t m = 0; m < n; m++) {
            size_t differing = features - codes->agreement[n * batch + m];
            codes->disagreements[n * batch + m] += (double)count * (double)differing;
        }
    }
    return SGEO_OK;
}

void sgeo_codes_finish(struct sgeo_codes *codes, size_t units)
{
    for (size_t n = 0; n < codes->batch; n++) {
        codes->disagreements[n * codes->batch + n] = (double)units;
        for (size_t m = 0; m < n; m++) {
            double agreement = (double)units - codes->disagreements[n * codes->batch + m];
            codes->disagreements[n * codes->batch + m] = agreement;
            codes->disagreements[m * codes->batch + n] = agreement;
        }
    }
}

size_t sgeo_relu_units(const struct sgeo_graph *graph, const struct sgeo_network *network)
{
    size_t units = 0;
    for (size_t n = 0; n < graph->n_nodes; n++) {
        const struct sgeo_node *node = &graph->nodes[n];
        units += sgeo_network_has_node(network, n) ? node->codes * sgeo_node_elems(node) : 0;
    }
    return units;
}

/* ln |det K| by LU with pivots; -inf for a singular matrix, NaN without memory. */
static double log_determinant(const double *matrix, size_t n)
{
    double *lu = sgeo_calloc(n * n, sizeof *lu), sum = 0.0;
    lapack_int *pivots = sgeo_calloc(n, sizeof *pivots);
    if (lu == NULL || pivots == NULL) {
        sum = (double)NAN;
    } else {
        memcpy(lu, matrix, n * n * sizeof *lu);
        LAPACKE_dgetrf(LAPACK_ROW_MAJOR, (lapack_int)n, (lapack_int)n, lu, (lapack_int)n, pivots);
        for (size_t i = 0; i < n; i++) {
            sum += log(fabs(lu[i * n + i]));
        }
    }
    sgeo_free(lu);
    sgeo_free(pivots);
    return sum;
}

static void score(struct sgeo_score *score, const struct sgeo_evidence *evidence, bool warm,
                  const struct sgeo_lambda *lambda)
{
    (void)warm;
    (void)lambda;
    *score = sgeo_plain_score(log_determinant(evidence->suite.agreement, evidence->suite.batch),
                              evidence->suite.seconds_batch);
}

const struct sgeo_proxy sgeo_proxy_naswot = {
    .name = "naswot",
    .formula = "ln |det K|, K = how many ReLU units agree between two images",
    .passes = SGEO_PASS_BATCH,
    .score = score,
    .ours = "only of ReLUs that reach the output, each once",
};
