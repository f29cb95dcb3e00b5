#include "harness/ctr_predictions.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/memory.h"

static const char magic[8] = {'S', 'G', 'E', 'O', 'C', 'T', 'R', 'P'};
enum { VERSION = 1, PATH_BYTES = 1024 };

struct head {
    char magic[8];
    uint64_t version, n;
    char identity[SGEO_SHA256_HEX + 7]; /* NUL-padded */
};

static struct head head_of(const struct sgeo_ctr_final *record, size_t n)
{
    struct head head = {.version = VERSION, .n = n};
    memcpy(head.magic, magic, sizeof magic);
    sgeo_ctr_final_identity(head.identity, record);
    return head;
}

static void name_file(char path[PATH_BYTES], const char *out, const struct sgeo_ctr_final *record)
{
    const struct head head = head_of(record, 0);
    snprintf(path, PATH_BYTES, "%s/predictions/%s-%.16s.bin", out, record->task->name,
             head.identity);
}

enum sgeo_status sgeo_ctr_predictions_write(const char *out, const struct sgeo_ctr_final *record,
                                            const double *logits, size_t n)
{
    const struct head head = head_of(record, n);
    struct sgeo_text file = {0};
    char path[PATH_BYTES];
    snprintf(path, sizeof path, "%s/predictions", out);
    enum sgeo_status status = sgeo_directory_create(path);
    sgeo_text_append_bytes(&file, &head, sizeof head);
    for (size_t i = 0; i < n; i++) {
        float logit = (float)logits[i];
        sgeo_text_append_bytes(&file, &logit, sizeof logit);
    }
    if (status == SGEO_OK && !file.failed) {
        uint64_t checksum = sgeo_checksum(0, file.bytes, file.length);
        sgeo_text_append_bytes(&file, &checksum, sizeof checksum);
    }
    name_file(path, out, record);
    if (status == SGEO_OK) {
        status =
            file.failed ? sgeo_fail_memory(path) : sgeo_file_publish(path, file.bytes, file.length);
    }
    sgeo_text_clear(&file);
    return status;
}

bool sgeo_ctr_predictions_exist(const char *out, const struct sgeo_ctr_final *record)
{
    char path[PATH_BYTES];
    name_file(path, out, record);
    return sgeo_file_exists(path);
}

static bool is_whole(const unsigned char *file, size_t n_bytes, const struct head *expected)
{
    uint64_t checksum;
    size_t body = sizeof *expected + (size_t)expected->n * sizeof(float);
    if (n_bytes != body + sizeof checksum || memcmp(file, expected, sizeof *expected) != 0) {
        return false;
    }
    memcpy(&checksum, file + body, sizeof checksum);
    return sgeo_checksum(0, file, body) == checksum;
}

enum sgeo_status sgeo_ctr_predictions_read(double *logits, size_t n, const char *out,
                                           const struct sgeo_ctr_final *record)
{
    const struct head expected = head_of(record, n);
    unsigned char *file = NULL;
    char path[PATH_BYTES];
    size_t n_bytes = 0, limit = sizeof expected + n * sizeof(float) + sizeof(uint64_t);
    name_file(path, out, record);
    enum sgeo_status status = sgeo_file_read(path, limit, &file, &n_bytes);
    if (status != SGEO_OK) {
        return status;
    }
    if (!is_whole(file, n_bytes, &expected)) {
        sgeo_free(file);
        return sgeo_fail(SGEO_IO, "remove it, and --resume trains that model again",
                         "%s is damaged, or of other rows", path);
    }
    for (size_t i = 0; i < n; i++) {
        float logit;
        memcpy(&logit, file + sizeof expected + i * sizeof logit, sizeof logit);
        logits[i] = (double)logit;
    }
    sgeo_free(file);
    return SGEO_OK;
}
