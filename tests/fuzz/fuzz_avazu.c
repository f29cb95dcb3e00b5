/* Any bytes as a file of Avazu; the first byte chooses the cap (clicks.h). */
#include "clicks.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    fuzz_clicks_create(&sgeo_ctr_avazu);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    fuzz_file_write(data + 1, size - 1);
    fuzz_clicks(&sgeo_ctr_avazu, NULL, data[0]);
    return 0;
}
