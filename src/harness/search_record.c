#include "harness/search_record.h"

#include "harness/json_number.h"

void sgeo_candidate_write(struct sgeo_text *line, const struct sgeo_candidate *candidate)
{
    char arch[SGEO_NASREC_TEXT_MAX];
    sgeo_nasrec_encode(arch, &candidate->arch);
    sgeo_text_append(line, "{\"candidate\":%zu,\"arch\":\"%s\",\"score\":", candidate->index, arch);
    sgeo_json_number_write(line, candidate->score);
    sgeo_text_append(line, ",\"seconds\":");
    sgeo_json_number_write(line, candidate->seconds_cpu);
    sgeo_text_append(line, "}");
}

static bool read_candidate(struct sgeo_candidate *candidate, const json_t *object)
{
    const json_t *index = json_object_get(object, "candidate");
    const char *arch = json_string_value(json_object_get(object, "arch"));
    if (!json_is_integer(index) || json_integer_value(index) < 0 || arch == NULL ||
        json_object_size(object) != 4) {
        return false;
    }
    candidate->index = (size_t)json_integer_value(index);
    candidate->scored = true;
    return sgeo_nasrec_decode(&candidate->arch, arch) == SGEO_OK &&
           sgeo_json_number_read(&candidate->score, json_object_get(object, "score")) &&
           sgeo_json_number_read(&candidate->seconds_cpu, json_object_get(object, "seconds"));
}

enum sgeo_status sgeo_candidate_parse(struct sgeo_candidate *candidate, const char *line)
{
    json_t *object = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
    struct sgeo_candidate parsed = {0};
    bool good = read_candidate(&parsed, object);
    json_decref(object);
    if (!good) {
        return sgeo_fail(
            SGEO_IO, "the journal is damaged or of another version: give --out another directory",
            "not a search's journal line: %.60s", line);
    }
    *candidate = parsed;
    return SGEO_OK;
}

void sgeo_preparation_write(struct sgeo_text *line, double seconds)
{
    sgeo_text_append(line, "{\"preparation_seconds\":");
    sgeo_json_number_write(line, seconds);
    sgeo_text_append(line, "}");
}

bool sgeo_preparation_parse(double *seconds, const char *line)
{
    json_t *object = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
    bool good = json_object_size(object) == 1 &&
                sgeo_json_number_read(seconds, json_object_get(object, "preparation_seconds"));
    json_decref(object);
    return good;
}
