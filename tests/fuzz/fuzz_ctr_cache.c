/*
 * Any bytes as a cache of click-through rows: as they are when the first is even, else laid (xor)
 * over a sound cache whose checksums are then put right, so that what lies behind them is reached
 * too. Rows of what is accepted are in range.
 */
#include "base/file.h"
#include "base/memory.h"
#include "clicks.h"
#include "data/ctr_cache_parts.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Rows of Avazu: the text with the shortest records. */
static const char text[] =
    "id,click,hour,C1,banner_pos,site_id,site_domain,site_category,app_id,app_domain,app_category,"
    "device_id,device_ip,device_model,device_type,device_conn_type,C14,C15,C16,C17,C18,C19,C20,"
    "C21\n"
    "1,1,14102100,5,0,1fbe01fe,f3845767,28905ebd,ecad2386,7801e8d9,07d7df22,a99f214a,ddd2926e,"
    "44956a24,1,2,6,0,5,2,0,5,-1,9\n"
    "2,0,14102101,5,0,1fbe01ff,f3845768,28905ebe,ecad2387,7801e8da,07d7df23,a99f214b,ddd2926f,"
    "44956a25,1,2,7,0,5,2,0,5,-1,9\n";

static const struct sgeo_ctr_source source = {.schema = &sgeo_ctr_avazu, .path = fuzz_path};
static unsigned char *whole;
static size_t n_whole;

static void free_whole(void)
{
    sgeo_free(whole);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    fuzz_clicks_create(&sgeo_ctr_avazu);
    fuzz_file_write(text, sizeof text - 1);
    fuzz_require(sgeo_ctr_cache_build(fuzz_second_path, &source) == SGEO_OK);
    fuzz_require(sgeo_file_read(fuzz_second_path, 1 << 20, &whole, &n_whole) == SGEO_OK);
    fuzz_require(atexit(free_whole) == 0);
    return 0;
}

/* Checksums of a file that is laid out as `whole` is. */
static void put_right(unsigned char *bytes)
{
    struct sgeo_ctr_layout layout = sgeo_ctr_layout_of(&sgeo_ctr_avazu, 2);
    struct sgeo_ctr_footer footer;
    unsigned char *records = bytes + sizeof(struct sgeo_ctr_head);
    unsigned char *labels = bytes + layout.labels, *checksums = bytes + layout.checksums;
    uint64_t checksum = sgeo_checksum(0, records, 2 * layout.record_bytes);
    memcpy(checksums, &checksum, sizeof checksum);
    memcpy(&footer, bytes + layout.footer, sizeof footer);
    footer.labels_checksum = sgeo_checksum(0, labels, (size_t)(layout.checksums - layout.labels));
    footer.checksums_checksum = sgeo_checksum(0, checksums, sizeof checksum);
    footer.checksum = sgeo_ctr_footer_checksum(&footer);
    memcpy(bytes + layout.footer, &footer, sizeof footer);
}

static void write_overlaid(const uint8_t *data, size_t size)
{
    unsigned char *bytes = malloc(n_whole);
    fuzz_require(bytes != NULL);
    memcpy(bytes, whole, n_whole);
    for (size_t i = 0; i < size && i < n_whole; i++) {
        bytes[i] ^= data[i];
    }
    put_right(bytes);
    fuzz_file_write_to(fuzz_second_path, bytes, n_whole);
    free(bytes);
}

static void read_rows(const struct sgeo_ctr_cache *cache)
{
    const uint32_t list[] = {1, 0, 1};
    size_t n = sgeo_ctr_cache_rows(cache);
    for (size_t first = 0; first < n; first += FUZZ_BATCH) {
        size_t rest = n - first < FUZZ_BATCH ? n - first : FUZZ_BATCH;
        if (sgeo_ctr_cache_read(&fuzz_rows, cache, first, rest) == SGEO_OK) {
            fuzz_rows_check(&sgeo_ctr_avazu, 0);
        }
    }
    if (n >= 2 && sgeo_ctr_cache_gather(&fuzz_rows, cache, list, 3) == SGEO_OK) {
        fuzz_rows_check(&sgeo_ctr_avazu, 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sgeo_ctr_cache *cache = NULL;
    if (size == 0) {
        return 0;
    }
    if (data[0] % 2 == 0) {
        fuzz_file_write_to(fuzz_second_path, data + 1, size - 1);
    } else {
        write_overlaid(data + 1, size - 1);
    }
    if (sgeo_ctr_cache_open(&cache, fuzz_second_path, &source) == SGEO_OK) {
        read_rows(cache);
    }
    sgeo_ctr_cache_close(cache);
    return 0;
}
