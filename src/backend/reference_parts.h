/* Inside of the double executor: what reference.c and the reference_*.c files share. */
#ifndef SGEO_BACKEND_REFERENCE_PARTS_H
#define SGEO_BACKEND_REFERENCE_PARTS_H

#include <cblas.h>
#include <stddef.h>

#include "backend/backend.h"

/* A double executor; `base` comes first, so that a sgeo_backend pointer is one to this. */
struct sgeo_reference {
    struct sgeo_backend base;
    struct sgeo_backend_table table;
    struct sgeo_interaction_table interaction;
    struct sgeo_conv *convs;     /* the cache, a list */
    struct sgeo_linear *linears; /* likewise */
    double *columns; /* im2col of one image and group, large enough for every conv in the cache */
    size_t n_columns;
};

/* Each file enters its operations into the table. */
void sgeo_reference_fill_conv(struct sgeo_backend_table *table);
void sgeo_reference_fill_linear(struct sgeo_backend_table *table);
void sgeo_reference_fill_elementwise(struct sgeo_backend_table *table);
void sgeo_reference_fill_channels(struct sgeo_backend_table *table);
void sgeo_reference_fill_pool(struct sgeo_backend_table *table);
void sgeo_reference_fill_vector(struct sgeo_backend_table *table);
void sgeo_reference_fill_interaction(struct sgeo_interaction_table *table);
void sgeo_reference_fill_matrix(struct sgeo_interaction_table *table);
void sgeo_reference_fill_attention(struct sgeo_interaction_table *table);

/* Free the caches. */
void sgeo_reference_free_convs(struct sgeo_conv *convs);
void sgeo_reference_free_linears(struct sgeo_linear *linears);

/* dst (rows,cols) = keep * dst + left (rows,depth) right (depth,cols); a transposed factor is
 * stored the other way. */
struct sgeo_product {
    CBLAS_TRANSPOSE left, right;
    size_t rows, cols, depth;
    double keep; /* 0: dst is overwritten, 1: added to */
};
void sgeo_reference_multiply(double *dst, const double *left, const double *right,
                             const struct sgeo_product *product);

/* Whether a size can be handed to BLAS. */
bool sgeo_reference_fits_blas(size_t size);

static inline size_t sgeo_reference_channels(const struct sgeo_layout *layout)
{
    return layout->groups * layout->lanes;
}

static inline size_t sgeo_reference_pixels(const struct sgeo_layout *layout)
{
    return layout->height * layout->width;
}

/* Offset of pixel 0 of channel c of image n; pixel p lies p * pitch behind it. */
static inline size_t sgeo_reference_plane(const struct sgeo_layout *layout, size_t n, size_t c)
{
    return n * layout->image + c / layout->lanes * layout->group + c % layout->lanes;
}

#endif
