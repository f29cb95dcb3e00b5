/*
 * Any bytes as a line of the journal. What is accepted, written again, is read and written as the
 * same line.
 */
#include <stdlib.h>
#include <string.h>

#include "harness/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_accepted(const struct sgeo_record *record)
{
    struct sgeo_text line = {0}, again = {0};
    struct sgeo_record parsed;
    sgeo_record_write(&line, record);
    if (line.failed || sgeo_record_parse(&parsed, line.bytes) != SGEO_OK ||
        !sgeo_job_key_equal(&parsed.key, &record->key)) {
        abort();
    }
    sgeo_record_write(&again, &parsed);
    if (again.failed || strcmp(line.bytes, again.bytes) != 0) {
        abort();
    }
    sgeo_text_clear(&line);
    sgeo_text_clear(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sgeo_record record;
    char *line = malloc(size + 1);
    if (line == NULL) {
        abort();
    }
    if (size > 0) {
        memcpy(line, data, size);
    }
    line[size] = '\0';
    if (sgeo_record_parse(&record, line) == SGEO_OK) {
        check_accepted(&record);
    }
    free(line);
    return 0;
}
