/*
 * The supernet: its size, what a step touches, what a candidate inherits, and checkpoints that are
 * whole or refused (loop index 0: double, 1: float).
 */
#include "space/supernet.h"

#include <unistd.h>

#include "base/file.h"
#include "graph/rig.h"
#include "space/nb201.h"

static const enum sgeo_precision precisions[2] = {SGEO_F64, SGEO_F32};

enum { IMAGES = 6, BATCH = 4, EPOCHS = 4, ELEMS = 3 * 8 * 8 };

static const struct sgeo_training_point some_point = {.steps = 3, .loss_sum = 1.25};

/* The first path that it draws has a way from the image to the logits. */
enum { SEED = 4 };

static const struct sgeo_net_config small = {
    .channels = 4, .cells = 1, .classes = 5, .image_channels = 3, .image_size = 8};

static struct sgeo_backend *backend;
static struct sgeo_pool *pool;
static char path[512];

static void make_path(void)
{
    const char *parent = getenv("TMPDIR");
    snprintf(path, sizeof path, "%s/sgeo-supernet-XXXXXX", parent != NULL ? parent : "/tmp");
    int file = mkstemp(path);
    ck_assert_int_ge(file, 0);
    ck_assert_int_eq(close(file), 0);
}

static void remove_path(void)
{
    unlink(path);
}

static struct sgeo_supernet *create(uint64_t seed)
{
    struct sgeo_supernet *supernet = NULL;
    rig_ok(sgeo_supernet_create(&supernet, &sgeo_nb201, &small, backend, seed));
    return supernet;
}

static struct sgeo_supernet *open_supernet(int precision)
{
    rig_ok(sgeo_backend_create(
        &backend, (struct sgeo_executor){precisions[precision], SGEO_LAYOUT_AUTO, false}));
    pool = sgeo_pool_create();
    ck_assert_ptr_nonnull(pool);
    return create(SEED);
}

static void close_supernet(struct sgeo_supernet *supernet)
{
    sgeo_supernet_destroy(supernet);
    sgeo_pool_destroy(pool);
    sgeo_backend_destroy(backend);
}

/* --- training on made-up images --------------------------------------------------------------- */

static enum sgeo_status next_batch(void *images, uint16_t *labels, size_t epoch, size_t first,
                                   size_t n, void *context)
{
    (void)context;
    for (size_t i = 0; i < n; i++) {
        struct sgeo_rng rng = sgeo_rng_stream(43, "image", epoch * IMAGES + first + i);
        labels[i] = (uint16_t)sgeo_rng_below(&rng, small.classes);
        for (size_t e = 0; e < ELEMS; e++) {
            double pixel = 2.0 * sgeo_rng_uniform(&rng) - 1.0;
            if (backend->ops->precision == SGEO_F64) {
                ((double *)images)[i * ELEMS + e] = pixel;
            } else {
                ((float *)images)[i * ELEMS + e] = (float)pixel;
            }
        }
    }
    return SGEO_OK;
}

/* context: the supernet to save within the second epoch, where the program then stops. */
static enum sgeo_status stop_after_three(const struct sgeo_training_result *result, void *context)
{
    if (result->point.steps < 3) {
        return SGEO_OK;
    }
    rig_ok(sgeo_supernet_save(context, path, "identity", &result->point));
    return SGEO_INTERRUPTED;
}

static struct sgeo_training recipe(void)
{
    return (struct sgeo_training){.images = IMAGES,
                                  .epochs = EPOCHS,
                                  .batch = BATCH,
                                  .image_elems = ELEMS,
                                  .lr = 0.1,
                                  .lr_min = 0.001,
                                  .momentum = 0.9,
                                  .weight_decay = 3e-4,
                                  .next_batch = next_batch};
}

static double train(struct sgeo_supernet *supernet, const struct sgeo_training *training,
                    const struct sgeo_training_point *from)
{
    struct sgeo_training_result result;
    rig_ok(sgeo_supernet_train(supernet, &result, pool, training, from));
    ck_assert(!result.diverged);
    return result.last_loss;
}

/* --- looking inside: a store of the supernet's own graph inherits everything -------------------
 */

struct whole {
    struct sgeo_graph *graph;
    struct sgeo_store *store;
    void *theta;
};

