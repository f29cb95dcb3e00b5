/* --list: what this program knows, as tab-separated lines on stdout. */
#ifndef SGEO_CLI_LISTS_H
#define SGEO_CLI_LISTS_H

#include "base/status.h"

/* kernels, isas, spaces, proxies, datasets, tasks, tables or figures; SGEO_USAGE for anything else.
 */
enum sgeo_status sgeo_list(const char *what);

#endif
