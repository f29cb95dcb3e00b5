/*
 * The recommender supernet with its numbers: that its training is the masked network's, whatever it
 * runs on, that checkpoints go on to the same bytes, and that damaged ones are found.
 */
#include "space/ctr_supernet.h"

#include "base/file.h"
#include "base/hash.h"
#include "base/suite.h"
#include "space/ctr_supernet_parts.h"
#include "space/nasrec_runner.h"

enum { ROWS = 200, BATCH_ROWS = 8 };

static const size_t table_rows[FIELDS] = {7, 5, 4, 3};
static const struct sgeo_executor doubles = {.precision = SGEO_F64}, floats = {0};

/* --- rows: their clicks follow from the first field --- */

static void set(void *elements, size_t i, double value, bool is_double)
{
    if (is_double) {
        ((double *)elements)[i] = value;
    } else {
        ((float *)elements)[i] = (float)value;
    }
}

/* context: whether elements are doubles. */
static enum sgeo_status read_rows(const struct sgeo_ctr_buffer *rows, size_t first, size_t n,
                                  void *context)
{
    for (size_t i = 0; i < n; i++) {
        struct sgeo_rng rng = sgeo_rng_stream(3, "row", first + i);
        for (size_t d = 0; d < DENSE; d++) {
            set(rows->dense, i * DENSE + d, sgeo_rng_uniform(&rng), *(const bool *)context);
        }
        for (size_t f = 0; f < FIELDS; f++) {
            rows->indices[f * n + i] = (int32_t)sgeo_rng_below(&rng, table_rows[f]);
        }
        rows->labels[i] = rows->indices[i] % 2 == 0;
    }
    return SGEO_OK;
}

static bool yes = true, no = false;

/* --- a supernet, its training, its file --- */

struct owner {
    struct sgeo_backend *backend;
    struct sgeo_ctr_supernet *supernet;
    struct sgeo_nasrec_supernet shape;
    struct sgeo_ctr_training training;
};

static void open_owner(struct owner *owner, struct sgeo_executor executor, uint64_t seed,
                       size_t steps)
{
    *owner = (struct owner){.shape = small_supernet(SGEO_NASREC_FULL)};
    rig_ok(sgeo_backend_create(&owner->backend, executor));
    rig_ok(sgeo_ctr_supernet_create(&owner->supernet, &owner->shape, table_rows, owner->backend,
                                    seed));
    owner->training = (struct sgeo_ctr_training){
        .schedule = sgeo_ctr_standard_schedule(steps, 0.12),
        .source = {ROWS, read_rows, executor.precision == SGEO_F64 ? &yes : &no},
        .batch = BATCH_ROWS};
}

static void close_owner(struct owner *owner)
{
    sgeo_ctr_supernet_destroy(owner->supernet);
    sgeo_backend_destroy(owner->backend);
}

static struct sgeo_ctr_training_result train(struct owner *owner, size_t fade, size_t first)
{
    struct sgeo_ctr_training_result result;
    owner->training.first_step = first;
    rig_ok(sgeo_ctr_supernet_train(owner->supernet, &result, &owner->training, fade));
    ck_assert(!result.diverged);
    return result;
}

static void save(const struct owner *owner, const char *name, const char *identity, size_t steps)
{
    char path[SCRATCH_PATH_BYTES];
    scratch_path(path, name);
    rig_ok(sgeo_ctr_supernet_save(owner->supernet, path, identity, steps));
}

static enum sgeo_status load(struct owner *owner, const char *name, const char *identity,
                             size_t *steps)
{
    char path[SCRATCH_PATH_BYTES];
    scratch_path(path, name);
    return sgeo_ctr_supernet_load(owner->supernet, path, identity, steps);
}

static size_t read_file(const char *name, unsigned char **bytes)
{
    char path[SCRATCH_PATH_BYTES];
    size_t n = 0;
    scratch_path(path, name);
    rig_ok(sgeo_file_read(path, (size_t)1 << 30, bytes, &n));
    return n;
}

static bool same_files(const char *a, const char *b)
{
    unsigned char *bytes[2];
    size_t n[2] = {read_file(a, &bytes[0]), read_file(b, &bytes[1])};
    bool same = n[0] == n[1] && memcmp(bytes[0], bytes[1], n[0]) == 0;
    sgeo_free(bytes[0]);
    sgeo_free(bytes[1]);
    return same;
}

