/*
 * The evidence of a recommender model for proxies (session.h has that of an image network):
 *
 *   fixed    k mini-batches at one theta: losses, moments           (zico, sigeo-eq6)
 *   tangent  beside it, d l_n / d alpha of every row                (sigeo-eq6)
 *   nasrec   the same batches along Adagrad steps of the last layer (zico-nasrec, sigeo-nasrec)
 *
 * A layer of the evidence is one parameter tensor: every weight, bias, gamma and beta of the
 * network, then every embedding table, whose moments cost the rows touched; with frozen_tables the
 * network's alone. With head_only, and in the nasrec pass always: weight and bias of the layer that
 * gives the logit.
 */
#ifndef SGEO_PROXY_CTR_MEASURE_H
#define SGEO_PROXY_CTR_MEASURE_H

#include <stddef.h>

#include "proxy/proxy.h"
#include "space/ctr_pass.h"

struct sgeo_ctr_measure_request {
    const struct sgeo_ctr_use *use;       /* its numbers are the same afterwards */
    const struct sgeo_ctr_batch *batches; /* (k), all of as many rows as the first */
    size_t k;                             /* 1..16; nasrec: 2 and more */
    unsigned passes;                      /* of SGEO_PASS_FIXED, _TANGENT (with it), _NASREC */
};

/* Evidence with its memory. Names of layers are the graph's and the embedding's. */
struct sgeo_ctr_measurement {
    struct sgeo_evidence evidence;
    double *numbers;
};

/* Measure; the caller destroys *measurement. SGEO_USAGE for another k, else as
 * sgeo_ctr_pass_create. */
enum sgeo_status sgeo_ctr_measure(struct sgeo_ctr_measurement *measurement,
                                  const struct sgeo_ctr_measure_request *request);
void sgeo_ctr_measurement_destroy(struct sgeo_ctr_measurement *measurement);

/* The proxies of recommender models, NULL-terminated, and by name (NULL: unknown): `sigeo` is
 * sigeo-nasrec there. */
const struct sgeo_proxy *const *sgeo_ctr_proxy_all(void);
const struct sgeo_proxy *sgeo_ctr_proxy_find(const char *name);

/* The paper's weights on click data, for every proxy with terms: (1,1,0) cold, (1,1,1) warm. */
struct sgeo_lambda sgeo_ctr_default_lambda(bool warm);

#endif
