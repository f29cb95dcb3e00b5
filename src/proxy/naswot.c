/*
 * naswot: ln |det K|, K (N,N) = sum over ReLUs of b b^T + (1-b)(1-b)^T, b = [input > 0] per image.
 * Source: Mellor et al., ICML 2021; the spec of the proxies, section 1.1.
 *
 * K_nm = units - disagreements. A ReLU's output is positive exactly where its input is, so codes
 * come from outputs; the zero padding of a layout never disagrees.
 */
#include "proxy/naswot.h"

#include <lapacke.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/memory.h"
#include "proxy/proxy.h"

#define WORD_BITS ((size_t)64)

struct sgeo_codes {
    double *disagreements; /* (batch,batch), the caller's; lower triangle until finished */
    struct sgeo_backend *backend;
    size_t batch;
    uint64_t *words; /* (batch, n_words) of the ReLU at hand */
    size_t capacity;
};

enum sgeo_status sgeo_codes_create(struct sgeo_codes **out, double *agreement, size_t batch,
                                   struct sgeo_backend *backend)
{
    struct sgeo_codes *codes = sgeo_calloc(1, sizeof *codes);
    if (codes == NULL) {
        return sgeo_fail_memory("ReLU codes");
    }
    *codes = (struct sgeo_codes){.disagreements = agreement, .backend = backend, .batch = batch};
    *out = codes;
    return SGEO_OK;
}

void sgeo_codes_destroy(struct sgeo_codes *codes)
{
    if (codes != NULL) {
        sgeo_free(codes->words);
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

/* The signs of up to WORD_BITS elements from `first` on. */
static uint64_t pack(const struct sgeo_codes *codes, const void *output, size_t first, size_t n)
{
    uint64_t word = 0;
    if (codes->backend->ops->precision == SGEO_F64) {
        for (size_t i = 0; i < n; i++) {
            word |= (uint64_t)(((const double *)output)[first + i] > 0.0) << i;
        }
    } else {
        for (size_t i = 0; i < n; i++) {
            word |= (uint64_t)(((const float *)output)[first + i] > 0.0f) << i;
        }
    }
    return word;
}

static size_t count_bits(uint64_t word)
{
    word -= word >> 1 & UINT64_C(0x5555555555555555);
    word = (word & UINT64_C(0x3333333333333333)) + (word >> 2 & UINT64_C(0x3333333333333333));
    word = (word + (word >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
    return (size_t)(word * UINT64_C(0x0101010101010101) >> 56);
}

static size_t disagreements(const uint64_t *a, const uint64_t *b, size_t n_words)
{
    size_t sum = 0;
    for (size_t w = 0; w < n_words; w++) {
        sum += count_bits(a[w] ^ b[w]);
    }
    return sum;
}

enum sgeo_status sgeo_codes_add(struct sgeo_codes *codes, const void *output,
                                const struct sgeo_layout *layout, size_t count)
{
    size_t elems = layout->image, n_words = (elems + WORD_BITS - 1) / WORD_BITS;
    enum sgeo_status status = reserve(codes, codes->batch * n_words);
    if (status != SGEO_OK) {
        return status;
    }
    for (size_t n = 0; n < codes->batch; n++) {
        for (size_t w = 0; w < n_words; w++) {
            size_t first = w * WORD_BITS, rest = elems - first;
            codes->words[n * n_words + w] =
                pack(codes, output, n * elems + first, rest < WORD_BITS ? rest : WORD_BITS);
        }
        for (size_t m = 0; m < n; m++) {
            codes->disagreements[n * codes->batch + m] +=
                (double)count * (double)disagreements(codes->words + n * n_words,
                                                      codes->words + m * n_words, n_words);
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

size_t sgeo_relu_units(const struct sgeo_graph *graph)
{
    size_t units = 0;
    for (size_t n = 0; n < graph->n_nodes; n++) {
        const struct sgeo_node *node = &graph->nodes[n];
        units += node->op == SGEO_OP_RELU ? node->channels * node->height * node->width : 0;
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
    "naswot", "ln |det K|, K = how many ReLU units agree between two images", SGEO_PASS_BATCH,
    score, false};