START_TEST(test_ctr_supernet_starts_from_its_seed)
{
    static const uint64_t seeds[3] = {4, 4, 5};
    static const char *const names[3] = {"a", "b", "c"};
    for (size_t i = 0; i < 3; i++) {
        struct owner owner;
        open_owner(&owner, floats, seeds[i], 1);
        ck_assert_uint_gt(sgeo_ctr_supernet_params(owner.supernet), 10000);
        save(&owner, names[i], "start", 0);
        close_owner(&owner);
    }
    ck_assert(same_files("a", "b"));
    ck_assert(!same_files("a", "c"));
}
END_TEST

/* --- training --- */

/* One step of the published form: the masked network on the supernet's own vectors. */
static void masked_step(struct owner *owner, size_t step, size_t fade)
{
    struct sgeo_ctr_supernet *supernet = owner->supernet;
    struct sgeo_rng rng = sgeo_rng_stream(supernet->seed, "path", step);
    struct sgeo_nasrec_path path;
    struct sgeo_ctr_use use = {.store = supernet->store,
                               .embedding = supernet->embedding,
                               .backend = owner->backend,
                               .pool = sgeo_pool_create(),
                               .theta = supernet->theta,
                               .tables = supernet->tables};
    struct sgeo_graph *graph = NULL;
    struct sgeo_ctr_pass *pass = NULL;
    struct sgeo_ctr_gradient gradient;
    struct sgeo_ctr_buffer buffer;
    struct sgeo_ctr_batch rows;
    double loss;
    sgeo_nasrec_draw_path(&path, SGEO_NASREC_FULL, sgeo_nasrec_full_probability(step, fade), &rng);
    for (size_t b = 0; b < SGEO_NASREC_BLOCKS; b++) { /* a supernet of 40 numbers and 12 rows */
        struct sgeo_nasrec_block *block = &path.arch.blocks[b];
        block->dense_dim = block->dense_dim > 40 ? 40 : block->dense_dim;
        block->sparse_dim = block->sparse_dim > 12 ? 12 : block->sparse_dim;
    }
    rig_ok(sgeo_nasrec_masked_build(&graph, &owner->shape, &path));
    use.graph = graph;
    rig_ok(sgeo_ctr_pass_create(&pass, &use, BATCH_ROWS, SGEO_CTR_GRADIENTS));
    rig_ok(sgeo_ctr_gradient_create(&gradient, &use, BATCH_ROWS));
    rig_ok(sgeo_ctr_buffer_create(&buffer, &use, BATCH_ROWS));
    rig_ok(sgeo_ctr_read_step(&rows, &buffer, &owner->training, step));
    rig_ok(sgeo_ctr_pass_gradient(pass, &gradient, &rows, &loss));
    sgeo_ctr_pass_clip(pass, &gradient, SGEO_CTR_CLIP);
    sgeo_ctr_pass_adagrad(pass, &supernet->squares, &gradient,
                          sgeo_ctr_schedule_lr(&owner->training.schedule, step), SGEO_CTR_EPSILON);
    sgeo_ctr_buffer_destroy(&buffer);
    sgeo_ctr_gradient_destroy(&gradient);
    sgeo_ctr_pass_destroy(pass);
    sgeo_graph_destroy(graph);
    sgeo_pool_destroy(use.pool);
}

static void assert_close(const double *a, const double *b, size_t n, const char *what)
{
    for (size_t i = 0; i < n; i++) {
        ck_assert_msg(fabs(a[i] - b[i]) <= 1e-9 * (1.0 + fabs(b[i])), "%s[%zu]: %g, masked %g",
                      what, i, a[i], b[i]);
    }
}

/* Over many steps: full ones, single operators, and some of both. */
START_TEST(test_ctr_supernet_trains_as_the_masked_network_does)
{
    enum { STEPS = 24, FADE = 16 };
    struct owner owner, masked;
    open_owner(&owner, doubles, 6, STEPS);
    open_owner(&masked, doubles, 6, STEPS);
    ck_assert_uint_eq(train(&owner, FADE, 0).steps, STEPS);
    for (size_t step = 0; step < STEPS; step++) {
        masked_step(&masked, step, FADE);
    }
    size_t dense = sgeo_store_total(owner.supernet->store);
    size_t tables = sgeo_embedding_total(owner.supernet->embedding);
    assert_close(owner.supernet->theta, masked.supernet->theta, dense, "theta");
    assert_close(owner.supernet->squares.dense, masked.supernet->squares.dense, dense, "squares");
    assert_close(owner.supernet->tables, masked.supernet->tables, tables, "tables");
    assert_close(owner.supernet->squares.tables, masked.supernet->squares.tables, tables,
                 "squares of tables");
    close_owner(&owner);
    close_owner(&masked);
}
END_TEST

