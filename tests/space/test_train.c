/*
 * Training: the schedule, mini-batches, the optimiser against a loop of the test's own in double,
 * divergence, and continuation (loop index 0: double, 1: float).
 */
#include "space/train.h"

#include "graph/rig.h"

static const enum sgeo_precision precisions[2] = {SGEO_F64, SGEO_F32};

enum {
    IMAGES = 7,
    BATCH = 3,
    EPOCHS = 4,
    PER_EPOCH = 3,
    ELEMS = RIG_CHANNELS * RIG_PIXELS * RIG_PIXELS
};

/* What the callbacks were asked for, and what they hand out. */
struct log {
    const struct sgeo_backend *backend;
    struct {
        size_t epoch, first, n;
    } batches[EPOCHS * PER_EPOCH];
    size_t n_batches;
    double epoch_losses[EPOCHS];
    size_t n_epochs;
    size_t images, batch;
    size_t stop_after; /* steps after which on_step ends the training; 0: none */
};

/* Pixels of position `at` of an epoch: another order every epoch, as shuffling would give. */
static void make_image(double *image, uint16_t *label, size_t epoch, size_t at)
{
    struct sgeo_rng rng = sgeo_rng_stream(41, "image", (at + 2 * epoch) % IMAGES);
    *label = (uint16_t)sgeo_rng_below(&rng, RIG_CLASSES);
    for (size_t i = 0; i < ELEMS; i++) {
        image[i] = 2.0 * sgeo_rng_uniform(&rng) - 1.0;
    }
}

static void fill_batch(const struct sgeo_backend *backend, void *images, uint16_t *labels,
                       size_t epoch, size_t first, size_t n)
{
    size_t bytes = ELEMS * backend->ops->elem_bytes;
    for (size_t i = 0; i < n; i++) {
        double image[ELEMS];
        make_image(image, &labels[i], epoch, first + i);
        void *elements = rig_elements(backend, image, ELEMS);
        memcpy((unsigned char *)images + i * bytes, elements, bytes);
        sgeo_free(elements);
    }
}

static enum sgeo_status next_batch(void *images, uint16_t *labels, size_t epoch, size_t first,
                                   size_t n, void *context)
{
    struct log *log = context;
    if (log->n_batches < EPOCHS * PER_EPOCH) {
        log->batches[log->n_batches].epoch = epoch;
        log->batches[log->n_batches].first = first;
        log->batches[log->n_batches].n = n;
    }
    log->n_batches++;
    fill_batch(log->backend, images, labels, epoch, first, n);
    return SGEO_OK;
}

static enum sgeo_status on_step(const struct sgeo_training_result *result, void *context)
{
    struct log *log = context;
    size_t per_epoch = (log->images + log->batch - 1) / log->batch;
    if (result->point.steps % per_epoch == 0) {
        if (log->n_epochs < EPOCHS) {
            log->epoch_losses[log->n_epochs] = result->last_loss;
        }
        log->n_epochs++;
    }
    return result->point.steps == log->stop_after ? SGEO_INTERRUPTED : SGEO_OK;
}

/* Something to train, on zeroed momentum. */
struct subject {
    struct rig rig;
    void *velocity;
    struct log log;
    struct sgeo_trainee trainee;
    struct sgeo_training training;
};

static struct sgeo_graph *network(void)
{
    struct sgeo_graph *graph = sgeo_graph_create();
    ck_assert_ptr_nonnull(graph);
    size_t x = sgeo_graph_input(graph, RIG_CHANNELS, RIG_PIXELS, RIG_PIXELS);
    x = sgeo_graph_conv(graph, x, "conv", 4, (struct sgeo_conv_shape){3, 2, 1, 1});
    x = sgeo_graph_relu(graph, sgeo_graph_batchnorm(graph, x, "norm", true));
    x = sgeo_graph_linear(graph, sgeo_graph_global_mean(graph, x), "head", RIG_CLASSES);
    rig_ok(sgeo_graph_finish(graph, x));
    return graph;
}

static void open_subject(struct subject *subject, enum sgeo_precision precision)
{
    struct rig *rig = &subject->rig;
    *subject = (struct subject){0};
    rig_open(rig, network(), precision, &rig_plain);
    subject->velocity = sgeo_store_vector(rig->store);
    ck_assert_ptr_nonnull(subject->velocity);
    subject->log.backend = rig->backend;
    subject->trainee = (struct sgeo_trainee){.graph = rig->graph,
                                             .store = rig->store,
                                             .backend = rig->backend,
                                             .pool = rig->pool,
                                             .theta = rig->theta,
                                             .velocity = subject->velocity};
    subject->training = (struct sgeo_training){.images = IMAGES,
                                               .epochs = EPOCHS,
                                               .batch = BATCH,
                                               .image_elems = ELEMS,
                                               .lr = 0.2,
                                               .lr_min = 0.01,
                                               .momentum = 0.9,
                                               .weight_decay = 0.05,
                                               .next_batch = next_batch,
                                               .on_step = on_step,
                                               .context = &subject->log};
}

