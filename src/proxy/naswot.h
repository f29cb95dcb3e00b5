/* Binary codes of ReLUs and how often two images agree in them: see naswot.c. */
#ifndef SGEO_PROXY_NASWOT_H
#define SGEO_PROXY_NASWOT_H

#include "backend/backend.h"
#include "graph/network.h"

struct sgeo_codes;

/* Collect the codes of `batch` images; `agreement` (batch,batch) is the caller's and zero. */
enum sgeo_status sgeo_codes_create(struct sgeo_codes **codes, double *agreement, size_t batch,
                                   struct sgeo_backend *backend);
void sgeo_codes_destroy(struct sgeo_codes *codes);

/* Count the ReLU output `count` times. SGEO_IO without memory. */
enum sgeo_status sgeo_codes_add(struct sgeo_codes *codes, const void *output,
                                const struct sgeo_layout *layout, size_t count);

/* All ReLUs are in: agreement = units - disagreements. */
void sgeo_codes_finish(struct sgeo_codes *codes, size_t units);

/* ReLU units of one image, of the nodes that the network has, as often as they have codes. */
size_t sgeo_relu_units(const struct sgeo_graph *graph, const struct sgeo_network *network);

#endif