struct losses {
    double first, last; /* of 50 steps each */
};

static enum sgeo_status note_loss(size_t step, double loss, void *context)
{
    struct losses *losses = context;
    *(step < 50 ? &losses->first : &losses->last) += step < 50 || step >= 250 ? loss / 50.0 : 0.0;
    return SGEO_OK;
}

START_TEST(test_ctr_supernet_learns)
{
    struct losses losses = {0};
    struct owner owner;
    open_owner(&owner, floats, 7, 300);
    owner.training.on_step = note_loss;
    owner.training.step_context = &losses;
    train(&owner, 60, 0);
    ck_assert_msg(losses.last < 0.8 * losses.first, "%g after %g", losses.last, losses.first);
    close_owner(&owner);
}
END_TEST

START_TEST(test_ctr_supernet_without_a_whole_batch_is_refused)
{
    struct sgeo_ctr_training_result result;
    struct owner owner;
    open_owner(&owner, floats, 7, 3);
    owner.training.batch = ROWS + 1;
    ck_assert_int_eq(sgeo_ctr_supernet_train(owner.supernet, &result, &owner.training, 1),
                     SGEO_USAGE);
    ck_assert_ptr_nonnull(strstr(sgeo_error_text(), "200 rows make no batch of 201"));
    close_owner(&owner);
}
END_TEST

START_TEST(test_ctr_supernet_reports_divergence)
{
    struct sgeo_ctr_training_result result;
    struct owner owner;
    open_owner(&owner, doubles, 7, 9);
    ((double *)owner.supernet->tables)[0] = (double)NAN; /* row 0 of field 0 */
    rig_ok(sgeo_ctr_supernet_train(owner.supernet, &result, &owner.training, 1));
    ck_assert(result.diverged);
    ck_assert_uint_lt(result.steps, 9);
    close_owner(&owner);
}
END_TEST

/* --- checkpoints --- */

/* Saves behind one step and fails behind another. */
struct crash {
    const struct owner *owner;
    size_t save_at, fail_at;
};

static enum sgeo_status save_and_crash(size_t step, double loss, void *context)
{
    const struct crash *crash = context;
    (void)loss;
    if (step + 1 == crash->save_at) {
        save(crash->owner, "half", "same", step + 1);
    }
    return step + 1 == crash->fail_at ? sgeo_fail(SGEO_INTERRUPTED, NULL, "crash") : SGEO_OK;
}

START_TEST(test_ctr_supernet_killed_and_resumed_has_the_same_bytes)
{
    enum { STEPS = 20, FADE = 12 };
    struct sgeo_ctr_training_result result;
    struct owner whole, killed, resumed;
    size_t steps = 0;
    open_owner(&whole, floats, 8, STEPS);
    train(&whole, FADE, 0);
    save(&whole, "whole", "same", STEPS);
    open_owner(&killed, floats, 8, STEPS);
    struct crash crash = {&killed, 3 + 4 * (size_t)_i, 17};
    killed.training.on_step = save_and_crash;
    killed.training.step_context = &crash;
    ck_assert_int_eq(sgeo_ctr_supernet_train(killed.supernet, &result, &killed.training, FADE),
                     SGEO_INTERRUPTED);
    open_owner(&resumed, floats, 99, STEPS); /* everything but the seed comes from the file */
    resumed.supernet->seed = 8;
    rig_ok(load(&resumed, "half", "same", &steps));
    ck_assert_uint_eq(steps, crash.save_at);
    ck_assert_uint_eq(train(&resumed, FADE, steps).steps, STEPS - steps);
    save(&resumed, "resumed", "same", STEPS);
    ck_assert(same_files("whole", "resumed"));
    close_owner(&whole);
    close_owner(&killed);
    close_owner(&resumed);
}
END_TEST

/* The first n bytes, one of them changed; flip >= n: none. */
static void write_changed(const unsigned char *bytes, size_t n, size_t flip)
{
    char path[SCRATCH_PATH_BYTES];
    unsigned char *copy = rig_zeros(n + 1, 1);
    memcpy(copy, bytes, n);
    if (flip < n) {
        copy[flip] ^= 0x10;
    }
    scratch_write(path, "changed", copy, n);
    sgeo_free(copy);
}

