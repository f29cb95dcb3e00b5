/* The kernels of this process: chosen once, by name or by CPU. */
#include <pthread.h>
#include <stddef.h>
#include <string.h>

#include "base/text.h"
#include "kernels/dispatch/dispatch.h"

static struct {
    struct sgeo_kernels kernels;
    enum sgeo_isa isa;
    bool done;
} selected;

static void select_isa(enum sgeo_isa isa)
{
    selected.done = sgeo_kernels_fill(&selected.kernels, isa);
    selected.isa = isa;
}

static enum sgeo_isa best_here(void)
{
    struct sgeo_cpu cpu;
    sgeo_cpu_detect(&cpu);
    return sgeo_isa_best(&cpu);
}

static const char *nearest_name(const char *name)
{
    const char *nearest = "auto";
    size_t least = sgeo_edit_distance(name, nearest);
    for (int isa = 0; isa < SGEO_ISA_COUNT; isa++) {
        const char *candidate = sgeo_isa_name((enum sgeo_isa)isa);
        size_t distance = sgeo_edit_distance(name, candidate);
        if (distance < least) {
            least = distance;
            nearest = candidate;
        }
    }
    return nearest;
}

static enum sgeo_status unknown_name(const char *name)
{
    struct sgeo_text hint = {0};
    sgeo_text_append(&hint, "did you mean %s? --list isas shows all", nearest_name(name));
    enum sgeo_status status =
        sgeo_fail(SGEO_USAGE, hint.bytes, "unknown instruction set '%s'", name);
    sgeo_text_clear(&hint);
    return status;
}

static enum sgeo_status select_known(enum sgeo_isa isa)
{
    struct sgeo_cpu cpu;
    sgeo_cpu_detect(&cpu);
    const char *why = sgeo_isa_refusal(&cpu, isa);
    if (why)
        return sgeo_fail(SGEO_UNSUPPORTED, "auto takes the best that runs here",
                         "instruction set %s cannot be used: %s", sgeo_isa_name(isa), why);
    select_isa(isa);
    return SGEO_OK;
}

enum sgeo_status sgeo_kernels_select(const char *name)
{
    if (!name || strcmp(name, "auto") == 0) {
        select_isa(best_here());
        return SGEO_OK;
    }
    for (int isa = 0; isa < SGEO_ISA_COUNT; isa++)
        if (strcmp(name, sgeo_isa_name((enum sgeo_isa)isa)) == 0)
            return select_known((enum sgeo_isa)isa);
    return unknown_name(name);
}

static void select_default(void)
{
    if (!selected.done)
        select_isa(best_here());
}

static void select_default_once(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, select_default);
}

const struct sgeo_kernels *sgeo_kernels_get(void)
{
    select_default_once();
    return &selected.kernels;
}

enum sgeo_isa sgeo_kernels_isa(void)
{
    select_default_once();
    return selected.isa;
}
