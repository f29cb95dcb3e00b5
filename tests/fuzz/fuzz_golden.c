/* Any bytes as a file of golden records: what is accepted has a network, images or features, and
 * labels. */
#include <stdlib.h>

#include "harness/golden.h"
#include "space/space.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* As a record of every space that has golden vectors. */
static void build(const json_t *object)
{
    for (const struct sgeo_space *const *space = sgeo_space_all(); *space != NULL; space++) {
        struct sgeo_golden golden = {0};
        if (sgeo_golden_knows((*space)->name) &&
            sgeo_golden_network(&golden, (*space)->name, object) == SGEO_OK &&
            (golden.graph == NULL || golden.images == NULL || golden.labels == NULL ||
             golden.batch % golden.k != 0)) {
            abort();
        }
        sgeo_golden_clear(&golden);
    }
}

/* As a recommender model. */
static void build_model(const json_t *object)
{
    struct sgeo_golden golden = {0};
    if (sgeo_golden_model(&golden, object) == SGEO_OK &&
        (golden.graph == NULL || golden.features == NULL || golden.labels == NULL ||
         golden.batch % golden.k != 0)) {
        abort();
    }
    sgeo_golden_clear(&golden);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_error_t error;
    json_t *root = json_loadb((const char *)data, size, 0, &error);
    const json_t *archs = json_object_get(root, "archs"), *models = json_object_get(root, "models");
    build(root);
    for (size_t i = 0; i < json_array_size(archs); i++) {
        build(json_array_get(archs, i));
    }
    for (size_t i = 0; i < json_array_size(models); i++) {
        build_model(json_array_get(models, i));
    }
    json_decref(root);
    return 0;
}
