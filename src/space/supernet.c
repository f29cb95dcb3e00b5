#include "space/supernet.h"

#include <string.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/memory.h"

struct sgeo_supernet {
    const struct sgeo_space *space;
    struct sgeo_net_config config;
    struct sgeo_backend *backend;
    struct sgeo_graph *graph;
    struct sgeo_store *store;
    void *theta, *velocity;
    uint64_t seed;
    sgeo_draw_fn draw; /* NULL: the space's own sample */
    void *draw_context;
};

enum sgeo_status sgeo_supernet_create(struct sgeo_supernet **out, const struct sgeo_space *space,
                                      const struct sgeo_net_config *config,
                                      struct sgeo_backend *backend, uint64_t seed)
{
    struct sgeo_supernet *supernet = sgeo_calloc(1, sizeof *supernet);
    if (supernet == NULL) {
        return sgeo_fail_memory("supernet");
    }
    supernet->space = space;
    supernet->config = *config;
    supernet->config.edge_affine = false;
    supernet->config.supernet_names = true;
    supernet->backend = backend;
    supernet->seed = seed;
    enum sgeo_status status = space->build_supernet(&supernet->graph, &supernet->config);
    if (status == SGEO_OK) {
        status = sgeo_store_create(&supernet->store, supernet->graph, backend, 1);
    }
    if (status == SGEO_OK) {
        supernet->theta = sgeo_store_vector(supernet->store);
        supernet->velocity = sgeo_store_vector(supernet->store);
        status = supernet->theta == NULL || supernet->velocity == NULL
                     ? sgeo_fail_memory("supernet")
                     : SGEO_OK;
    }
    if (status == SGEO_OK) {
        status = sgeo_store_init_random(supernet->store, supernet->theta, seed, 0);
    }
    if (status != SGEO_OK) {
        sgeo_supernet_destroy(supernet);
        return status;
    }
    *out = supernet;
    return SGEO_OK;
}

void sgeo_supernet_destroy(struct sgeo_supernet *supernet)
{
    if (supernet == NULL) {
        return;
    }
    sgeo_free(supernet->velocity);
    sgeo_free(supernet->theta);
    sgeo_store_destroy(supernet->store);
    sgeo_graph_destroy(supernet->graph);
    sgeo_free(supernet);
}

size_t sgeo_supernet_params(const struct sgeo_supernet *supernet)
{
    return sgeo_store_logical(supernet->store);
}

void sgeo_supernet_draw(struct sgeo_supernet *supernet, sgeo_draw_fn draw, void *context)
{
    supernet->draw = draw;
    supernet->draw_context = context;
}

/* --- training --- */

/* The caller's callbacks behind the supernet's own path sampling. */
struct shared_context {
    const struct sgeo_supernet *supernet;
    const struct sgeo_training *training;
};

static enum sgeo_status sample_path(struct sgeo_graph **graph, size_t step, void *context)
{
    const struct sgeo_supernet *supernet = ((const struct shared_context *)context)->supernet;
    struct sgeo_rng rng = sgeo_rng_stream(supernet->seed, "path", step);
    struct sgeo_arch arch;
    enum sgeo_status status = SGEO_OK;
    if (supernet->draw != NULL) {
        status = supernet->draw(&arch, &rng, supernet->draw_context);
    } else {
        supernet->space->sample(&arch, &rng);
    }
    return status == SGEO_OK ? supernet->space->build(graph, &arch, &supernet->config) : status;
}

static enum sgeo_status next_batch(void *images, uint16_t *labels, size_t epoch, size_t first,
                                   size_t n, void *context)
{
    const struct sgeo_training *training = ((const struct shared_context *)context)->training;
    return training->next_batch(images, labels, epoch, first, n, training->context);
}

static enum sgeo_status on_step(const struct sgeo_training_result *result, void *context)
{
    const struct sgeo_training *training = ((const struct shared_context *)context)->training;
    return training->on_step == NULL ? SGEO_OK : training->on_step(result, training->context);
}

enum sgeo_status sgeo_supernet_train(struct sgeo_supernet *supernet,
                                     struct sgeo_training_result *result, struct sgeo_pool *pool,
                                     const struct sgeo_training *training,
                                     const struct sgeo_training_point *from)
{
    struct shared_context context = {supernet, training};
    struct sgeo_training shared = *training;
    shared.path = sample_path;
    shared.next_batch = next_batch;
    shared.on_step = on_step;
    shared.context = &context;
    const struct sgeo_trainee trainee = {.store = supernet->store,
                                         .backend = supernet->backend,
                                         .pool = pool,
                                         .theta = supernet->theta,
                                         .velocity = supernet->velocity};
    return sgeo_train(result, &trainee, &shared, from);
}

/* --- checkpoints --- */

/*
 * File: header, theta and velocity (count doubles each, row-major by segment), SHA-256 in hex of
 * everything before it. Little-endian, as every machine this runs on.
 */
static const char checkpoint_magic[8] = {'S', 'G', 'E', 'O', 'S', 'U', 'P', 'R'};
enum { CHECKPOINT_VERSION = 2 };

