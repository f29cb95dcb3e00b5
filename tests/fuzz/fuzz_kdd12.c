/*
 * Any bytes as the two files of KDD12: the first byte chooses the cap, user profiles reach up to a
 * line that begins with '=', rows come behind that line (clicks.h).
 */
#include "clicks.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    fuzz_clicks_create(&sgeo_ctr_kdd12);
    return 0;
}

/* Where the mark is that ends the profiles; `size` when there is none. */
static size_t find_mark(const uint8_t *data, size_t size)
{
    for (size_t i = 0; i + 1 < size; i++) {
        if (data[i] == '=' && data[i + 1] == '\n' && (i == 0 || data[i - 1] == '\n')) {
            return i;
        }
    }
    return size;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    size_t mark = find_mark(data + 1, size - 1), behind = mark + 2;
    fuzz_file_write_to(fuzz_second_path, data + 1, mark);
    fuzz_file_write(data + 1 + behind, behind < size - 1 ? size - 1 - behind : 0);
    fuzz_clicks(&sgeo_ctr_kdd12, fuzz_second_path, data[0]);
    return 0;
}
