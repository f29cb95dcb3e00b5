#include "bench/roofs.h"

#include <stdio.h>

static const size_t row_dims[SGEO_ROOF_ROWS] = {16, 32, 64, 128};

const char *sgeo_level_name(enum sgeo_level level)
{
    static const char *const names[SGEO_LEVELS] = {"L1", "L2", "L3", "DRAM"};
    return names[level];
}

size_t sgeo_roof_row_bytes(size_t index)
{
    return row_dims[index] * sizeof(float);
}

size_t sgeo_roof_row_of(size_t row_bytes)
{
    size_t row = 0;
    while (row + 1 < SGEO_ROOF_ROWS && sgeo_roof_row_bytes(row) < row_bytes)
        row++;
    return row;
}

enum sgeo_level sgeo_roofs_level(const struct sgeo_roofs *roofs, size_t bytes)
{
    int level = SGEO_LEVEL_L1;
    while (level < SGEO_LEVEL_DRAM && bytes > roofs->cache_bytes[level])
        level++;
    return (enum sgeo_level)level;
}

static struct sgeo_limit no_limit(void)
{
    return (struct sgeo_limit){.value = 0.0};
}

static struct sgeo_limit fma_limit(const struct sgeo_roofs *roofs, enum sgeo_isa isa)
{
    struct sgeo_limit limit = {.value = roofs->fma[isa], .is_flops = true};
    if (limit.value <= 0.0)
        return no_limit();
    snprintf(limit.name, sizeof limit.name, "fma:%s", sgeo_isa_name(isa));
    return limit;
}

static struct sgeo_limit memory_limit(const char *what, const double *values, enum sgeo_level level)
{
    struct sgeo_limit limit = {.value = values[level]};
    snprintf(limit.name, sizeof limit.name, "%s:%s", what, sgeo_level_name(level));
    return limit;
}

static struct sgeo_limit gather_limit(const struct sgeo_roofs *roofs, size_t index,
                                      enum sgeo_level level)
{
    char what[16];
    snprintf(what, sizeof what, "gather%zu", sgeo_roof_row_bytes(index));
    return memory_limit(what, roofs->gather[index], level);
}

struct sgeo_limit sgeo_roofs_limit(const struct sgeo_roofs *roofs, enum sgeo_roof roof,
                                   enum sgeo_isa isa, enum sgeo_level level, size_t row_bytes)
{
    switch (roof) {
    case SGEO_ROOF_READ:
        return memory_limit("read", roofs->read, level);
    case SGEO_ROOF_TRIAD:
        return memory_limit("triad", roofs->triad, level);
    case SGEO_ROOF_UPDATE:
        return memory_limit("update", roofs->update, level);
    case SGEO_ROOF_GATHER:
        return gather_limit(roofs, sgeo_roof_row_of(row_bytes), level);
    case SGEO_ROOF_FMA:
        return fma_limit(roofs, isa);
    }
    return no_limit();
}

/* Limits of a level: reading, copying, triad, updating, rows. */
#define LEVEL_LIMITS (4 + SGEO_ROOF_ROWS)

static struct sgeo_limit limit_of_level(const struct sgeo_roofs *roofs, enum sgeo_level level,
                                        size_t which)
{
    switch (which) {
    case 0:
        return memory_limit("read", roofs->read, level);
    case 1:
        return memory_limit("copy", roofs->copy, level);
    case 2:
        return memory_limit("triad", roofs->triad, level);
    case 3:
        return memory_limit("update", roofs->update, level);
    default:
        return gather_limit(roofs, which - 4, level);
    }
}

bool sgeo_roofs_at(struct sgeo_limit *limit, const struct sgeo_roofs *roofs, size_t index)
{
    for (int isa = 0; isa < SGEO_ISA_COUNT; isa++)
        if (roofs->fma[isa] > 0.0 && index-- == 0) {
            *limit = fma_limit(roofs, (enum sgeo_isa)isa);
            return true;
        }
    if (roofs->bf16 > 0.0 && index-- == 0) {
        *limit = (struct sgeo_limit){.name = "fma:bf16", .value = roofs->bf16, .is_flops = true};
        return true;
    }
    if (index >= SGEO_LEVELS * LEVEL_LIMITS)
        return false;
    *limit = limit_of_level(roofs, (enum sgeo_level)(index / LEVEL_LIMITS), index % LEVEL_LIMITS);
    return true;
}

static void print_row(struct sgeo_text *text, const char *what, const double *values)
{
    sgeo_text_append(text, "  %-10s", what);
    for (int level = 0; level < SGEO_LEVELS; level++)
        sgeo_text_append(text, " %8.1f", values[level]);
    sgeo_text_append(text, "\n");
}

static void print_flops(struct sgeo_text *text, const struct sgeo_roofs *roofs)
{
    sgeo_text_append(text, "roofs, one thread: multiply-adds, GFLOP/s:");
    for (int isa = 0; isa < SGEO_ISA_COUNT; isa++)
        if (roofs->fma[isa] > 0.0)
            sgeo_text_append(text, " %s %.1f", sgeo_isa_name((enum sgeo_isa)isa), roofs->fma[isa]);
    if (roofs->bf16 > 0.0)
        sgeo_text_append(text, " bf16 %.1f", roofs->bf16);
    sgeo_text_append(text, "\n");
}

void sgeo_roofs_print(struct sgeo_text *text, const struct sgeo_roofs *roofs)
{
    print_flops(text, roofs);
    sgeo_text_append(text, "  %-10s", "GB/s");
    for (int level = 0; level < SGEO_LEVELS; level++)
        sgeo_text_append(text, " %8s", sgeo_level_name((enum sgeo_level)level));
    sgeo_text_append(text, "\n");
    print_row(text, "read", roofs->read);
    print_row(text, "copy", roofs->copy);
    print_row(text, "triad", roofs->triad);
    print_row(text, "update", roofs->update);
    for (size_t r = 0; r < SGEO_ROOF_ROWS; r++) {
        char what[16];
        snprintf(what, sizeof what, "gather%zu", sgeo_roof_row_bytes(r));
        print_row(text, what, roofs->gather[r]);
    }
}
