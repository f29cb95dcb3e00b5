#include "space/space.h"

#include <string.h>

#include "space/darts.h"
#include "space/nb101.h"
#include "space/nb201.h"
#include "space/tnb101.h"

static const struct sgeo_space *const spaces[] = {&sgeo_nb101, &sgeo_nb201, &sgeo_darts,
                                                  &sgeo_tnb101, NULL};

const struct sgeo_space *const *sgeo_space_all(void)
{
    return spaces;
}

const struct sgeo_space *sgeo_space_find(const char *name)
{
    for (const struct sgeo_space *const *space = spaces; *space != NULL; space++) {
        if (strcmp((*space)->name, name) == 0) {
            return *space;
        }
    }
    return NULL;
}
