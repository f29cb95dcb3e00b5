#include "base/machine.h"

#include <ctype.h>
#include <hwloc.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/revision.h" /* made by the build */

static void trim_end(char *text)
{
    size_t length = strlen(text);
    while (length > 0 && isspace((unsigned char)text[length - 1]) != 0) {
        text[--length] = '\0';
    }
}

static void read_topology(struct sgeo_machine *machine)
{
    hwloc_topology_t topology;
    snprintf(machine->cpu, sizeof machine->cpu, "unknown");
    if (hwloc_topology_init(&topology) != 0) {
        return;
    }
    if (hwloc_topology_load(topology) == 0) {
        hwloc_obj_t root = hwloc_get_root_obj(topology);
        hwloc_obj_t package = hwloc_get_obj_by_type(topology, HWLOC_OBJ_PACKAGE, 0);
        hwloc_obj_t core = hwloc_get_obj_by_type(topology, HWLOC_OBJ_CORE, 0);
        const char *model =
            package == NULL ? NULL : hwloc_obj_get_info_by_name(package, "CPUModel");
        model = model == NULL ? hwloc_obj_get_info_by_name(root, "CPUModel") : model;
        snprintf(machine->cpu, sizeof machine->cpu, "%s", model == NULL ? "unknown" : model);
        trim_end(machine->cpu); /* processors pad their names */
        int cores = hwloc_get_nbobjs_by_type(topology, HWLOC_OBJ_CORE);
        machine->cores = cores > 0 ? (size_t)cores : 0;
        int threads = hwloc_get_nbobjs_by_type(topology, HWLOC_OBJ_PU);
        machine->threads = threads > 0 ? (size_t)threads : 0;
        int nodes = hwloc_get_nbobjs_by_type(topology, HWLOC_OBJ_NUMANODE);
        machine->numa_nodes = nodes > 0 ? (size_t)nodes : 0;
        for (hwloc_obj_t at = core; at != NULL; at = at->parent) {
            if (at->type == HWLOC_OBJ_L1CACHE) {
                machine->l1_bytes = (size_t)at->attr->cache.size;
            } else if (at->type == HWLOC_OBJ_L2CACHE) {
                machine->l2_bytes = (size_t)at->attr->cache.size;
            } else if (at->type == HWLOC_OBJ_L3CACHE) {
                machine->l3_bytes = (size_t)at->attr->cache.size;
            }
        }
    }
    hwloc_topology_destroy(topology);
}

/* "AMD EPYC-Milan Processor" -> "amd-epyc-milan-processor". */
static void make_slug(char *slug, size_t capacity, const char *name)
{
    size_t length = 0;
    for (; *name != '\0' && length + 1 < capacity; name++) {
        if (isalnum((unsigned char)*name) != 0) {
            slug[length++] = (char)tolower((unsigned char)*name);
        } else if (length > 0 && slug[length - 1] != '-') {
            slug[length++] = '-';
        }
    }
    while (length > 0 && slug[length - 1] == '-') {
        length--;
    }
    slug[length] = '\0';
}

void sgeo_machine_describe(struct sgeo_machine *machine)
{
    struct utsname names;
    *machine = (struct sgeo_machine){
        .compiler = SGEO_COMPILER, .flags = SGEO_COMPILER_FLAGS, .revision = SGEO_REVISION};
    read_topology(machine);
    make_slug(machine->slug, sizeof machine->slug, machine->cpu);
    if (uname(&names) == 0) {
        snprintf(machine->system, sizeof machine->system, "%.20s %.60s %.20s", names.sysname,
                 names.release, names.machine);
    }
}
