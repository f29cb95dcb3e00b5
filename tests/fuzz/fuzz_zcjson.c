/* Any bytes as a zc_*.json. What is accepted is a list in which every architecture is found. */
#include <stdlib.h>
#include <string.h>

#include "data/zcjson.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sgeo_truth truth = {0};
    char *bytes = malloc(size); /* exactly as long, so that a read past the end is seen */
    if (bytes == NULL) {
        return 0;
    }
    if (size > 0) {
        memcpy(bytes, data, size);
    }
    if (sgeo_zcjson_parse(&truth, bytes, size, "input", "cifar10") == SGEO_OK) {
        for (size_t i = 0; i < truth.n; i++) {
            if (sgeo_truth_find(&truth, truth.entries[i].arch) != &truth.entries[i]) {
                abort();
            }
        }
    }
    sgeo_truth_clear(&truth);
    free(bytes);
    return 0;
}
