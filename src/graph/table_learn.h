/* What is done with gradients of embedding tables: the optimiser's step, and moments over several
 * batches. Both cost touched rows, and equal the same on dense gradients. */
#ifndef SGEO_GRAPH_TABLE_LEARN_H
#define SGEO_GRAPH_TABLE_LEARN_H

#include <stddef.h>

#include "base/status.h"
#include "graph/embedding.h"

/*
 * Adagrad on all tables: squares += g^2, tables -= lr g / (sqrt(squares) + epsilon). Both are
 * vectors of the embedding. Rows that the batch did not touch stay as they are, as g = 0 leaves
 * them.
 */
void sgeo_table_adagrad(void *tables, void *squares, const struct sgeo_embedding *embedding,
                        const struct sgeo_table_gradient *gradient, double lr, double epsilon);

/*
 * Moments of one table's k gradients, 1..SGEO_MOMENTS_MAX_BATCHES, as sgeo_f32_row_moments has
 * them; theta_dot by the vector `tables` (NULL: 0). SGEO_IO without memory.
 */
enum sgeo_status sgeo_table_moments(struct sgeo_moments *moments,
                                    const struct sgeo_embedding *embedding, size_t table,
                                    const struct sgeo_table_gradient *const *gradients, size_t k,
                                    const void *tables);

#endif
