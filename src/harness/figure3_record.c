/* Journal lines of Figure 3. */
#include "harness/figure3_trial.h"
#include "harness/json_number.h"

/* The numbers of a record in the order of its line: five a level, then the losses and seconds. */
enum { LEVEL_NUMBERS = 5, NUMBERS = LEVEL_NUMBERS * SGEO_FIGURE3_LEVELS + 3 };

static void list_numbers(double *numbers[NUMBERS], struct sgeo_figure3_record *record)
{
    size_t n = 0;
    for (size_t l = 0; l < SGEO_FIGURE3_LEVELS; l++) {
        struct sgeo_figure3_point *point = &record->points[l];
        for (size_t g = 0; g < SGEO_GRADIENTS; g++) {
            numbers[n++] = &point->fisher_rao[g];
            numbers[n++] = &point->gradient[g];
        }
        numbers[n++] = &point->loss;
    }
    numbers[n++] = &record->test_loss;
    numbers[n++] = &record->train_loss;
    numbers[n] = &record->seconds;
}

void sgeo_figure3_record_write(struct sgeo_text *line, const struct sgeo_figure3_record *record)
{
    struct sgeo_figure3_record copy = *record;
    double *numbers[NUMBERS];
    list_numbers(numbers, &copy);
    sgeo_text_append(line, "{\"figure\":3,\"trial\":[\"%s\",%zu,%zu", record->protocol->name,
                     record->width, record->repeat);
    for (size_t i = 0; i < NUMBERS; i++) {
        sgeo_text_append(line, ",");
        sgeo_json_number_write(line, *numbers[i]);
    }
    sgeo_text_append(line, "]}");
}

enum sgeo_status sgeo_figure3_record_parse(struct sgeo_figure3_record *record, const char *line)
{
    json_t *root = json_loads(line, 0, NULL);
    const json_t *trial = json_object_get(root, "trial");
    const char *name = json_string_value(json_array_get(trial, 0));
    struct sgeo_figure3_record parsed = {0};
    double *numbers[NUMBERS], width = 0.0, repeat = 0.0;
    list_numbers(numbers, &parsed);
    parsed.protocol = name == NULL ? NULL : sgeo_figure3_protocol_find(name);
    bool good = parsed.protocol != NULL && json_array_size(trial) == 3 + NUMBERS &&
                sgeo_json_number_read(&width, json_array_get(trial, 1)) &&
                sgeo_json_number_read(&repeat, json_array_get(trial, 2)) && width > 0.0 &&
                width < 4096.0 && repeat >= 0.0 && repeat < 4096.0;
    for (size_t i = 0; good && i < NUMBERS; i++) {
        good = sgeo_json_number_read(numbers[i], json_array_get(trial, 3 + i));
    }
    json_decref(root);
    if (!good) {
        return sgeo_fail(SGEO_IO, "remove the line, or --out another directory",
                         "no trial of figure 3 in the journal: %.60s", line);
    }
    parsed.width = (size_t)width;
    parsed.repeat = (size_t)repeat;
    *record = parsed;
    return SGEO_OK;
}