static void open_whole(struct whole *whole, struct sgeo_supernet *supernet)
{
    struct sgeo_net_config config = small;
    config.supernet_names = true;
    rig_ok(sgeo_nb201.build_supernet(&whole->graph, &config));
    rig_ok(sgeo_store_create(&whole->store, whole->graph, backend, 1));
    whole->theta = sgeo_store_vector(whole->store);
    ck_assert_ptr_nonnull(whole->theta);
    rig_ok(sgeo_supernet_fill(whole->store, whole->theta, supernet));
}

static void close_whole(struct whole *whole)
{
    sgeo_free(whole->theta);
    sgeo_store_destroy(whole->store);
    sgeo_graph_destroy(whole->graph);
}

static bool segments_equal(const struct sgeo_store *a, const void *a_vector, size_t in_a,
                           const struct sgeo_store *b, const void *b_vector, size_t in_b)
{
    double *first = rig_segment(a, a_vector, in_a), *second = rig_segment(b, b_vector, in_b);
    size_t count = sgeo_store_segment(a, in_a)->count;
    bool equal = sgeo_store_segment(b, in_b)->count == count &&
                 memcmp(first, second, count * sizeof *first) == 0;
    sgeo_free(first);
    sgeo_free(second);
    return equal;
}

static bool supernets_equal(struct sgeo_supernet *a, struct sgeo_supernet *b)
{
    struct whole first, second;
    bool equal = true;
    open_whole(&first, a);
    open_whole(&second, b);
    for (size_t s = 0; s < sgeo_store_count(first.store); s++) {
        equal = equal && segments_equal(first.store, first.theta, s, second.store, second.theta, s);
    }
    close_whole(&first);
    close_whole(&second);
    return equal;
}

/* --- size and training ------------------------------------------------------------------------ */

START_TEST(test_supernet_of_nb201_has_1686106_parameters)
{
    const struct sgeo_net_config cifar10 = {
        .channels = 16, .cells = 5, .classes = 10, .image_channels = 3, .image_size = 32};
    struct sgeo_supernet *supernet = NULL;
    rig_ok(
        sgeo_backend_create(&backend, (struct sgeo_executor){SGEO_F64, SGEO_LAYOUT_AUTO, false}));
    rig_ok(sgeo_supernet_create(&supernet, &sgeo_nb201, &cifar10, backend, 1));
    ck_assert_uint_eq(sgeo_supernet_params(supernet), 1686106);
    sgeo_supernet_destroy(supernet);
    sgeo_backend_destroy(backend);
}
END_TEST

/* The path of step 0: its graph, as the header promises to draw it. */
static struct sgeo_graph *first_path(void)
{
    struct sgeo_net_config config = small;
    struct sgeo_rng rng = sgeo_rng_stream(SEED, "path", 0);
    struct sgeo_graph *graph = NULL;
    struct sgeo_arch arch;
    config.supernet_names = true;
    sgeo_nb201.sample(&arch, &rng);
    rig_ok(sgeo_nb201.build(&graph, &arch, &config));
    return graph;
}

static bool graph_has(const struct sgeo_graph *graph, const char *name)
{
    for (size_t s = 0; s < graph->n_segments; s++) {
        if (strcmp(graph->segments[s].name, name) == 0) {
            return true;
        }
    }
    return false;
}

/* Weight decay moves whatever the optimiser touches, so what stays was not touched. */
START_TEST(test_supernet_step_changes_the_sampled_path_only)
{
    struct sgeo_supernet *supernet = open_supernet(_i), *fresh = create(SEED);
    struct sgeo_graph *graph = first_path();
    struct sgeo_training training = recipe();
    struct whole before, after;
    size_t changed = 0;
    training.images = BATCH;
    training.epochs = 1;
    training.weight_decay = 0.01;
    train(supernet, &training, NULL);
    open_whole(&before, fresh);
    open_whole(&after, supernet);
    for (size_t s = 0; s < sgeo_store_count(before.store); s++) {
        const char *name = sgeo_store_segment(before.store, s)->name;
        bool same = segments_equal(before.store, before.theta, s, after.store, after.theta, s);
        ck_assert_msg(same == !graph_has(graph, name), "%s", name);
        changed += !same;
    }
    ck_assert(changed > 0 && changed < sgeo_store_count(before.store));
    close_whole(&before);
    close_whole(&after);
    sgeo_graph_destroy(graph);
    sgeo_supernet_destroy(fresh);
    close_supernet(supernet);
}
END_TEST

