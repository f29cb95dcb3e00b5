/* libFuzzer: whatever the nb301 decoder accepts, the encoder writes back byte by byte; whatever it
 * accepts as NASLib's key survives as text. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "space/darts.h"

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
    sgeo_darts.encode(again, arch);
    require(strcmp(again, text) == 0);
}

static void check_refused(enum sgeo_status status)
{
    require(status == SGEO_USAGE);
    require(strstr(sgeo_error_text(), "character ") != NULL);
    require(strchr(sgeo_error_text(), '\n') == NULL);
    require(strchr(sgeo_error_hint(), '\n') == NULL);
}

static void check_key(const char *key)
{
    struct sgeo_arch arch, parsed;
    char text[SGEO_ARCH_TEXT_MAX];
    enum sgeo_status status = sgeo_darts.decode_naslib(&arch, key);
    require(status == SGEO_OK || status == SGEO_USAGE);
    if (status == SGEO_OK) {
        sgeo_darts.encode(text, &arch);
        require(sgeo_darts.decode(&parsed, text) == SGEO_OK);
        require(memcmp(&parsed, &arch, sizeof arch) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char *text = malloc(size + 1);
    require(text != NULL);
    memcpy(text, bytes, size);
    text[size] = '\0';
    struct sgeo_arch arch;
    enum sgeo_status status = sgeo_darts.decode(&arch, text);
    if (status == SGEO_OK) {
        check_accepted(&arch, text);
    } else {
        check_refused(status);
    }
    check_key(text);
    free(text);
    return 0;
}
