#include "backend/backend.h"

#include "backend/onednn.h"
#include "backend/reference.h"

static bool is_channels_last(enum sgeo_layout_choice choice)
{
    return choice == SGEO_LAYOUT_NHWC || (choice == SGEO_LAYOUT_AUTO && !SGEO_KERNELS_X86);
}

const char *sgeo_layout_name(enum sgeo_layout_choice choice)
{
    return is_channels_last(choice) ? "nhwc" : "blocked";
}

const char *sgeo_arithmetic_name(struct sgeo_executor executor)
{
    static const char *const names[] = {
        [SGEO_F64] = "f64", [SGEO_F32] = "f32", [SGEO_BF16] = "bf16"};
    return executor.winograd ? "f32-winograd" : names[executor.precision];
}

enum sgeo_status sgeo_backend_create(struct sgeo_backend **backend, struct sgeo_executor executor)
{
    return executor.precision == SGEO_F64
               ? sgeo_reference_create(backend)
               : sgeo_onednn_create(backend, executor, is_channels_last(executor.layout));
}

void sgeo_backend_destroy(struct sgeo_backend *backend)
{
    if (backend != NULL) {
        backend->ops->destroy(backend);
    }
}
