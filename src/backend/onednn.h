/* The f32 executor of the op table: blocked or channels-last activations, oneDNN's convolutions,
 * the project's kernels. */
#ifndef SGEO_BACKEND_ONEDNN_H
#define SGEO_BACKEND_ONEDNN_H

#include <stdbool.h>

#include "backend/backend.h"
#include "base/status.h"

/*
 * Create the f32 executor for the calling thread, its activations blocked or channels-last, its
 * dense 3x3 convolutions by Winograd's algorithm or its maps in bf16 if asked for. The caller owns
 * *backend and destroys it with sgeo_backend_destroy, on the same thread. Sets OpenMP in this
 * thread, and OpenBLAS in the whole process, to one thread. SGEO_IO without memory,
 * SGEO_UNSUPPORTED without a oneDNN CPU engine, and for bf16 on a CPU without AVX512_BF16.
 */
enum sgeo_status sgeo_onednn_create(struct sgeo_backend **backend, struct sgeo_executor executor,
                                    bool channels_last);

#endif
