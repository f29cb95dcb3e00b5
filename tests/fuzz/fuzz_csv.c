/*
 * Any bytes as a CSV file, plain or gzip. What is accepted, written again, is read as the same
 * table.
 */
#include <string.h>

#include "base/csv.h"
#include "file.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    fuzz_file_create();
    return 0;
}

static void write_again(const struct sgeo_csv *csv)
{
    struct sgeo_text text = {0};
    for (size_t column = 0; column < csv->n_columns; column++) {
        sgeo_csv_put(&text, csv->header[column]);
    }
    sgeo_csv_end_row(&text);
    for (size_t row = 0; row < csv->n_rows; row++) {
        for (size_t column = 0; column < csv->n_columns; column++) {
            sgeo_csv_put(&text, sgeo_csv_cell(csv, row, column));
        }
        sgeo_csv_end_row(&text);
    }
    if (text.failed) {
        abort();
    }
    fuzz_file_write(text.bytes, text.length);
    sgeo_text_clear(&text);
}

static void compare(const struct sgeo_csv *a, const struct sgeo_csv *b)
{
    if (a->n_columns != b->n_columns || a->n_rows != b->n_rows) {
        abort();
    }
    /* The cells lie behind the header. */
    for (size_t i = 0; i < a->n_columns * (1 + a->n_rows); i++) {
        if (strcmp(a->header[i], b->header[i]) != 0) {
            abort();
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sgeo_csv csv = {0}, again = {0};
    fuzz_file_write(data, size);
    if (sgeo_csv_read(&csv, fuzz_path) == SGEO_OK) {
        write_again(&csv);
        if (sgeo_csv_read(&again, fuzz_path) != SGEO_OK) {
            abort();
        }
        compare(&csv, &again);
        sgeo_csv_clear(&again);
    }
    sgeo_csv_clear(&csv);
    return 0;
}
