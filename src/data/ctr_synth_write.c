/*
 * The generator's files. A category becomes the raw value q + k (V - 1): V the vocabulary, q its
 * place in a fixed permutation of 0..V-2, k a fixed random multiple that makes it look like a hash.
 * The reader takes it modulo V - 1 and so finds q again: no two categories share an index.
 */
#include <math.h>
#include <string.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/memory.h"
#include "data/ctr_synth_parts.h"

#define ROWS_A_PIECE 256
#define ROW_BYTES    ((size_t)640) /* a row of 40 fields needs less */
#define AUC_BINS     ((size_t)1 << 20)
#define HASH_LIMIT   (UINT64_C(1) << 32)
#define PRIME_31     UINT64_C(2147483647)

/* --- raw values --- */

static uint64_t common_divisor(uint64_t a, uint64_t b)
{
    while (b != 0) {
        uint64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

uint64_t sgeo_synth_stride(uint64_t modulus)
{
    uint64_t stride = (uint64_t)((double)modulus * 0.6180339887498949); /* the golden section */
    while (stride == 0 || common_divisor(stride, modulus) != 1) {
        stride++;
    }
    return stride;
}

/* q of a category (1..V-1) of a field. */
static uint64_t place_of(const struct sgeo_ctr_synth *synth, size_t field, uint32_t category)
{
    return (category - 1) * synth->stride[field] % (synth->schema->vocabulary[field] - 1);
}

static bool has_letter(uint64_t hash)
{
    for (; hash != 0; hash >>= 4) {
        if ((hash & 15) > 9) {
            return true;
        }
    }
    return false;
}

/* Raw value below `limit` of a category; as a hash it must have a letter where `letter` says. */
static uint64_t value_of(const struct sgeo_ctr_synth *synth, size_t field, uint32_t category,
                         uint64_t limit, bool letter)
{
    uint64_t modulus = synth->schema->vocabulary[field] - 1;
    uint64_t place = place_of(synth, field, category), multiples = limit / modulus;
    uint64_t key = synth->token + ((uint64_t)field << 40) + ((uint64_t)category << 8);
    for (uint64_t attempt = 0;; attempt++) {
        uint64_t value = place + sgeo_splitmix64(key + attempt) % multiples * modulus;
        if (!letter || has_letter(value)) {
            return value;
        }
    }
}

/* --- rows --- */

/* The row at hand, as text. */
struct line {
    char bytes[ROW_BYTES];
    size_t n;
};

static void put(struct line *line, char byte)
{
    line->bytes[line->n++] = byte;
}

static void put_decimal(struct line *line, uint64_t value)
{
    char digits[20];
    size_t n = 0;
    do {
        digits[n++] = (char)('0' + value % 10);
        value /= 10;
    } while (value != 0);
    while (n > 0) {
        put(line, digits[--n]);
    }
}

static void put_hash(struct line *line, uint64_t value)
{
    for (int shift = 28; shift >= 0; shift -= 4) {
        put(line, "0123456789abcdef"[value >> shift & 15]);
    }
}

static void put_signed(struct line *line, int32_t value)
{
    if (value < 0) {
        put(line, '-');
    }
    put_decimal(line, (uint64_t)(value < 0 ? -(int64_t)value : (int64_t)value));
}

static void put_criteo(struct line *line, const struct sgeo_ctr_synth *synth,
                       const struct sgeo_ctr_synth_row *row)
{
    put_decimal(line, row->label);
    for (size_t d = 0; d < synth->schema->n_dense; d++) {
        put(line, '\t');
        if (!row->missing[d]) {
            put_signed(line, row->number[d]);
        }
    }
    for (size_t f = 0; f < synth->schema->n_fields; f++) {
        put(line, '\t');
        if (row->category[f] != 0) {
            put_hash(line, value_of(synth, f, row->category[f], HASH_LIMIT, false));
        }
    }
}

/* Fields 4 to 12 are hashes. */
static void put_avazu(struct line *line, const struct sgeo_ctr_synth *synth,
                      const struct sgeo_ctr_synth_row *row, uint64_t number)
{
    const size_t first_hash = 4, last_hash = 12;
    put_decimal(line, sgeo_stream_key(synth->seed, "ctr-id", number));
    put(line, ',');
    put_decimal(line, row->label);
    put(line, ',');
    put_decimal(line, sgeo_synth_hour(synth, number));
    for (size_t f = 2; f < synth->schema->n_fields; f++) {
        put(line, ',');
        if (f >= first_hash && f <= last_hash) {
            put_hash(line, value_of(synth, f, row->category[f], PRIME_31, true));
        } else {
            put_decimal(line, place_of(synth, f, row->category[f]));
        }
    }
}

static void put_kdd12(struct line *line, const struct sgeo_ctr_synth *synth,
                      const struct sgeo_ctr_synth_row *row)
{
    put_decimal(line, row->label);
    put(line, '\t');
    put_decimal(line, (uint64_t)row->number[0]);
    for (size_t f = 0; f < SGEO_SYNTH_USER; f++) {
        if (f == 3) { /* between advertiser and query */
            put(line, '\t');
            put_decimal(line, (uint64_t)row->number[1]);
            put(line, '\t');
            put_decimal(line, (uint64_t)row->number[2]);
        }
        put(line, '\t');
        put_decimal(line, value_of(synth, f, row->category[f], PRIME_31, false));
    }
    put(line, '\t');
    put_decimal(line, row->category[SGEO_SYNTH_USER]); /* its own number */
}

/* --- the truth --- */

/* Sums over rows; by bins of the true probability, expected rows of either label. */
struct tally {
    uint64_t rows, clicked;
    double entropy, variance, drawn, rate;
    double *on, *off; /* (AUC_BINS) */
};

static void count(struct tally *tally, const struct sgeo_ctr_synth_row *row)
{
    /* ln p and ln (1 - p), without cancellation */
    double tail = log1p(exp(-fabs(row->logit)));
    double ln_on = -(fmax(-row->logit, 0.0) + tail), ln_off = -(fmax(row->logit, 0.0) + tail);
    double p = exp(ln_on), q = exp(ln_off);
    size_t bin = (size_t)(p * (double)AUC_BINS);
    bin = bin < AUC_BINS ? bin : AUC_BINS - 1;
    tally->rows++;
    tally->clicked += row->label;
    tally->entropy -= p * ln_on + q * ln_off;
    tally->variance += p * q * row->logit * row->logit; /* ln_on - ln_off is the logit */
    tally->drawn -= row->label != 0 ? ln_on : ln_off;
    tally->rate += p;
    tally->on[bin] += p;
    tally->off[bin] += q;
}

static double area(const struct tally *tally)
{
    double below = 0.0, won = 0.0, on = 0.0;
    for (size_t bin = 0; bin < AUC_BINS; bin++) {
        won += tally->on[bin] * (below + 0.5 * tally->off[bin]);
        below += tally->off[bin];
        on += tally->on[bin];
    }
    return won / (on * below);
}

static struct sgeo_ctr_synth_truth truth_of(const struct tally *tally)
{
    double n = (double)tally->rows, rate = tally->rate / n;
    return (struct sgeo_ctr_synth_truth){.rows = tally->rows,
                                         .clicked = tally->clicked,
                                         .log_loss = tally->entropy / n,
                                         .log_loss_error = sqrt(tally->variance) / n,
                                         .log_loss_drawn = tally->drawn / n,
                                         .log_loss_rate =
                                             -(rate * log(rate) + (1.0 - rate) * log(1.0 - rate)),
                                         .auc = area(tally)};
}

/* --- files --- */

/* A file being written: the next row or user. */
struct writing {
    const struct sgeo_ctr_synth *synth;
    uint64_t next;
    struct tally tally;
};

static void append_row(struct sgeo_text *piece, struct writing *writing)
{
    const struct sgeo_ctr_synth *synth = writing->synth;
    struct sgeo_ctr_synth_row row;
    struct line line;
    line.n = 0;
    sgeo_ctr_synth_draw(&row, synth, writing->next);
    count(&writing->tally, &row);
    if (synth->schema == &sgeo_ctr_criteo) {
        put_criteo(&line, synth, &row);
    } else if (synth->schema == &sgeo_ctr_avazu) {
        put_avazu(&line, synth, &row, writing->next);
    } else {
        put_kdd12(&line, synth, &row);
    }
    put(&line, '\n');
    sgeo_text_append_bytes(piece, line.bytes, line.n);
    writing->next++;
}

static bool next_rows(struct sgeo_text *piece, void *context)
{
    struct writing *writing = context;
    if (writing->next == 0 && writing->synth->schema == &sgeo_ctr_avazu) {
        sgeo_text_append(piece, "id,click,hour,C1,banner_pos,site_id,site_domain,site_category,"
                                "app_id,app_domain,app_category,device_id,device_ip,device_model,"
                                "device_type,device_conn_type,C14,C15,C16,C17,C18,C19,C20,C21\n");
    }
    for (size_t i = 0; i < ROWS_A_PIECE && writing->next < writing->synth->n_rows; i++) {
        append_row(piece, writing);
    }
    return writing->next < writing->synth->n_rows;
}

static bool next_users(struct sgeo_text *piece, void *context)
{
    struct writing *writing = context;
    for (size_t i = 0; i < ROWS_A_PIECE && writing->next < writing->synth->n_users; i++) {
        uint32_t gender, age, user = (uint32_t)++writing->next;
        struct line line;
        line.n = 0;
        if (sgeo_synth_profile(&gender, &age, writing->synth, user)) {
            put_decimal(&line, user);
            put(&line, '\t');
            put_decimal(&line, gender);
            put(&line, '\t');
            put_decimal(&line, age);
            put(&line, '\n');
            sgeo_text_append_bytes(piece, line.bytes, line.n);
        }
    }
    return writing->next < writing->synth->n_users;
}

enum sgeo_status sgeo_ctr_synth_write(struct sgeo_ctr_synth_truth *truth,
                                      const struct sgeo_ctr_synth *synth, const char *path,
                                      const char *profiles)
{
    struct writing rows = {.synth = synth}, users = {.synth = synth};
    rows.tally.on = sgeo_calloc(AUC_BINS, sizeof *rows.tally.on);
    rows.tally.off = sgeo_calloc(AUC_BINS, sizeof *rows.tally.off);
    enum sgeo_status status = SGEO_OK;
    if (rows.tally.on == NULL || rows.tally.off == NULL) {
        status = sgeo_fail_memory("the truth of generated rows");
    }
    if (status == SGEO_OK) {
        status = sgeo_file_publish_pieces(path, next_rows, &rows, NULL);
    }
    if (status == SGEO_OK && profiles != NULL) {
        status = sgeo_file_publish_pieces(profiles, next_users, &users, NULL);
    }
    if (status == SGEO_OK && truth != NULL) {
        *truth = truth_of(&rows.tally);
    }
    sgeo_free(rows.tally.on);
    sgeo_free(rows.tally.off);
    return status;
}
