#include "harness/list_file.h"

#include <string.h>

#include "base/file.h"
#include "base/memory.h"

#define LIMIT ((size_t)64 << 20)

enum sgeo_status sgeo_list_file_read(const char *path, sgeo_list_line take, void *context)
{
    unsigned char *bytes = NULL;
    size_t n_bytes = 0, number = 0;
    enum sgeo_status status = sgeo_file_read(path, LIMIT, &bytes, &n_bytes);
    char *rest = (char *)bytes;
    while (status == SGEO_OK && rest != NULL && *rest != '\0') {
        char *line = rest, *end = strchr(rest, '\n');
        rest = end == NULL ? NULL : end + 1;
        line[strcspn(line, "\r\n")] = '\0';
        number++;
        if (*line != '\0' && *line != '#') {
            status = take(line, context);
        }
        if (status != SGEO_OK) {
            status = sgeo_fail(status, sgeo_error_hint(), "line %zu of %s: %s", number, path,
                               sgeo_error_text());
        }
    }
    sgeo_free(bytes);
    return status;
}