static void close_subject(struct subject *subject)
{
    sgeo_free(subject->velocity);
    rig_close(&subject->rig);
}

static enum sgeo_status train(struct subject *subject, struct sgeo_training_result *result,
                              const struct sgeo_training_point *from)
{
    subject->log.images = subject->training.images;
    subject->log.batch = subject->training.batch;
    return sgeo_train(result, &subject->trainee, &subject->training, from);
}

static double *exported(const struct sgeo_store *store, const void *vector)
{
    double *values = rig_zeros(sgeo_store_logical(store), sizeof *values);
    sgeo_store_export_all(store, values, vector);
    return values;
}

/* --- the schedule ----------------------------------------------------------------------------- */

START_TEST(test_train_cosine_goes_from_lr_to_lr_min)
{
    const struct sgeo_training training = {
        .images = 100, .batch = 10, .epochs = 6, .lr = 0.025, .lr_min = 0.001};
    ck_assert_double_eq(sgeo_training_lr(&training, 0), 0.025);
    ck_assert_double_eq_tol(sgeo_training_lr(&training, 30), 0.013, 1e-15);
    ck_assert_double_eq_tol(sgeo_training_lr(&training, 60), 0.001, 1e-15);
    ck_assert_double_eq_tol(sgeo_training_lr(&training, 20), 0.001 + 0.024 * 0.75, 1e-15);
    for (size_t step = 0; step < 60; step++) {
        ck_assert(sgeo_training_lr(&training, step) > sgeo_training_lr(&training, step + 1));
    }
}
END_TEST

START_TEST(test_train_equal_rates_are_constant)
{
    const struct sgeo_training training = {
        .images = 7, .batch = 3, .epochs = 2, .lr = 1.0, .lr_min = 1.0};
    for (size_t step = 0; step <= 6; step++) {
        ck_assert_double_eq(sgeo_training_lr(&training, step), 1.0);
    }
}
END_TEST

START_TEST(test_train_steps_round_up)
{
    static const size_t cases[][3] = {{7, 3, 3}, {6, 3, 2}, {1, 3, 1}, {3, 3, 1}, {4, 3, 2}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct sgeo_training training = {.images = cases[i][0], .batch = cases[i][1]};
        ck_assert_uint_eq(sgeo_training_steps_per_epoch(&training), cases[i][2]);
    }
}
END_TEST

START_TEST(test_train_last_mini_batch_of_an_epoch_is_smaller)
{
    struct subject subject;
    struct sgeo_training_result result;
    open_subject(&subject, precisions[_i]);
    rig_ok(train(&subject, &result, NULL));
    ck_assert_uint_eq(subject.log.n_batches, EPOCHS * PER_EPOCH);
    ck_assert_uint_eq(result.steps, EPOCHS * PER_EPOCH);
    for (size_t b = 0; b < EPOCHS * PER_EPOCH; b++) {
        ck_assert_uint_eq(subject.log.batches[b].epoch, b / PER_EPOCH);
        ck_assert_uint_eq(subject.log.batches[b].first, b % PER_EPOCH * BATCH);
        ck_assert_uint_eq(subject.log.batches[b].n, b % PER_EPOCH == 2 ? 1 : BATCH);
    }
    close_subject(&subject);
}
END_TEST

START_TEST(test_train_fewer_images_than_a_batch_are_one_step)
{
    struct subject subject;
    struct sgeo_training_result result;
    open_subject(&subject, precisions[_i]);
    subject.training.images = 2;
    rig_ok(train(&subject, &result, NULL));
    ck_assert_uint_eq(result.steps, EPOCHS);
    ck_assert_uint_eq(subject.log.batches[0].n, 2);
    close_subject(&subject);
}
END_TEST

/* --- the optimiser ---------------------------------------------------------------------------- */

/* One gradient of mini-batch `index` at theta (exported doubles); the loss. */
static double gradient_at(struct subject *subject, const double *theta, double *gradient,
                          size_t epoch, size_t index)
{
    struct rig *rig = &subject->rig;
    size_t first = index * BATCH, n = IMAGES - first < BATCH ? IMAGES - first : BATCH;
    const struct sgeo_network_options options = {.batch = n, .backward = true};
    struct sgeo_network *net = NULL;
    void *vector = sgeo_store_vector(rig->store);
    void *images = rig_zeros(n * ELEMS, rig->backend->ops->elem_bytes);
    uint16_t labels[BATCH];
    const struct sgeo_targets targets = {.labels = labels};
    double loss = 0.0;
    fill_batch(rig->backend, images, labels, epoch, first, n);
    sgeo_store_import_all(rig->store, vector, theta);
    rig_ok(sgeo_network_create(&net, rig->graph, rig->store, rig->backend, rig->pool, &options));
    sgeo_network_bind(net, vector, rig->grad, NULL);
    rig_ok(sgeo_network_loss_gradient(net, images, &targets, NULL, &loss));
    sgeo_store_export_all(rig->store, gradient, rig->grad);
    sgeo_network_destroy(net);
    sgeo_free(images);
    sgeo_free(vector);
    return loss;
}

