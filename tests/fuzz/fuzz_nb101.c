/* libFuzzer: whatever the nb101 decoder accepts, the encoder writes back byte by byte. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "space/nb101.h"

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
    unsigned char numbers[SGEO_NB101_NUMBERS_MAX];
    struct sgeo_arch converted;
    sgeo_nb101.encode(again, arch);
    require(strcmp(again, text) == 0);
    size_t n = sgeo_nb101_to_naslib(numbers, arch);
    require(sgeo_nb101_from_naslib(&converted, numbers, n) == SGEO_OK);
    require(memcmp(&converted, arch, sizeof converted) == 0);
}

static void check_refused(enum sgeo_status status)
{
    require(status == SGEO_USAGE);
    require(strstr(sgeo_error_text(), "nb101 architecture") != NULL);
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
    enum sgeo_status status = sgeo_nb101.decode(&arch, text);
    if (status == SGEO_OK) {
        check_accepted(&arch, text);
    } else {
        check_refused(status);
    }
    free(text);
    return 0;
}
