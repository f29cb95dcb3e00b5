/* Any bytes as a file of golden records: what is accepted has a network, images and labels. */
#include <stdlib.h>

#include "harness/golden.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void build(const char *space, const json_t *object)
{
    struct sgeo_golden golden = {0};
    if (sgeo_golden_network(&golden, space, object) == SGEO_OK) {
        if (golden.graph == NULL || golden.images == NULL || golden.labels == NULL ||
            golden.batch % golden.k != 0) {
            abort();
        }
    }
    sgeo_golden_clear(&golden);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_error_t error;
    json_t *root = json_loadb((const char *)data, size, 0, &error);
    const json_t *archs = json_object_get(root, "archs");
    static const char *const spaces[] = {"nb101", "nb201"};
    for (size_t s = 0; s < sizeof spaces / sizeof *spaces; s++) {
        build(spaces[s], root);
        for (size_t i = 0; i < json_array_size(archs); i++) {
            build(spaces[s], json_array_get(archs, i));
        }
    }
    json_decref(root);
    return 0;
}
