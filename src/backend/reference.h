/* The double executor of the op table: planar activations, im2col and dgemm, plain loops. The
 * oracle. */
#ifndef SGEO_BACKEND_REFERENCE_H
#define SGEO_BACKEND_REFERENCE_H

#include "backend/backend.h"
#include "base/status.h"

/*
 * Create the double executor for the calling thread. The caller owns *backend and destroys it with
 * sgeo_backend_destroy. Sets OpenBLAS to one thread, for the whole process. SGEO_IO without memory.
 */
enum sgeo_status sgeo_reference_create(struct sgeo_backend **backend);

#endif
