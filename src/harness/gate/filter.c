#include "harness/gate/filter.h"

#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "harness/share.h"

#define GATE_SET       "bench/gate.txt"
#define GATE_SET_LIMIT ((size_t)1 << 20)

static void add_name(struct sgeo_text *filter, const char *name, size_t length)
{
    sgeo_text_append(filter, filter->length == 0 ? "^(" : "|");
    for (size_t i = 0; i < length; i++) {
        const char *escape = strchr(".[]{}()*+?^$|\\", name[i]) == NULL ? "" : "\\";
        sgeo_text_append(filter, "%s%c", escape, name[i]);
    }
}

void sgeo_gate_filter_add(struct sgeo_text *filter, const char *bench)
{
    add_name(filter, bench, strlen(bench));
}

void sgeo_gate_filter_close(struct sgeo_text *filter)
{
    sgeo_text_append(filter, ")$");
}

static enum sgeo_status read_gate_set(struct sgeo_text *filter)
{
    char path[1024];
    unsigned char *bytes = NULL;
    size_t n_bytes = 0;
    enum sgeo_status status = sgeo_share_path(path, sizeof path, GATE_SET);
    if (status == SGEO_OK) {
        status = sgeo_file_read(path, GATE_SET_LIMIT, &bytes, &n_bytes);
    }
    if (status != SGEO_OK) {
        return status;
    }
    for (const char *line = (const char *)bytes; *line != '\0';) {
        size_t length = strcspn(line, "\n"), name = strcspn(line, " \t#\r\n");
        if (name > 0) {
            add_name(filter, line, name);
        }
        line += length + (line[length] == '\n');
    }
    sgeo_free(bytes);
    if (filter->length == 0) {
        return sgeo_fail(SGEO_IO, NULL, "%s names no bench", path);
    }
    sgeo_gate_filter_close(filter);
    return filter->failed ? sgeo_fail_memory("gate set") : SGEO_OK;
}

enum sgeo_status sgeo_gate_filter_choose(struct sgeo_text *filter, const char *given)
{
    if (given == NULL) {
        return read_gate_set(filter);
    }
    sgeo_text_append(filter, "%s", given);
    return filter->failed ? sgeo_fail_memory("bench filter") : SGEO_OK;
}
