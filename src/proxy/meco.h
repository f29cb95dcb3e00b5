/* Smallest eigenvalues of a feature map's channel correlations: see meco.c. */
#ifndef SGEO_PROXY_MECO_H
#define SGEO_PROXY_MECO_H

#include <stddef.h>

#include "base/status.h"

struct sgeo_meco_values {
    double smallest;          /* of the (channels,channels) matrix */
    double smallest_of_eight; /* of eight channels, times channels/8; 0 with fewer than eight */
};

/* Of one image's map (channels,pixels), which is overwritten. */
enum sgeo_status sgeo_meco_map(struct sgeo_meco_values *values, double *map, size_t channels,
                               size_t pixels);

#endif