/* PyTorch's SGD, written out: theta after the whole training into theta, epoch means into losses.
 */
static void train_by_hand(struct subject *subject, double *theta, double losses[EPOCHS])
{
    const struct sgeo_training *training = &subject->training;
    size_t count = sgeo_store_logical(subject->rig.store);
    double *velocity = rig_zeros(count, sizeof *velocity), *g = rig_zeros(count, sizeof *g);
    for (size_t step = 0; step < EPOCHS * PER_EPOCH; step++) {
        double phase = acos(-1.0) * (double)step / (EPOCHS * PER_EPOCH);
        double lr = training->lr_min + (training->lr - training->lr_min) * (1.0 + cos(phase)) / 2.0;
        losses[step / PER_EPOCH] +=
            gradient_at(subject, theta, g, step / PER_EPOCH, step % PER_EPOCH) / PER_EPOCH;
        for (size_t i = 0; i < count; i++) {
            double d = g[i] + training->weight_decay * theta[i];
            velocity[i] = training->momentum * velocity[i] + d;
            theta[i] -=
                lr * (training->nesterov ? d + training->momentum * velocity[i] : velocity[i]);
        }
    }
    sgeo_free(velocity);
    sgeo_free(g);
}

static void assert_equals_loop_by_hand(struct subject *subject)
{
    struct sgeo_training_result result;
    double losses[EPOCHS] = {0};
    struct sgeo_store *store = subject->rig.store;
    double *expected = exported(store, subject->rig.theta);
    train_by_hand(subject, expected, losses);
    rig_ok(train(subject, &result, NULL));
    double *got = exported(store, subject->rig.theta);
    /* hyperparameters reach the kernels as floats */
    double tolerance = subject->rig.backend->ops->precision == SGEO_F64 ? 1e-6 : 1e-4;
    rig_assert_near(got, expected, sgeo_store_logical(store), 1.0, tolerance, "theta");
    rig_assert_near(subject->log.epoch_losses, losses, EPOCHS, 1.0, tolerance, "epoch loss");
    ck_assert(result.last_loss == subject->log.epoch_losses[EPOCHS - 1]);
    ck_assert(!result.diverged);
    sgeo_free(expected);
    sgeo_free(got);
}

START_TEST(test_train_momentum_and_decay_equal_a_loop_by_hand)
{
    struct subject subject;
    open_subject(&subject, precisions[_i]);
    assert_equals_loop_by_hand(&subject);
    close_subject(&subject);
}
END_TEST

START_TEST(test_train_nesterov_equals_a_loop_by_hand)
{
    struct subject subject;
    open_subject(&subject, precisions[_i]);
    subject.training.nesterov = true;
    assert_equals_loop_by_hand(&subject);
    close_subject(&subject);
}
END_TEST

START_TEST(test_train_plain_sgd_needs_no_velocity)
{
    struct subject subject;
    open_subject(&subject, precisions[_i]);
    subject.trainee.velocity = NULL;
    subject.training.momentum = 0.0;
    assert_equals_loop_by_hand(&subject);
    close_subject(&subject);
}
END_TEST

/* --- divergence ------------------------------------------------------------------------------- */

/* It is a result: training stops at the first loss that is no number, and no epoch is reported. */
START_TEST(test_train_divergence_is_a_result)
{
    struct subject subject;
    struct sgeo_training_result result;
    open_subject(&subject, precisions[_i]);
    subject.training.lr = subject.training.lr_min = 1e6;
    subject.training.epochs = 1000;
    rig_ok(train(&subject, &result, NULL));
    ck_assert(result.diverged && !isfinite(result.last_loss));
    ck_assert_uint_lt(result.steps, 1000 * PER_EPOCH);
    ck_assert_uint_eq(subject.log.n_batches, result.steps);
    ck_assert_uint_eq(subject.log.n_epochs, (result.steps - 1) / PER_EPOCH);
    close_subject(&subject);
}
END_TEST

/* --- stopping and going on -------------------------------------------------------------------- */

