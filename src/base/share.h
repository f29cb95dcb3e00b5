/* Files that come with the program: datasets/ and results/paper/, from the source tree or from
 * where they were installed. */
#ifndef SGEO_BASE_SHARE_H
#define SGEO_BASE_SHARE_H

#include <stddef.h>

#include "base/status.h"

/* Full path of e.g. "results/paper/table2.csv". SGEO_IO when neither place has it. */
enum sgeo_status sgeo_share_path(char *path, size_t capacity, const char *name);

#endif
