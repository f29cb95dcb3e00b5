/*
 * Any bytes as an idx file: the first byte chooses the rank. What is accepted holds exactly the
 * values it promises.
 */
#include <stdlib.h>

#include "data/idx.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sgeo_idx idx;
    if (size == 0) {
        return 0;
    }
    size_t rank = 1 + data[0] % SGEO_IDX_RANK_MAX;
    if (sgeo_idx_parse(&idx, rank, data + 1, size - 1, "input") != SGEO_OK) {
        return 0;
    }
    size_t n_values = 1;
    for (size_t d = 0; d < idx.rank; d++) {
        n_values *= idx.dims[d];
    }
    if (idx.values + n_values != data + size) {
        abort();
    }
    return 0;
}