static void assert_refused(struct owner *owner, const char *identity, const char *words)
{
    size_t steps = 77;
    ck_assert_int_eq(load(owner, "changed", identity, &steps), SGEO_IO);
    ck_assert_msg(strstr(sgeo_error_text(), words) != NULL, "'%s' does not say '%s'",
                  sgeo_error_text(), words);
    ck_assert_uint_eq(steps, 77);
}

START_TEST(test_ctr_supernet_refuses_damaged_and_foreign_checkpoints)
{
    unsigned char *bytes = NULL;
    struct owner owner;
    open_owner(&owner, floats, 8, 1);
    save(&owner, "good", "mine", 1);
    size_t n = read_file("good", &bytes);
    for (size_t i = 1; i <= 40; i++) { /* all over the vectors, and the checksum itself */
        write_changed(bytes, n, 200 + (n - 201) * i / 40);
        assert_refused(&owner, "mine", "is damaged (checksum)");
    }
    write_changed(bytes, n, 3);
    assert_refused(&owner, "mine", "wrong magic");
    write_changed(bytes, n, 8);
    assert_refused(&owner, "mine", "has version");
    write_changed(bytes, n - 8, n);
    assert_refused(&owner, "mine", "wrong size");
    write_changed(bytes, 40, n);
    assert_refused(&owner, "mine", "wrong size");
    write_changed(bytes, 0, 0);
    assert_refused(&owner, "mine", "wrong magic");
    write_changed(bytes, n, n);
    assert_refused(&owner, "another's", "other settings");
    save(&owner, "after", "mine", 1);
    ck_assert(same_files("good", "after")); /* refusals changed nothing */
    sgeo_free(bytes);
    close_owner(&owner);
}
END_TEST

/* --- one path in all steps --- */

/* The path that a step of the supernet of seed 6 draws, cut to its widths. */
static void draw_as_step(struct sgeo_nasrec_path *path, size_t step, size_t fade)
{
    struct sgeo_rng rng = sgeo_rng_stream(6, "path", step);
    sgeo_nasrec_draw_path(path, SGEO_NASREC_FULL, sgeo_nasrec_full_probability(step, fade), &rng);
    for (size_t b = 0; b < SGEO_NASREC_BLOCKS; b++) {
        struct sgeo_nasrec_block *block = &path->arch.blocks[b];
        block->dense_dim = block->dense_dim > 40 ? 40 : block->dense_dim;
        block->sparse_dim = block->sparse_dim > 12 ? 12 : block->sparse_dim;
    }
}

/* Steps that draw their paths, taken one by one on the path that each would draw. */
START_TEST(test_ctr_supernet_trains_on_a_path_as_if_it_had_been_drawn)
{
    enum { STEPS = 4, FADE = 3 };
    struct owner drawn, given;
    struct sgeo_pool *pool = sgeo_pool_create();
    open_owner(&drawn, doubles, 6, 1);
    open_owner(&given, doubles, 6, 1);
    for (size_t step = 0; step < STEPS; step++) {
        struct sgeo_ctr_training_result expected, got;
        struct sgeo_nasrec_path path;
        drawn.training.schedule = given.training.schedule =
            (struct sgeo_ctr_schedule){.steps = step + 1, .peak = 0.1, .floor = 0.1};
        given.training.first_step = step;
        expected = train(&drawn, FADE, step);
        draw_as_step(&path, step, FADE);
        rig_ok(sgeo_ctr_supernet_train_path(given.supernet, &got, &given.training, &path, pool));
        ck_assert_uint_eq(got.steps, 1);
        ck_assert_double_eq(got.last_loss, expected.last_loss);
    }
    save(&drawn, "drawn", "x", 1);
    save(&given, "given", "x", 1);
    ck_assert(same_files("drawn", "given"));
    sgeo_pool_destroy(pool);
    close_owner(&drawn);
    close_owner(&given);
}
END_TEST

START_TEST(test_ctr_supernet_trains_a_path_again_in_the_same_memory)
{
    struct owner owner;
    struct sgeo_ctr_training_result result;
    struct sgeo_nasrec_path path;
    struct sgeo_pool *pool = sgeo_pool_create();
    open_owner(&owner, doubles, 6, 1);
    draw_as_step(&path, 0, 0);
    rig_ok(sgeo_ctr_supernet_train_path(owner.supernet, &result, &owner.training, &path, pool));
    size_t peak = sgeo_pool_peak(pool);
    for (int i = 0; i < 3; i++) {
        rig_ok(sgeo_ctr_supernet_train_path(owner.supernet, &result, &owner.training, &path, pool));
        ck_assert_uint_eq(sgeo_pool_peak(pool), peak);
    }
    sgeo_pool_destroy(pool);
    close_owner(&owner);
}
END_TEST