START_TEST(test_supernet_starts_from_its_seed)
{
    struct sgeo_supernet *supernet = open_supernet(_i), *same = create(SEED),
                         *other = create(SEED + 1);
    ck_assert(supernets_equal(supernet, same));
    ck_assert(!supernets_equal(supernet, other));
    sgeo_supernet_destroy(same);
    sgeo_supernet_destroy(other);
    close_supernet(supernet);
}
END_TEST

/* --- inheritance ------------------------------------------------------------------------------ */

static void assert_constant(const struct sgeo_store *store, const void *theta, size_t s,
                            double value)
{
    double *values = rig_segment(store, theta, s);
    for (size_t i = 0; i < sgeo_store_segment(store, s)->count; i++) {
        ck_assert_msg(values[i] == value, "%s", sgeo_store_segment(store, s)->name);
    }
    sgeo_free(values);
}

/* Every segment that the supernet has, bit for bit; the edges' own scales 1 and shifts 0. */
START_TEST(test_supernet_candidate_inherits_exactly)
{
    struct sgeo_supernet *supernet = open_supernet(_i);
    struct sgeo_net_config config = small;
    struct sgeo_training training = recipe();
    struct sgeo_graph *graph = NULL;
    struct sgeo_store *store = NULL;
    struct sgeo_arch arch;
    struct whole whole;
    size_t own = 0;
    train(supernet, &training, NULL);
    config.edge_affine = config.supernet_names = true;
    rig_ok(sgeo_nb201.decode(
        &arch, "|nor_conv_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+|none~0|avg_pool_3x3~1|"
               "nor_conv_3x3~2|"));
    rig_ok(sgeo_nb201.build(&graph, &arch, &config));
    rig_ok(sgeo_store_create(&store, graph, backend, BATCH));
    void *theta = sgeo_store_vector(store);
    memset(theta, 0xff, sgeo_store_total(store) * backend->ops->elem_bytes);
    rig_ok(sgeo_supernet_fill(store, theta, supernet));
    open_whole(&whole, supernet);
    for (size_t s = 0; s < sgeo_store_count(store); s++) {
        const struct sgeo_segment *segment = sgeo_store_segment(store, s);
        size_t source = sgeo_store_find(whole.store, segment->name);
        if (source != SGEO_NONE) {
            ck_assert_msg(segments_equal(store, theta, s, whole.store, whole.theta, source), "%s",
                          segment->name);
        } else {
            ck_assert(segment->kind == SGEO_SEGMENT_SCALE || segment->kind == SGEO_SEGMENT_SHIFT);
            assert_constant(store, theta, s, segment->kind == SGEO_SEGMENT_SCALE ? 1.0 : 0.0);
            own++;
        }
    }
    ck_assert_uint_eq(own, 3 * 3 * 2); /* three convolutions in each of three cells */
    close_whole(&whole);
    sgeo_free(theta);
    sgeo_store_destroy(store);
    sgeo_graph_destroy(graph);
    close_supernet(supernet);
}
END_TEST

/* --- checkpoints ------------------------------------------------------------------------------ */

/* Interrupted after two of four epochs and continued from the file: weights, momentum and loss. */
/* --- learning --- */

enum { LONG_EPOCHS = 200, EARLY = 10, LATE = 50 };

/* Mean losses of the first and the last epochs: paths are drawn, single epochs scatter. */
static double early_loss, late_loss;

static enum sgeo_status note_loss(const struct sgeo_training_result *result, void *context)
{
    size_t epoch = result->point.steps - 1; /* of one step each */
    double loss = result->last_loss;
    (void)context;
    early_loss += epoch < EARLY ? loss / EARLY : 0.0;
    late_loss += epoch >= LONG_EPOCHS - LATE ? loss / LATE : 0.0;
    return SGEO_OK;
}

/* The same images at every epoch, all pixels of an image shifted by its label. */
static enum sgeo_status next_learnable(void *images, uint16_t *labels, size_t epoch, size_t first,
                                       size_t n, void *context)
{
    (void)epoch;
    enum sgeo_status status = next_batch(images, labels, 0, first, n, context);
    for (size_t e = 0; e < n * ELEMS; e++) {
        double shift = labels[e / ELEMS] - 0.5 * (double)(small.classes - 1);
        if (backend->ops->precision == SGEO_F64) {
            ((double *)images)[e] += shift;
        } else {
            ((float *)images)[e] += (float)shift;
        }
    }
    return status;
}

