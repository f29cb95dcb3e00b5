/* Files that list architectures or models, one a line. */
#ifndef SGEO_HARNESS_LIST_FILE_H
#define SGEO_HARNESS_LIST_FILE_H

#include "base/status.h"

typedef enum sgeo_status (*sgeo_list_line)(const char *line, void *context);

/*
 * Hand every line to `take`; blank lines and those that start with # are skipped. A line that is
 * refused ends the reading with that status and its number before the text. SGEO_IO when the file
 * cannot be read.
 */
enum sgeo_status sgeo_list_file_read(const char *path, sgeo_list_line take, void *context);

#endif
