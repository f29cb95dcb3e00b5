#include "base/share.h"

#include <stdio.h>

#include "base/file.h"

/* Set by the build: the source tree first, so that a checkout uses its own files. */
static const char *const roots[] = {SGEO_SOURCE_ROOT, SGEO_INSTALL_ROOT};

enum sgeo_status sgeo_share_path(char *path, size_t capacity, const char *name)
{
    for (size_t i = 0; i < sizeof roots / sizeof *roots; i++) {
        int length = snprintf(path, capacity, "%s/%s", roots[i], name);
        if (length > 0 && (size_t)length < capacity && sgeo_file_exists(path)) {
            return SGEO_OK;
        }
    }
    return sgeo_fail(SGEO_IO, "is the tree whole? an installed program needs `make install`",
                     "%s is neither under %s nor under %s", name, roots[0], roots[1]);
}
