/* libFuzzer: whatever the nasrec readers accept, text or file, is written back in both forms and
 * read as the same architecture. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "space/nasrec.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void require(bool promise)
{
    if (!promise) {
        abort();
    }
}

static void check_accepted(const struct sgeo_nasrec_arch *arch)
{
    char text[SGEO_NASREC_TEXT_MAX], token[SGEO_NASREC_TOKEN_MAX];
    struct sgeo_nasrec_arch again;
    struct sgeo_text json = {0};
    sgeo_nasrec_encode(text, arch);
    require(sgeo_nasrec_decode(&again, text) == SGEO_OK && sgeo_nasrec_equal(arch, &again));
    sgeo_nasrec_write_json(&json, arch);
    require(!json.failed);
    require(sgeo_nasrec_parse_json(&again, json.bytes, json.length, "again") == SGEO_OK);
    require(sgeo_nasrec_equal(arch, &again));
    sgeo_text_clear(&json);
    sgeo_nasrec_token(token, arch);
    require(strspn(token, "01234567") == (arch->space == SGEO_NASREC_FULL ? 280 : 259));
}

static void check(enum sgeo_status status, const struct sgeo_nasrec_arch *arch)
{
    if (status == SGEO_OK) {
        check_accepted(arch);
        return;
    }
    require(status == SGEO_USAGE);
    require(strstr(sgeo_error_text(), "nasrec architecture") != NULL);
    require(strchr(sgeo_error_text(), '\n') == NULL);
    require(strchr(sgeo_error_hint(), '\n') == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char *text = malloc(size + 1);
    struct sgeo_nasrec_arch arch;
    require(text != NULL);
    memcpy(text, bytes, size);
    text[size] = '\0';
    check(sgeo_nasrec_parse_json(&arch, text, size, "input"), &arch);
    check(sgeo_nasrec_decode(&arch, text), &arch);
    free(text);
    return 0;
}