struct checkpoint_header {
    char magic[8];
    uint64_t version;
    char identity[SGEO_SHA256_HEX + 7]; /* hash of the identity text, NUL-padded */
    uint64_t steps;
    double loss_sum;
    uint64_t count;
};

static size_t checkpoint_bytes(const struct sgeo_supernet *supernet)
{
    return sizeof(struct checkpoint_header) +
           2 * sgeo_store_logical(supernet->store) * sizeof(double) + SGEO_SHA256_HEX;
}

static struct checkpoint_header expected_header(const struct sgeo_supernet *supernet,
                                                const char *identity)
{
    struct checkpoint_header header = {.version = CHECKPOINT_VERSION,
                                       .count = sgeo_store_logical(supernet->store)};
    memcpy(header.magic, checkpoint_magic, sizeof header.magic);
    sgeo_sha256(header.identity, identity, strlen(identity));
    return header;
}

enum sgeo_status sgeo_supernet_save(const struct sgeo_supernet *supernet, const char *path,
                                    const char *identity, const struct sgeo_training_point *point)
{
    size_t bytes = checkpoint_bytes(supernet), count = sgeo_store_logical(supernet->store);
    unsigned char *file = sgeo_calloc(bytes, 1);
    if (file == NULL) {
        return sgeo_fail_memory("supernet checkpoint");
    }
    struct checkpoint_header header = expected_header(supernet, identity);
    header.steps = point->steps;
    header.loss_sum = point->loss_sum;
    memcpy(file, &header, sizeof header);
    double *values = (double *)(void *)(file + sizeof header);
    sgeo_store_export_all(supernet->store, values, supernet->theta);
    sgeo_store_export_all(supernet->store, values + count, supernet->velocity);
    sgeo_sha256((char *)file + bytes - SGEO_SHA256_HEX, file, bytes - SGEO_SHA256_HEX);
    enum sgeo_status status = sgeo_file_publish(path, file, bytes);
    sgeo_free(file);
    return status;
}

/* SGEO_IO with the reason when `file` is not a whole checkpoint of this supernet. */
static enum sgeo_status check_file(const struct sgeo_supernet *supernet, const char *path,
                                   const char *identity, const unsigned char *file, size_t bytes,
                                   struct checkpoint_header *header)
{
    const char *hint = "remove it, or give --out another directory, to train the supernet again";
    struct checkpoint_header expected = expected_header(supernet, identity);
    char sum[SGEO_SHA256_HEX];
    if (bytes < sizeof checkpoint_magic ||
        memcmp(file, checkpoint_magic, sizeof checkpoint_magic) != 0) {
        return sgeo_fail(SGEO_IO, hint, "%s is not a supernet checkpoint (wrong magic)", path);
    }
    if (bytes < sizeof *header) {
        return sgeo_fail(SGEO_IO, hint, "checkpoint %s has the wrong size (%zu bytes)", path,
                         bytes);
    }
    memcpy(header, file, sizeof *header);
    if (header->version != CHECKPOINT_VERSION) {
        return sgeo_fail(SGEO_IO, hint, "checkpoint %s has version %llu, this program reads %d",
                         path, (unsigned long long)header->version, CHECKPOINT_VERSION);
    }
    if (header->count != expected.count || bytes != checkpoint_bytes(supernet)) {
        return sgeo_fail(SGEO_IO, hint, "checkpoint %s has the wrong size (%zu bytes)", path,
                         bytes);
    }
    sgeo_sha256(sum, file, bytes - SGEO_SHA256_HEX);
    if (memcmp(sum, file + bytes - SGEO_SHA256_HEX, SGEO_SHA256_HEX) != 0) {
        return sgeo_fail(SGEO_IO, hint, "checkpoint %s is damaged (checksum)", path);
    }
    if (memcmp(header->identity, expected.identity, sizeof expected.identity) != 0) {
        return sgeo_fail(SGEO_IO, hint, "checkpoint %s was trained with other settings", path);
    }
    return SGEO_OK;
}

enum sgeo_status sgeo_supernet_load(struct sgeo_supernet *supernet, const char *path,
                                    const char *identity, struct sgeo_training_point *point)
{
    unsigned char *file = NULL;
    size_t bytes = 0;
    struct checkpoint_header header;
    enum sgeo_status status = sgeo_file_read(path, 2 * checkpoint_bytes(supernet), &file, &bytes);
    if (status != SGEO_OK) {
        return status;
    }
    status = check_file(supernet, path, identity, file, bytes, &header);
    if (status == SGEO_OK) {
        const double *values = (const double *)(const void *)(file + sizeof header);
        sgeo_store_import_all(supernet->store, supernet->theta, values);
        sgeo_store_import_all(supernet->store, supernet->velocity, values + header.count);
        *point = (struct sgeo_training_point){(size_t)header.steps, header.loss_sum};
    }
    sgeo_free(file);
    return status;
}

enum sgeo_status sgeo_supernet_fill(const struct sgeo_store *store, void *theta, void *context)
{
    const struct sgeo_supernet *supernet = context;
    enum sgeo_status status =
        sgeo_store_init_formula(store, theta); /* scale 1, shift 0; the rest is overwritten */
    if (status == SGEO_OK) {
        status = sgeo_store_inherit(store, theta, supernet->store, supernet->theta);
    }
    return status;
}
