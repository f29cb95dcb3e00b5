/*
 * Checkpoints: head, the vectors (dense, its sums of squares, tables, theirs, the rest) as they lie
 * in memory, a checksum of everything before it. Little-endian, as every machine this runs on.
 * Vectors are large: they are written piece by piece.
 */
#include "space/ctr_state.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/memory.h"

static const char checkpoint_magic[8] = {'S', 'G', 'E', 'O', 'C', 'T', 'R', 'S'};
enum { CHECKPOINT_VERSION = 1, VECTORS = 5 };

#define PIECE_BYTES ((size_t)1 << 20)

struct head {
    char magic[8];
    uint64_t version;
    char identity[SGEO_SHA256_HEX + 7]; /* hash of the identity text, NUL-padded */
    uint64_t steps;
    uint64_t dense, tables; /* bytes of a vector */
};

static struct head head_of(const struct sgeo_ctr_state *state, const char *identity)
{
    struct head head = {
        .version = CHECKPOINT_VERSION, .dense = state->dense_bytes, .tables = state->table_bytes};
    memcpy(head.magic, checkpoint_magic, sizeof head.magic);
    sgeo_sha256(head.identity, identity, strlen(identity));
    return head;
}

/* The vectors in the file's order. */
static void list_vectors(unsigned char *vectors[VECTORS], size_t bytes[VECTORS],
                         const struct sgeo_ctr_state *state)
{
    void *const all[VECTORS] = {state->theta, state->squares.dense, state->tables,
                                state->squares.tables, state->rest};
    for (size_t v = 0; v < VECTORS; v++) {
        vectors[v] = all[v];
        bytes[v] = v < 2 ? state->dense_bytes : v < 4 ? state->table_bytes : state->rest_bytes;
    }
}

/* --- writing --- */

struct writer {
    struct head head;
    unsigned char *vectors[VECTORS];
    size_t bytes[VECTORS];
    size_t vector, at; /* what comes next: a place in a vector; vector VECTORS: the checksum */
    bool began;
    uint64_t checksum; /* of the pieces so far, each from the one before */
};

static void put(struct sgeo_text *piece, struct writer *writer, const void *bytes, size_t n)
{
    writer->checksum = sgeo_checksum(writer->checksum, bytes, n);
    sgeo_text_append_bytes(piece, bytes, n);
}

static bool next_piece(struct sgeo_text *piece, void *context)
{
    struct writer *writer = context;
    while (writer->vector < VECTORS && writer->at == writer->bytes[writer->vector]) {
        writer->vector++;
        writer->at = 0;
    }
    if (!writer->began) {
        put(piece, writer, &writer->head, sizeof writer->head);
        writer->began = true;
        return true;
    }
    if (writer->vector == VECTORS) {
        sgeo_text_append_bytes(piece, &writer->checksum, sizeof writer->checksum);
        return false;
    }
    size_t rest = writer->bytes[writer->vector] - writer->at;
    size_t n = rest < PIECE_BYTES ? rest : PIECE_BYTES;
    put(piece, writer, writer->vectors[writer->vector] + writer->at, n);
    writer->at += n;
    return true;
}

enum sgeo_status sgeo_ctr_state_save(const struct sgeo_ctr_state *state, const char *path,
                                     const char *identity, size_t steps)
{
    struct writer writer = {.head = head_of(state, identity)};
    writer.head.steps = steps;
    list_vectors(writer.vectors, writer.bytes, state);
    return sgeo_file_publish_pieces(path, next_piece, &writer, NULL);
}

/* --- reading --- */

static size_t file_bytes(const size_t bytes[VECTORS])
{
    size_t all = sizeof(struct head) + sizeof(uint64_t);
    for (size_t v = 0; v < VECTORS; v++) {
        all += bytes[v];
    }
    return all;
}

/* The checksum over the pieces that the writer made. */
static uint64_t sum_pieces(const unsigned char *file, const size_t bytes[VECTORS])
{
    uint64_t checksum = sgeo_checksum(0, file, sizeof(struct head));
    file += sizeof(struct head);
    for (size_t v = 0; v < VECTORS; v++) {
        for (size_t at = 0; at < bytes[v]; at += PIECE_BYTES) {
            size_t n = bytes[v] - at < PIECE_BYTES ? bytes[v] - at : PIECE_BYTES;
            checksum = sgeo_checksum(checksum, file + at, n);
        }
        file += bytes[v];
    }
    return checksum;
}

/* SGEO_IO with the reason when `file` is not a whole checkpoint of this training. */
static enum sgeo_status check_file(const char *path, const unsigned char *file, size_t n_bytes,
                                   const struct head *expected, const size_t bytes[VECTORS])
{
    const char *hint = "remove it, or give --out another directory, to train again";
    struct head head;
    uint64_t checksum;
    if (n_bytes < sizeof checkpoint_magic ||
        memcmp(file, checkpoint_magic, sizeof checkpoint_magic) != 0) {
        return sgeo_fail(SGEO_IO, hint, "%s is not a checkpoint of a training (wrong magic)", path);
    }
    if (n_bytes < sizeof head) {
        return sgeo_fail(SGEO_IO, hint, "checkpoint %s has the wrong size (%zu bytes)", path,
                         n_bytes);
    }
    memcpy(&head, file, sizeof head);
    if (head.version != CHECKPOINT_VERSION) {
        return sgeo_fail(SGEO_IO, hint, "checkpoint %s has version %llu, this program reads %d",
                         path, (unsigned long long)head.version, CHECKPOINT_VERSION);
    }
    if (head.dense != expected->dense || head.tables != expected->tables ||
        n_bytes != file_bytes(bytes)) {
        return sgeo_fail(SGEO_IO, hint, "checkpoint %s has the wrong size (%zu bytes)", path,
                         n_bytes);
    }
    memcpy(&checksum, file + n_bytes - sizeof checksum, sizeof checksum);
    if (sum_pieces(file, bytes) != checksum) {
        return sgeo_fail(SGEO_IO, hint, "checkpoint %s is damaged (checksum)", path);
    }
    if (memcmp(head.identity, expected->identity, sizeof head.identity) != 0) {
        return sgeo_fail(SGEO_IO, hint, "checkpoint %s was trained with other settings", path);
    }
    return SGEO_OK;
}

enum sgeo_status sgeo_ctr_state_load(const struct sgeo_ctr_state *state, const char *path,
                                     const char *identity, size_t *steps)
{
    const struct head expected = head_of(state, identity);
    unsigned char *vectors[VECTORS], *file = NULL;
    size_t bytes[VECTORS], n_bytes = 0;
    list_vectors(vectors, bytes, state);
    enum sgeo_status status = sgeo_file_read(path, 2 * file_bytes(bytes), &file, &n_bytes);
    if (status != SGEO_OK) {
        return status;
    }
    status = check_file(path, file, n_bytes, &expected, bytes);
    if (status == SGEO_OK) {
        struct head head;
        const unsigned char *at = file + sizeof head;
        memcpy(&head, file, sizeof head);
        for (size_t v = 0; v < VECTORS; v++) {
            if (bytes[v] > 0) {
                memcpy(vectors[v], at, bytes[v]);
            }
            at += bytes[v];
        }
        *steps = (size_t)head.steps;
    }
    sgeo_free(file);
    return status;
}
