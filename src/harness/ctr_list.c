#include "harness/ctr_list.h"

#include <string.h>

#define LIST_SEED ((uint64_t)2018)

#define ON(set)                                                                                    \
    {                                                                                              \
        {.name = set, .space = "nasrec-small", .dataset = set},                                    \
        {                                                                                          \
            .name = set, .space = "nasrec-full", .dataset = set                                    \
        }                                                                                          \
    }

/* By click-through task, in the order of sgeo_ctr_task_all, and by enum sgeo_nasrec_space. */
static const struct sgeo_task tasks[SGEO_CTR_TASKS_MAX][2] = {ON("criteo"), ON("avazu"),
                                                              ON("kdd12")};

void sgeo_ctr_list_arch(struct sgeo_nasrec_arch *arch, enum sgeo_nasrec_space space, size_t number)
{
    struct sgeo_rng rng = sgeo_rng_stream(LIST_SEED, "truth:draw", number);
    sgeo_nasrec_sample(arch, space, &rng);
}

const struct sgeo_task *sgeo_ctr_list_task(const struct sgeo_ctr_task *task,
                                           enum sgeo_nasrec_space space)
{
    size_t t = 0;
    while (strcmp(tasks[t][space].name, task->name) != 0) {
        t++;
    }
    return &tasks[t][space];
}

const struct sgeo_task *sgeo_ctr_list_task_of(const char *task, const char *arch)
{
    for (size_t i = 0; i < 2 * SGEO_CTR_TASKS_MAX; i++) {
        const struct sgeo_task *found = &tasks[i / 2][i % 2];
        size_t length = strlen(found->space);
        if (strcmp(found->name, task) == 0 && strncmp(arch, found->space, length) == 0 &&
            arch[length] == ' ') {
            return found;
        }
    }
    return NULL;
}