START_TEST(test_train_stops_with_the_status_of_on_step)
{
    struct subject subject;
    struct sgeo_training_result result;
    open_subject(&subject, precisions[_i]);
    subject.log.stop_after = PER_EPOCH + 1;
    ck_assert_int_eq(train(&subject, &result, NULL), SGEO_INTERRUPTED);
    ck_assert_uint_eq(subject.log.n_epochs, 1);
    ck_assert_uint_eq(result.steps, PER_EPOCH + 1);
    ck_assert_uint_eq(result.point.steps, PER_EPOCH + 1);
    ck_assert(result.point.loss_sum > 0.0);
    close_subject(&subject);
}
END_TEST

static enum sgeo_status broken_batch(void *images, uint16_t *labels, size_t epoch, size_t first,
                                     size_t n, void *context)
{
    if (epoch == 1 && first == BATCH) {
        return sgeo_fail(SGEO_IO, NULL, "the disk is gone");
    }
    return next_batch(images, labels, epoch, first, n, context);
}

START_TEST(test_train_reports_data_that_cannot_be_read)
{
    struct subject subject;
    struct sgeo_training_result result;
    open_subject(&subject, precisions[_i]);
    subject.training.next_batch = broken_batch;
    ck_assert_int_eq(train(&subject, &result, NULL), SGEO_IO);
    ck_assert_uint_eq(result.steps, PER_EPOCH + 1);
    close_subject(&subject);
}
END_TEST

START_TEST(test_train_in_two_parts_gives_the_bits_of_one)
{
    struct subject whole, parts;
    struct sgeo_training_result once, twice;
    open_subject(&whole, precisions[_i % 2]);
    open_subject(&parts, precisions[_i % 2]);
    rig_ok(train(&whole, &once, NULL));
    parts.log.stop_after = (size_t)_i / 2 + 1; /* within epochs, and at their ends */
    ck_assert_int_eq(train(&parts, &twice, NULL), SGEO_INTERRUPTED);
    struct sgeo_training_point point = twice.point;
    ck_assert_uint_eq(point.steps, parts.log.stop_after);
    rig_ok(train(&parts, &twice, &point));
    size_t bytes = sgeo_store_total(whole.rig.store) * whole.rig.backend->ops->elem_bytes;
    ck_assert_mem_eq(whole.rig.theta, parts.rig.theta, bytes);
    ck_assert_mem_eq(whole.velocity, parts.velocity, bytes);
    ck_assert(once.last_loss == twice.last_loss);
    close_subject(&whole);
    close_subject(&parts);
}
END_TEST

/* A trained network has seen something: statistics for evaluation, and a smaller loss. */
START_TEST(test_train_lowers_the_loss_and_keeps_running_statistics)
{
    struct subject subject;
    struct sgeo_training_result result;
    double before[8];
    open_subject(&subject, precisions[_i]);
    memcpy(before, subject.rig.running, sizeof before);
    subject.trainee.running = subject.rig.running;
    subject.training.batch = 7;
    subject.training.epochs = 40;
    subject.training.weight_decay = 0.0;
    rig_ok(train(&subject, &result, NULL));
    ck_assert(result.last_loss < 0.8 * subject.log.epoch_losses[0]);
    for (size_t i = 0; i < 8; i++) {
        ck_assert(subject.rig.running[i] != before[i]);
    }
    close_subject(&subject);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("train");
    TCase *tcase = tcase_create("both precisions");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, test_train_cosine_goes_from_lr_to_lr_min);
    tcase_add_test(tcase, test_train_equal_rates_are_constant);
    tcase_add_test(tcase, test_train_steps_round_up);
    tcase_add_loop_test(tcase, test_train_last_mini_batch_of_an_epoch_is_smaller, 0, 2);
    tcase_add_loop_test(tcase, test_train_fewer_images_than_a_batch_are_one_step, 0, 2);
    tcase_add_loop_test(tcase, test_train_momentum_and_decay_equal_a_loop_by_hand, 0, 2);
    tcase_add_loop_test(tcase, test_train_nesterov_equals_a_loop_by_hand, 0, 2);
    tcase_add_loop_test(tcase, test_train_plain_sgd_needs_no_velocity, 0, 2);
    tcase_add_loop_test(tcase, test_train_divergence_is_a_result, 0, 2);
    tcase_add_loop_test(tcase, test_train_stops_with_the_status_of_on_step, 0, 2);
    tcase_add_loop_test(tcase, test_train_reports_data_that_cannot_be_read, 0, 2);
    tcase_add_loop_test(tcase, test_train_in_two_parts_gives_the_bits_of_one, 0,
                        2 * (EPOCHS * PER_EPOCH - 1));
    tcase_add_loop_test(tcase, test_train_lowers_the_loss_and_keeps_running_statistics, 0, 2);
    suite_add_tcase(suite, tcase);
    return rig_run(suite);
}
