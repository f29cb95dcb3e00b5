/*
 * A search space: architectures as small codes and as text, and the network each one means.
 */
#ifndef SGEO_SPACE_SPACE_H
#define SGEO_SPACE_SPACE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/rng.h"
#include "base/status.h"
#include "graph/graph.h"
#include "graph/store.h"

#define SGEO_ARCH_TEXT_MAX ((size_t)256)
#define SGEO_ARCH_CODE_MAX ((size_t)64)

/* An architecture: one byte per decision, in the space's own order. */
struct sgeo_arch {
    unsigned char code[SGEO_ARCH_CODE_MAX];
};

/* The macro network around a cell. */
struct sgeo_net_config {
    size_t channels; /* C of the first stage */
    size_t cells;    /* N cells a stage; nb301: all cells */
    size_t classes;
    size_t image_channels; /* 3; 1 for grey images */
    size_t image_size;     /* pixels along a side */
    bool edge_affine;      /* scale and shift in the cells' batch norms (stand-alone networks: true;
                              supernets: false) */
    bool supernet_names; /* edge convolutions named as their supernet segments, so that a store can
                            inherit by name */
    bool wrapper_relus;  /* tnb101: the ReLUs of the edges' convolutions have two codes, as the
                            reference's naswot counts them */
};

struct sgeo_space {
    const char *name;
    const char *grammar;             /* one line for --list spaces */
    struct sgeo_net_config standard; /* the benchmark's own network, for CIFAR-10 where it has it */
    double
        mean_path_macs; /* of an architecture that its supernet draws: what a step costs, forward,
                           an image. Counted over 200 samples; nb101: over the listed cells */
    /* Parse an architecture; SGEO_USAGE with the position and a hint when it is malformed. */
    enum sgeo_status (*decode)(struct sgeo_arch *arch, const char *text);
    void (*encode)(char text[SGEO_ARCH_TEXT_MAX], const struct sgeo_arch *arch);
    /* Parse NASLib's key, as NAS-Bench-Suite-Zero's files write it ("(4, 0, 3, 1, 4, 3)"). */
    enum sgeo_status (*decode_naslib)(struct sgeo_arch *arch, const char *key);
    /* The inverse: that key, with one blank behind every comma, as Python prints tuples. */
    void (*encode_naslib)(char key[SGEO_ARCH_TEXT_MAX], const struct sgeo_arch *arch);
    /* Uniform over the space; every draw comes from rng. */
    void (*sample)(struct sgeo_arch *arch, struct sgeo_rng *rng);
    /* The network of one architecture. The caller owns *graph. */
    enum sgeo_status (*build)(struct sgeo_graph **graph, const struct sgeo_arch *arch,
                              const struct sgeo_net_config *config);
    /* A graph that holds every operation of every edge (most of them dead ends): its segments are
     * the supernet's. */
    enum sgeo_status (*build_supernet)(struct sgeo_graph **graph,
                                       const struct sgeo_net_config *config);
};

/* By name ("nb201"); NULL when unknown. */
const struct sgeo_space *sgeo_space_find(const char *name);
/* All spaces, NULL-terminated. */
const struct sgeo_space *const *sgeo_space_all(void);

#endif
