/*
 * Any bytes as a supernet checkpoint: as they are when the first is even, else laid (xor) over a
 * whole checkpoint whose checksum is then put right, so that what lies behind the checksum is
 * reached too. What is accepted is saved as the same weights; what is refused changes nothing.
 */
#include <string.h>

#include "backend/backend.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/memory.h"
#include "file.h"
#include "space/nb201.h"
#include "space/supernet.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LIMIT = 1 << 20, UNTOUCHED = 77 };

struct bytes {
    unsigned char *at;
    size_t n;
};

static const char identity[] = "the settings of this supernet";
static struct sgeo_backend *backend;
static struct sgeo_supernet *supernet;
static struct bytes whole; /* the checkpoint of the weights that every input starts from */

static void require(bool promise)
{
    if (!promise) {
        abort();
    }
}

static struct bytes read_file(void)
{
    struct bytes bytes = {NULL, 0};
    require(sgeo_file_read(fuzz_path, LIMIT, &bytes.at, &bytes.n) == SGEO_OK);
    return bytes;
}

static struct bytes save(struct sgeo_training_point point)
{
    require(sgeo_supernet_save(supernet, fuzz_path, identity, &point) == SGEO_OK);
    return read_file();
}

static void close_all(void)
{
    sgeo_free(whole.at);
    sgeo_supernet_destroy(supernet);
    sgeo_backend_destroy(backend);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    static const struct sgeo_net_config tiny = {
        .channels = 1, .cells = 1, .classes = 2, .image_channels = 1, .image_size = 4};
    (void)argc;
    (void)argv;
    fuzz_file_create();
    require(sgeo_backend_create(
                &backend, (struct sgeo_executor){SGEO_F64, SGEO_LAYOUT_AUTO, false}) == SGEO_OK);
    require(sgeo_supernet_create(&supernet, &sgeo_nb201, &tiny, backend, 1) == SGEO_OK);
    whole = save((struct sgeo_training_point){0});
    require(atexit(close_all) == 0);
    return 0;
}

static void write_overlaid(const uint8_t *data, size_t size)
{
    size_t summed = whole.n - SGEO_SHA256_HEX;
    unsigned char *file = malloc(whole.n);
    require(file != NULL);
    memcpy(file, whole.at, whole.n);
    for (size_t i = 0; i < size && i < summed; i++) {
        file[i] ^= data[i];
    }
    sgeo_sha256((char *)file + summed, file, summed);
    fuzz_file_write(file, whole.n);
    free(file);
}

static void check_accepted(struct sgeo_training_point point)
{
    struct bytes loaded = read_file(), saved = save(point);
    require(loaded.n == saved.n && memcmp(loaded.at, saved.at, saved.n) == 0);
    sgeo_free(loaded.at);
    sgeo_free(saved.at);
}

static void check_refused(struct sgeo_training_point point)
{
    struct bytes saved = save((struct sgeo_training_point){0});
    require(point.steps == UNTOUCHED);
    require(saved.n == whole.n && memcmp(saved.at, whole.at, whole.n) == 0);
    sgeo_free(saved.at);
}

static void start_over(void)
{
    struct sgeo_training_point point;
    fuzz_file_write(whole.at, whole.n);
    require(sgeo_supernet_load(supernet, fuzz_path, identity, &point) == SGEO_OK);
    require(point.steps == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sgeo_training_point point = {.steps = UNTOUCHED};
    if (size == 0) {
        return 0;
    }
    if (data[0] % 2 == 0) {
        fuzz_file_write(data + 1, size - 1);
    } else {
        write_overlaid(data + 1, size - 1);
    }
    if (sgeo_supernet_load(supernet, fuzz_path, identity, &point) == SGEO_OK) {
        check_accepted(point);
        start_over();
    } else {
        check_refused(point);
    }
    return 0;
}
