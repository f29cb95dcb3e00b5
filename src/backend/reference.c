#include "backend/reference.h"

#include "backend/reference_parts.h"
#include "base/memory.h"

static struct sgeo_layout planar_layout(const struct sgeo_backend *backend, size_t n,
                                        size_t channels, size_t height, size_t width)
{
    (void)backend;
    return (struct sgeo_layout){.n = n,
                                .groups = channels,
                                .lanes = 1,
                                .height = height,
                                .width = width,
                                .image = channels * height * width,
                                .group = height * width,
                                .pitch = 1};
}

static void destroy(struct sgeo_backend *backend)
{
    struct sgeo_reference *self = (struct sgeo_reference *)backend;
    sgeo_reference_free_convs(self->convs);
    sgeo_reference_free_linears(self->linears);
    sgeo_free(self->columns);
    sgeo_free(self);
}

static void fill_table(struct sgeo_backend_table *table)
{
    table->name = "reference-f64";
    table->precision = SGEO_F64;
    table->elem_bytes = table->plain.bytes = table->maps.bytes = sizeof(double);
    table->layout = planar_layout;
    table->destroy = destroy;
    sgeo_reference_fill_conv(table);
    sgeo_reference_fill_linear(table);
    sgeo_reference_fill_elementwise(table);
    sgeo_reference_fill_channels(table);
    sgeo_reference_fill_pool(table);
    sgeo_reference_fill_vector(table);
}

enum sgeo_status sgeo_reference_create(struct sgeo_backend **backend)
{
    struct sgeo_reference *self = sgeo_calloc(1, sizeof *self);
    if (self == NULL) {
        return sgeo_fail_memory("double executor");
    }
    openblas_set_num_threads(1); /* parallelism is by architecture */
    fill_table(&self->table);
    sgeo_reference_fill_interaction(&self->interaction);
    sgeo_reference_fill_matrix(&self->interaction);
    sgeo_reference_fill_attention(&self->interaction);
    self->table.interaction = &self->interaction;
    self->base.ops = &self->table;
    *backend = &self->base;
    return SGEO_OK;
}
