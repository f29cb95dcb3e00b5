/* libFuzzer: whatever the nb201 decoder accepts, the encoder writes back byte by byte. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "space/nb201.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void require(bool promise)
{
    if (!promise) {
        abort();
    }
}

static void check_accepted(const struct sgeo_arch *arch, const char *text)
{
    char again[SGEO_ARCH_TEXT_MAX];
    struct sgeo_arch enumerated;
    sgeo_nb201.encode(again, arch);
    require(strcmp(again, text) == 0);
    require(sgeo_nb201_index(arch) < SGEO_NB201_CELLS);
    sgeo_nb201_enumerate(&enumerated, sgeo_nb201_index(arch));
    require(memcmp(&enumerated, arch, sizeof enumerated) == 0);
}

static void check_refused(enum sgeo_status status)
{
    require(status == SGEO_USAGE);
    require(strstr(sgeo_error_text(), "character ") != NULL);
    require(strchr(sgeo_error_text(), '\n') == NULL);
    require(strchr(sgeo_error_hint(), '\n') == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char *text = malloc(size + 1);
    require(text != NULL);
    memcpy(text, bytes, size);
    text[size] = '\0';
    struct sgeo_arch arch;
    enum sgeo_status status = sgeo_nb201.decode(&arch, text);
    if (status == SGEO_OK) {
        check_accepted(&arch, text);
    } else {
        check_refused(status);
    }
    free(text);
    return 0;
}
