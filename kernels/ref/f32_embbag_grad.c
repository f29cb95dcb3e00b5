/* dtable (n_rows,dim) = sum over the occurrences of a row of weight * ddst's row, in double. */
#include "kernels/symbols.h"

/* What the bag's gradient is multiplied by. */
static double factor_of(const struct sgeo_bags *bags, struct sgeo_occurrence occurrence)
{
    size_t first = sgeo_bags_first(bags, occurrence.bag);
    size_t end = sgeo_bags_first(bags, (size_t)occurrence.bag + 1);
    double weight = bags->weights ? (double)bags->weights[occurrence.position] : 1.0;
    return bags->mean ? weight / (double)(end - first) : weight;
}

void sgeo_f32_embbag_grad__ref(float *dtable, const float *ddst, size_t ddst_pitch, size_t dim,
                               const struct sgeo_row_groups *groups, const struct sgeo_bags *bags)
{
    for (size_t u = 0; u < groups->n_rows; u++)
        for (size_t d = 0; d < dim; d++) {
            double sum = 0.0;
            for (size_t i = groups->starts[u]; i < groups->starts[u + 1]; i++) {
                struct sgeo_occurrence occurrence = groups->occurrences[i];
                sum += factor_of(bags, occurrence) * (double)ddst[occurrence.bag * ddst_pitch + d];
            }
            dtable[u * dim + d] = (float)sum;
        }
}
