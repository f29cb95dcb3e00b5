#include "backend/backend.h"

#include "backend/onednn.h"
#include "backend/reference.h"

enum sgeo_status sgeo_backend_create(struct sgeo_backend **backend, enum sgeo_precision precision)
{
    return precision == SGEO_F64 ? sgeo_reference_create(backend) : sgeo_onednn_create(backend);
}

void sgeo_backend_destroy(struct sgeo_backend *backend)
{
    if (backend != NULL) {
        backend->ops->destroy(backend);
    }
}
