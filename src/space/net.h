/* How the image networks of all spaces begin, and all networks end. */
#ifndef SGEO_SPACE_NET_H
#define SGEO_SPACE_NET_H

#include "space/space.h"

/* What a space asks of its networks' sizes. */
struct sgeo_net_limits {
    const char *space;
    size_t channels; /* at least so many, and a multiple of `divisor` */
    size_t divisor;
    size_t shrinks; /* pixels along a side are a multiple of this */
};

/*
 * Check `config` and begin a graph for it, which the caller owns. SGEO_USAGE with the sizes when
 * one is 0 or outside the limits.
 */
enum sgeo_status sgeo_net_begin(struct sgeo_graph **graph, const struct sgeo_net_limits *limits,
                                const struct sgeo_net_config *config);

/* End building with this output: the graph goes to *out, or is destroyed when a builder failed. */
enum sgeo_status sgeo_net_finish(struct sgeo_graph **out, struct sgeo_graph *graph, size_t output);

#endif