/* As stand-alone networks are filled, so that both and other programs can be compared. */
START_TEST(test_ctr_supernet_takes_its_numbers_from_the_formulas)
{
    struct owner owner;
    open_owner(&owner, doubles, 6, 1);
    rig_ok(sgeo_ctr_supernet_init_formula(owner.supernet));
    const struct sgeo_store *store = owner.supernet->store;
    size_t segment = sgeo_store_find(store, "block1.fc.linear.weight");
    double bound = 1.0 / sqrt((double)sgeo_store_segment(store, segment)->fan_in);
    double *weights = rig_segment(store, owner.supernet->theta, segment);
    for (size_t i = 0; i < 5; i++) {
        double u = sgeo_hash_uniform(sgeo_fnv1a("block1.fc.linear.weight"), i);
        ck_assert_double_eq_tol(weights[i], bound * (2.0 * u - 1.0), 1e-15);
        u = sgeo_hash_uniform(sgeo_fnv1a("embedding0.weight"), i);
        ck_assert_double_eq_tol(((const double *)owner.supernet->tables)[i], 0.25 * (2.0 * u - 1.0),
                                1e-15);
    }
    sgeo_free(weights);
    close_owner(&owner);
}
END_TEST

/* --- inheritance --- */

/* A candidate's logits with what it inherits are the masked network's. */
START_TEST(test_ctr_heir_computes_what_the_supernet_does)
{
    const struct sgeo_nasrec_path path = small_path(SGEO_NASREC_FULL, 1 + _i);
    struct owner owner;
    struct sgeo_ctr_heir heir;
    struct sgeo_embedding *embedding = NULL;
    struct sgeo_graph *graph = NULL;
    double got[ROWS], expected[ROWS];
    uint16_t labels[ROWS];
    struct sgeo_pool *pool = sgeo_pool_create();
    open_owner(&owner, doubles, 9, 10);
    train(&owner, 5, 0);
    rig_ok(sgeo_ctr_supernet_embedding(&embedding, owner.supernet, owner.backend));
    rig_ok(sgeo_ctr_heir_create(&heir, owner.supernet, &path, embedding, pool));
    rig_ok(sgeo_ctr_evaluate(got, labels, &heir.use, &owner.training.source, 64));
    rig_ok(sgeo_nasrec_masked_build(&graph, &owner.shape, &path));
    const struct sgeo_ctr_use masked = {.graph = graph,
                                        .store = owner.supernet->store,
                                        .embedding = embedding,
                                        .backend = owner.backend,
                                        .pool = pool,
                                        .theta = owner.supernet->theta,
                                        .tables = owner.supernet->tables};
    rig_ok(sgeo_ctr_evaluate(expected, labels, &masked, &owner.training.source, 64));
    assert_close(got, expected, ROWS, "logit");
    sgeo_ctr_heir_destroy(&heir);
    sgeo_graph_destroy(graph);
    sgeo_pool_destroy(pool);
    sgeo_embedding_destroy(embedding);
    close_owner(&owner);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ctr supernet");
    TCase *tcase = tcase_create("ctr supernet");
    tcase_set_timeout(tcase, 120);
    tcase_add_checked_fixture(tcase, scratch_create, scratch_remove);
    tcase_add_test(tcase, test_ctr_supernet_starts_from_its_seed);
    tcase_add_test(tcase, test_ctr_supernet_trains_as_the_masked_network_does);
    tcase_add_test(tcase, test_ctr_supernet_learns);
    tcase_add_test(tcase, test_ctr_supernet_without_a_whole_batch_is_refused);
    tcase_add_test(tcase, test_ctr_supernet_reports_divergence);
    tcase_add_loop_test(tcase, test_ctr_supernet_killed_and_resumed_has_the_same_bytes, 0, 4);
    tcase_add_test(tcase, test_ctr_supernet_refuses_damaged_and_foreign_checkpoints);
    tcase_add_test(tcase, test_ctr_supernet_trains_on_a_path_as_if_it_had_been_drawn);
    tcase_add_test(tcase, test_ctr_supernet_trains_a_path_again_in_the_same_memory);
    tcase_add_test(tcase, test_ctr_supernet_takes_its_numbers_from_the_formulas);
    tcase_add_loop_test(tcase, test_ctr_heir_computes_what_the_supernet_does, 0, 6);
    suite_add_tcase(suite, tcase);
    return rig_run(suite);
}