/* Chance is ln 5 = 1.61. */
START_TEST(test_supernet_training_lowers_the_loss)
{
    struct sgeo_supernet *supernet = open_supernet(_i);
    struct sgeo_training training = recipe();
    training.epochs = LONG_EPOCHS;
    training.batch = IMAGES;
    training.lr = 0.02;
    training.next_batch = next_learnable;
    training.on_step = note_loss;
    train(supernet, &training, NULL);
    ck_assert_double_gt(early_loss, 1.2);
    ck_assert_double_lt(late_loss, 0.6 * early_loss);
    close_supernet(supernet);
}
END_TEST

START_TEST(test_supernet_resumed_training_gives_the_bits_of_one_run)
{
    struct sgeo_supernet *whole = open_supernet(_i), *first = create(SEED), *second = create(SEED);
    struct sgeo_training training = recipe(), interrupted = recipe();
    struct sgeo_training_result result;
    struct sgeo_training_point point;
    unsigned char *files[2];
    size_t bytes[2];
    double once = train(whole, &training, NULL);
    interrupted.on_step = stop_after_three;
    interrupted.context = first;
    ck_assert_int_eq(sgeo_supernet_train(first, &result, pool, &interrupted, NULL),
                     SGEO_INTERRUPTED);
    rig_ok(sgeo_supernet_load(second, path, "identity", &point));
    ck_assert_uint_eq(point.steps, 3);
    ck_assert(supernets_equal(first, second) && !supernets_equal(first, whole));
    ck_assert(train(second, &training, &point) == once);
    struct sgeo_supernet *done[2] = {whole, second};
    for (size_t i = 0; i < 2; i++) {
        rig_ok(sgeo_supernet_save(done[i], path, "identity", &some_point));
        rig_ok(sgeo_file_read(path, 1U << 24, &files[i], &bytes[i]));
    }
    ck_assert_uint_eq(bytes[0], bytes[1]);
    ck_assert_mem_eq(files[0], files[1], bytes[0]);
    sgeo_free(files[0]);
    sgeo_free(files[1]);
    sgeo_supernet_destroy(first);
    sgeo_supernet_destroy(second);
    close_supernet(whole);
}
END_TEST

/* Ways to spoil a checkpoint. */
enum damage {
    MAGIC,
    VERSION,
    CUT_IN_HEADER,
    CUT_IN_VALUES,
    LONGER,
    FLIPPED_WEIGHT,
    FLIPPED_STEPS,
    FLIPPED_SUM,
    DAMAGES
};

static const char *const damage_words[DAMAGES] = {"wrong magic", "has version", "wrong size",
                                                  "wrong size",  "wrong size",  "checksum",
                                                  "checksum",    "checksum"};

/* Spoil the file in place (it has room for one byte more); its new size. */
static size_t spoil(unsigned char *file, size_t bytes, enum damage damage)
{
    switch (damage) {
    case MAGIC:
        file[3] ^= 1;
        break;
    case VERSION:
        file[8]++;
        break;
    case CUT_IN_HEADER:
        return 40;
    case CUT_IN_VALUES:
        return bytes - 8;
    case LONGER:
        file[bytes] = 0;
        return bytes + 1;
    case FLIPPED_WEIGHT:
        file[bytes / 2] ^= 64;
        break;
    case FLIPPED_STEPS:
        file[8 + 8 + 72] ^= 1;
        break;
    case FLIPPED_SUM:
        file[bytes - 5] ^= 1;
        break;
    case DAMAGES:
        break;
    }
    return bytes;
}

static void write_file(const unsigned char *bytes, size_t n)
{
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes, 1, n, file), n);
    ck_assert_int_eq(fclose(file), 0);
}

static void assert_file_is(const unsigned char *bytes, size_t n)
{
    unsigned char *now = NULL;
    size_t n_now = 0;
    rig_ok(sgeo_file_read(path, 1U << 24, &now, &n_now));
    ck_assert_uint_eq(n_now, n);
    ck_assert_mem_eq(now, bytes, n);
    sgeo_free(now);
}

/* Refused with SGEO_IO and `words`; neither the supernet, nor *point, nor the file changes. */
static void assert_refused(struct sgeo_supernet *supernet, const char *identity, const char *words)
{
    struct sgeo_supernet *fresh = create(SEED);
    struct sgeo_training_point point = {99, 0.5};
    ck_assert_int_eq(sgeo_supernet_load(supernet, path, identity, &point), SGEO_IO);
    ck_assert_msg(strstr(sgeo_error_text(), words) != NULL, "'%s' lacks '%s'", sgeo_error_text(),
                  words);
    ck_assert_msg(strstr(sgeo_error_text(), path) != NULL, "'%s' does not name the file",
                  sgeo_error_text());
    ck_assert(point.steps == 99 && point.loss_sum == 0.5);
    ck_assert(supernets_equal(supernet, fresh));
    sgeo_supernet_destroy(fresh);
}

