#include "data/ctr_data.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"

/* Raised when the generator changes what it writes: older files are then left alone. */
#define SYNTH_VERSION 1

/* Paths of a set's files under `folder`; an empty text where there is none. */
struct files {
    struct sgeo_text folder;
    struct sgeo_text path[SGEO_CTR_FILES];
};

static enum sgeo_status name_files(struct files *files, const struct sgeo_ctr_schema *schema)
{
    const char *names[SGEO_CTR_FILES];
    bool failed = files->folder.failed;
    sgeo_ctr_source_files(names, schema);
    for (size_t i = 0; i < SGEO_CTR_FILES && !failed; i++) {
        if (names[i] != NULL) {
            sgeo_text_append(&files->path[i], "%s/%s", files->folder.bytes, names[i]);
            failed = files->path[i].failed;
        }
    }
    return failed ? sgeo_fail_memory("path") : SGEO_OK;
}

static void clear_files(struct files *files)
{
    sgeo_text_clear(&files->folder);
    for (size_t i = 0; i < SGEO_CTR_FILES; i++) {
        sgeo_text_clear(&files->path[i]);
    }
}

/* The first file that is missing; NULL: none. */
static const char *missing_of(const struct files *files)
{
    for (size_t i = 0; i < SGEO_CTR_FILES; i++) {
        if (files->path[i].bytes != NULL && !sgeo_file_exists(files->path[i].bytes)) {
            return files->path[i].bytes;
        }
    }
    return NULL;
}

static enum sgeo_status find_real(const struct files *files, const char *dataset)
{
    const char *missing = missing_of(files);
    if (missing != NULL) {
        return sgeo_fail(SGEO_IO,
                         "datasets/ says what belongs there; without --data rows are generated",
                         "%s needs %s, which is not there", dataset, missing);
    }
    return SGEO_OK;
}

/* Write the set unless it is there. */
static enum sgeo_status find_generated(const struct files *files,
                                       const struct sgeo_ctr_synth *synth, const char *dataset)
{
    struct sgeo_text folder = {0};
    if (missing_of(files) == NULL) {
        return SGEO_OK;
    }
    sgeo_text_append(&folder, "%s/%s", files->folder.bytes, dataset);
    enum sgeo_status status =
        folder.failed ? sgeo_fail_memory("path") : sgeo_directory_create(folder.bytes);
    if (status == SGEO_OK) {
        status = sgeo_ctr_synth_write(NULL, synth, files->path[0].bytes, files->path[1].bytes);
    }
    sgeo_text_clear(&folder);
    return status;
}

static enum sgeo_status find_files(struct files *files, struct sgeo_ctr_data *data,
                                   const struct sgeo_ctr_request *request)
{
    if (request->data_dir != NULL) {
        sgeo_text_append(&files->folder, "%s", request->data_dir);
    } else {
        sgeo_text_append(&files->folder, "%s/ctr-synth-v%d-seed%llu-rows%llu", request->work_dir,
                         SYNTH_VERSION, (unsigned long long)request->seed,
                         (unsigned long long)request->rows);
    }
    enum sgeo_status status = name_files(files, data->schema);
    if (status != SGEO_OK || request->data_dir != NULL) {
        return status != SGEO_OK ? status : find_real(files, request->dataset);
    }
    status = sgeo_ctr_synth_create(&data->synth, data->schema, request->seed, request->rows);
    return status == SGEO_OK ? find_generated(files, data->synth, request->dataset) : status;
}

enum sgeo_status sgeo_ctr_data_open(struct sgeo_ctr_data *data,
                                    const struct sgeo_ctr_request *request)
{
    struct sgeo_ctr_data made = {.schema = sgeo_ctr_schema_find(request->dataset)};
    struct files files = {{0}, {{0}}};
    if (made.schema == NULL) {
        return sgeo_fail(SGEO_USAGE, "--list datasets shows the known names",
                         "unknown click-through data set '%s'", request->dataset);
    }
    enum sgeo_status status = find_files(&files, &made, request);
    if (status == SGEO_OK) {
        const struct sgeo_ctr_source source = {.schema = made.schema,
                                               .path = files.path[0].bytes,
                                               .profiles = files.path[1].bytes,
                                               .cap = request->cap,
                                               .skip_bad = request->skip_bad};
        status = sgeo_ctr_cache_obtain(&made.cache, request->work_dir, &source);
    }
    clear_files(&files);
    if (status != SGEO_OK) {
        sgeo_ctr_data_close(&made);
        return status;
    }
    *data = made;
    return SGEO_OK;
}

void sgeo_ctr_data_close(struct sgeo_ctr_data *data)
{
    if (data == NULL) {
        return;
    }
    sgeo_ctr_cache_close(data->cache);
    sgeo_ctr_synth_destroy(data->synth);
    *data = (struct sgeo_ctr_data){0};
}
