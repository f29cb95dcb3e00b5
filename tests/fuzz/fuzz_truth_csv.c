/*
 * Any bytes as a ground-truth CSV. What is accepted is a list in order in which every architecture
 * is found. The bytes go through a file, because CSV tables have no other way in: gzip is fuzzed
 * along.
 */
#include "data/truth.h"
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

static void check(const struct sgeo_truth *truth)
{
    for (size_t i = 0; i < truth->n; i++) {
        const struct sgeo_truth_entry *entry = &truth->entries[i];
        if (sgeo_truth_find(truth, entry->arch) != entry) {
            abort();
        }
        if (i > 0 && entry->naslib_idx < entry[-1].naslib_idx) {
            abort();
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct sgeo_truth_columns columns = {
        .arch = {"arch", NULL}, .order = "naslib_idx", .val = "val", .test = "test"};
    struct sgeo_truth truth = {0};
    fuzz_file_write(data, size);
    if (sgeo_truth_read_csv(&truth, fuzz_path, &columns) == SGEO_OK) {
        check(&truth);
    }
    sgeo_truth_clear(&truth);
    return 0;
}