START_TEST(test_supernet_damaged_checkpoint_is_refused_with_its_reason)
{
    struct sgeo_supernet *supernet = open_supernet(0), *trained = create(SEED + 1);
    unsigned char *file = NULL;
    size_t bytes = 0;
    rig_ok(sgeo_supernet_save(trained, path, "identity", &some_point));
    rig_ok(sgeo_file_read(path, 1U << 24, &file, &bytes));
    bytes = spoil(file, bytes, (enum damage)_i);
    write_file(file, bytes);
    assert_refused(supernet, "identity", damage_words[_i]);
    assert_file_is(file, bytes);
    sgeo_free(file);
    sgeo_supernet_destroy(trained);
    close_supernet(supernet);
}
END_TEST

START_TEST(test_supernet_checkpoint_of_another_identity_is_refused)
{
    struct sgeo_supernet *supernet = open_supernet(_i), *trained = create(SEED + 1);
    unsigned char *file = NULL;
    size_t bytes = 0;
    rig_ok(sgeo_supernet_save(trained, path, "level 10", &some_point));
    rig_ok(sgeo_file_read(path, 1U << 24, &file, &bytes));
    assert_refused(supernet, "level 1", "other settings");
    assert_file_is(file, bytes);
    sgeo_free(file);
    sgeo_supernet_destroy(trained);
    close_supernet(supernet);
}
END_TEST

START_TEST(test_supernet_missing_checkpoint_is_refused)
{
    struct sgeo_supernet *supernet = open_supernet(_i);
    ck_assert_int_eq(unlink(path), 0);
    assert_refused(supernet, "identity", path);
    close_supernet(supernet);
}
END_TEST

START_TEST(test_supernet_checkpoint_loads_across_precisions)
{
    struct sgeo_supernet *narrow = open_supernet(1);
    struct whole whole;
    struct sgeo_training_point point;
    rig_ok(sgeo_supernet_save(narrow, path, "identity", &some_point));
    open_whole(&whole, narrow);
    double *expected = rig_zeros(sgeo_store_logical(whole.store), sizeof *expected);
    double *got = rig_zeros(sgeo_store_logical(whole.store), sizeof *got);
    sgeo_store_export_all(whole.store, expected, whole.theta);
    close_whole(&whole);
    close_supernet(narrow);
    struct sgeo_supernet *wide = open_supernet(0);
    rig_ok(sgeo_supernet_load(wide, path, "identity", &point));
    open_whole(&whole, wide);
    sgeo_store_export_all(whole.store, got, whole.theta);
    ck_assert_mem_eq(got, expected, sgeo_store_logical(whole.store) * sizeof *got);
    close_whole(&whole);
    close_supernet(wide);
    sgeo_free(expected);
    sgeo_free(got);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("supernet");
    TCase *tcase = tcase_create("both precisions");
    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, make_path, remove_path);
    tcase_add_test(tcase, test_supernet_of_nb201_has_1686106_parameters);
    tcase_add_loop_test(tcase, test_supernet_step_changes_the_sampled_path_only, 0, 2);
    tcase_add_loop_test(tcase, test_supernet_starts_from_its_seed, 0, 2);
    tcase_add_loop_test(tcase, test_supernet_candidate_inherits_exactly, 0, 2);
    tcase_add_loop_test(tcase, test_supernet_training_lowers_the_loss, 0, 2);
    tcase_add_loop_test(tcase, test_supernet_resumed_training_gives_the_bits_of_one_run, 0, 2);
    tcase_add_loop_test(tcase, test_supernet_damaged_checkpoint_is_refused_with_its_reason, 0,
                        DAMAGES);
    tcase_add_loop_test(tcase, test_supernet_checkpoint_of_another_identity_is_refused, 0, 2);
    tcase_add_loop_test(tcase, test_supernet_missing_checkpoint_is_refused, 0, 2);
    tcase_add_test(tcase, test_supernet_checkpoint_loads_across_precisions);
    suite_add_tcase(suite, tcase);
    return rig_run(suite);
}
