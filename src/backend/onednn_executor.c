#include "backend/onednn.h"

#include "backend/onednn_parts.h"
#include "base/memory.h"

static void destroy(struct sgeo_backend *backend)
{
    struct sgeo_onednn *self = (struct sgeo_onednn *)backend;
    sgeo_onednn_free_convs(self);
    sgeo_onednn_free_linears(self->linears);
    sgeo_onednn_engine_destroy(self->engine);
    sgeo_free(self);
}

static void fill_table(struct sgeo_backend_table *table, bool bf16_maps)
{
    table->name = bf16_maps ? "onednn-bf16" : "onednn-f32";
    table->precision = SGEO_F32;
    table->elem_bytes = table->plain.bytes = sizeof(float);
    table->maps.bytes = bf16_maps ? sizeof(uint16_t) : sizeof(float);
    table->destroy = destroy;
    sgeo_onednn_fill_conv(table);
    sgeo_onednn_fill_linear(table);
    sgeo_onednn_fill_elementwise(table, bf16_maps);
    sgeo_onednn_fill_channels(table, bf16_maps);
    sgeo_onednn_fill_vector(table);
}

enum sgeo_status sgeo_onednn_create(struct sgeo_backend **backend, struct sgeo_executor executor,
                                    bool channels_last)
{
    struct sgeo_onednn *self = sgeo_calloc(1, sizeof *self);
    if (self == NULL) {
        return sgeo_fail_memory("f32 executor");
    }
    enum sgeo_status status = sgeo_onednn_engine_create(&self->engine, executor, channels_last);
    if (status != SGEO_OK) {
        sgeo_free(self);
        return status;
    }
    fill_table(&self->table, executor.precision == SGEO_BF16);
    sgeo_onednn_fill_interaction(&self->interaction);
    self->table.interaction = &self->interaction;
    self->base.ops = &self->table;
    self->channels_last = channels_last;
    *backend = &self->base;
    return SGEO_OK;
}
