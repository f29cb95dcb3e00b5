#include "bench/shapes.h"

#include <glob.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"

#define MAX_FILE_BYTES ((size_t)1 << 20)
#define MAX_PATH_BYTES ((size_t)4096)
#define BLANKS         " \t"

static enum sgeo_status reserve(struct sgeo_bench_shapes *shapes)
{
    if (shapes->n < shapes->capacity)
        return SGEO_OK;
    size_t capacity = shapes->capacity == 0 ? 64 : 2 * shapes->capacity;
    struct sgeo_bench_shape *grown =
        sgeo_grow(shapes->shapes, shapes->capacity, capacity, sizeof *grown);
    if (!grown)
        return sgeo_fail_memory("the bench cases");
    shapes->shapes = grown;
    shapes->capacity = capacity;
    return SGEO_OK;
}

static const struct sgeo_bench_shape *find(const struct sgeo_bench_shapes *shapes,
                                           const struct sgeo_bench_shape *shape)
{
    for (size_t i = 0; i < shapes->n; i++)
        if (shapes->shapes[i].kernel == shape->kernel &&
            strcmp(sgeo_bench_args_text(shapes->shapes[i].args),
                   sgeo_bench_args_text(shape->args)) == 0)
            return &shapes->shapes[i];
    return NULL;
}

/* Takes the shape's arguments, also on an error. */
static enum sgeo_status append_take(struct sgeo_bench_shapes *shapes,
                                    const struct sgeo_bench_shape *shape)
{
    const struct sgeo_bench_shape *twin = find(shapes, shape);
    enum sgeo_status status =
        twin ? sgeo_fail(SGEO_USAGE, NULL, "%s: %s %s stands in %s already",
                         sgeo_bench_args_place(shape->args), shape->kernel->op,
                         sgeo_bench_args_text(shape->args), sgeo_bench_args_place(twin->args))
             : reserve(shapes);
    if (status != SGEO_OK) {
        sgeo_bench_args_destroy(shape->args);
        return status;
    }
    shapes->shapes[shapes->n++] = *shape;
    return SGEO_OK;
}

/* The kernel of a line; the error says where. */
static enum sgeo_status find_kernel(const struct sgeo_bench_kernel **kernel, const char *op,
                                    const char *place)
{
    if (sgeo_bench_kernel_find(kernel, op) == SGEO_OK)
        return SGEO_OK;
    char hint[128];
    snprintf(hint, sizeof hint, "%s", sgeo_error_hint());
    return sgeo_fail(SGEO_USAGE, hint, "%s: unknown kernel '%s'", place, op);
}

/* `line` is cut in two. */
static enum sgeo_status read_line(struct sgeo_bench_shapes *shapes, char *line, const char *place)
{
    struct sgeo_bench_shape shape = {0};
    char *op = line + strspn(line, BLANKS);
    if (*op == '\0' || *op == '#')
        return SGEO_OK;
    size_t length = strcspn(op, BLANKS);
    char *rest = op + length + (op[length] == '\0' ? 0 : 1);
    op[length] = '\0';
    enum sgeo_status status = find_kernel(&shape.kernel, op, place);
    if (status == SGEO_OK)
        status = sgeo_bench_args_create(&shape.args, rest, place);
    return status == SGEO_OK ? append_take(shapes, &shape) : status;
}

static enum sgeo_status read_lines(struct sgeo_bench_shapes *shapes, char *text, const char *path)
{
    enum sgeo_status status = SGEO_OK;
    size_t number = 1;
    for (char *line = text; line && status == SGEO_OK; number++) {
        char place[MAX_PATH_BYTES + 32];
        char *end = strchr(line, '\n');
        if (end)
            *end = '\0';
        snprintf(place, sizeof place, "%s:%zu", path, number);
        status = read_line(shapes, line, place);
        line = end ? end + 1 : NULL;
    }
    return status;
}

enum sgeo_status sgeo_bench_shapes_read(struct sgeo_bench_shapes *shapes, const char *path)
{
    unsigned char *bytes;
    size_t n_bytes;
    enum sgeo_status status = sgeo_file_read(path, MAX_FILE_BYTES, &bytes, &n_bytes);
    if (status != SGEO_OK)
        return status;
    status = strlen((char *)bytes) == n_bytes
                 ? read_lines(shapes, (char *)bytes, path)
                 : sgeo_fail(SGEO_IO, NULL, "%s is no text: it has a NUL byte", path);
    sgeo_free(bytes);
    return status;
}

enum sgeo_status sgeo_bench_shapes_read_folder(struct sgeo_bench_shapes *shapes, const char *folder)
{
    char pattern[MAX_PATH_BYTES];
    glob_t found;
    if (snprintf(pattern, sizeof pattern, "%s/*.txt", folder) >= (int)sizeof pattern ||
        glob(pattern, 0, NULL, &found) != 0)
        return sgeo_fail(SGEO_IO, "--shapes DIR takes a folder of *.txt files",
                         "no shape files in %s", folder);
    enum sgeo_status status = SGEO_OK;
    for (size_t i = 0; i < found.gl_pathc && status == SGEO_OK; i++)
        status = sgeo_bench_shapes_read(shapes, found.gl_pathv[i]);
    globfree(&found);
    return status;
}

void sgeo_bench_shapes_clear(struct sgeo_bench_shapes *shapes)
{
    for (size_t i = 0; i < shapes->n; i++)
        sgeo_bench_args_destroy(shapes->shapes[i].args);
    sgeo_free(shapes->shapes);
    *shapes = (struct sgeo_bench_shapes){0};
}
