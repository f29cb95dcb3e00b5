/* Draws in nasrec: that candidates, mutations and training paths have the spec's distributions. */
#include <math.h>

#include "base/suite.h"
#include "space/nasrec.h"

enum { DRAWS = 40000, LAST = 6 }; /* block 7 has 7 inputs to choose from */

/* --- helpers ---------------------------------------------------------------------------------- */

/*
 * Pearson's statistic over cells with the given probabilities (they sum to 1): its mean is the
 * number of degrees of freedom, its variance twice that; five standard deviations are allowed.
 */
static void assert_distribution(const char *what, const size_t *counts, const double *probabilities,
                                size_t cells)
{
    double total = 0.0, statistic = 0.0, freedom = (double)cells - 1.0;
    for (size_t i = 0; i < cells; i++) {
        total += (double)counts[i];
    }
    for (size_t i = 0; i < cells; i++) {
        double expected = total * probabilities[i];
        ck_assert_msg(expected >= 5.0, "%s: cell %zu is too rare", what, i);
        statistic += ((double)counts[i] - expected) * ((double)counts[i] - expected) / expected;
    }
    ck_assert_msg(statistic <= freedom + 5.0 * sqrt(2.0 * freedom), "%s: statistic %g over %g",
                  what, statistic, freedom);
}

static void assert_uniform(const char *what, const size_t *counts, size_t cells)
{
    double probabilities[128];
    ck_assert_uint_le(cells, 128);
    for (size_t i = 0; i < cells; i++) {
        probabilities[i] = 1.0 / (double)cells;
    }
    assert_distribution(what, counts, probabilities, cells);
}

static size_t count_bits(unsigned set)
{
    size_t n = 0;
    for (; set != 0; set &= set - 1) {
        n++;
    }
    return n;
}

static double choose(size_t n, size_t k)
{
    double result = 1.0;
    for (size_t i = 0; i < k; i++) {
        result *= (double)(n - i) / (double)(i + 1);
    }
    return result;
}

static size_t place(const uint16_t *dims, uint16_t dim)
{
    size_t i = 0;
    while (dims[i] != dim) {
        i++;
    }
    return i;
}

/* Every choice is one that the text's reader takes. */
static void assert_valid(const struct sgeo_nasrec_arch *arch)
{
    char text[SGEO_NASREC_TEXT_MAX];
    struct sgeo_nasrec_arch parsed;
    sgeo_nasrec_encode(text, arch);
    ck_assert_msg(sgeo_nasrec_decode(&parsed, text) == SGEO_OK, "%s: %s", text, sgeo_error_text());
    ck_assert(sgeo_nasrec_equal(&parsed, arch));
}

/* --- what candidates and training paths share ------------------------------------------------- */

struct tally {
    size_t ops[2][6], dense_dims[8], sparse_dims[4], merges[4]; /* of the last block */
    size_t sides[49];                                           /* left and right together */
    size_t counts[2][SGEO_NASREC_BLOCKS][5]; /* dense and sparse inputs of every block */
    size_t pairs[128];                       /* dense sets of two, of the last block */
};

static void add(struct tally *tally, const struct sgeo_nasrec_arch *arch)
{
    const struct sgeo_nasrec_block *last = &arch->blocks[LAST];
    tally->ops[0][last->dense_op]++;
    tally->ops[1][last->sparse_op]++;
    tally->dense_dims[place(sgeo_nasrec_dense_dims, last->dense_dim)]++;
    tally->sparse_dims[place(sgeo_nasrec_sparse_dims, last->sparse_dim)]++;
    tally->merges[2 * last->dense_to_sparse + last->fm]++;
    tally->sides[7 * last->left + last->right]++;
    for (size_t b = 0; b < SGEO_NASREC_BLOCKS; b++) {
        tally->counts[0][b][count_bits(arch->blocks[b].dense_inputs)]++;
        tally->counts[1][b][count_bits(arch->blocks[b].sparse_inputs)]++;
    }
    if (count_bits(last->dense_inputs) == 2) {
        tally->pairs[last->dense_inputs]++;
    }
}

static void assert_uniform_choices(const struct tally *tally, bool full)
{
    size_t pairs[21], n = 0;
    assert_uniform("dense ops", tally->ops[0] + SGEO_NASREC_FC, full ? 4 : 2);
    if (full) {
        assert_uniform("sparse ops", tally->ops[1] + SGEO_NASREC_ATTENTION, 2);
    } else {
        ck_assert_uint_eq(tally->ops[1][SGEO_NASREC_EFC], DRAWS);
    }
    assert_uniform("dense dims", tally->dense_dims, 8);
    assert_uniform("sparse dims", tally->sparse_dims, 4);
    assert_uniform("merges", tally->merges, 4);
    assert_uniform("left and right", tally->sides, 49);
    for (unsigned set = 0; set < 128; set++) {
        if (count_bits(set) == 2) {
            pairs[n++] = tally->pairs[set];
        }
    }
    ck_assert_uint_eq(n, 21);
    assert_uniform("pairs of inputs", pairs, n);
}

/* --- candidates ------------------------------------------------------------------------------- */

START_TEST(test_candidates_have_uniform_choices_and_counts)
{
    struct sgeo_rng rng = sgeo_rng_stream(3, "test", (uint64_t)_i);
    struct tally tally = {0};
    for (size_t i = 0; i < DRAWS; i++) {
        struct sgeo_nasrec_arch arch;
        sgeo_nasrec_sample(&arch, (enum sgeo_nasrec_space)_i, &rng);
        ck_assert_int_eq(arch.space, _i);
        if (i < 1000) {
            assert_valid(&arch);
        }
        add(&tally, &arch);
    }
    assert_uniform_choices(&tally, _i == SGEO_NASREC_FULL);
    for (size_t b = 0; b < SGEO_NASREC_BLOCKS; b++) {
        ck_assert_uint_eq(tally.counts[0][b][0], 0);
        assert_uniform("dense counts", tally.counts[0][b] + 1, b < 3 ? b + 1 : 4);
        assert_uniform("sparse counts", tally.counts[1][b] + 1, b < 3 ? b + 1 : 4);
    }
}
END_TEST

START_TEST(test_candidates_depend_on_their_stream_alone)
{
    struct sgeo_nasrec_arch arch, again, other;
    struct sgeo_rng rng = sgeo_rng_stream(4, "test", 5), same = rng;
    struct sgeo_rng next = sgeo_rng_stream(4, "test", 6);
    sgeo_nasrec_sample(&arch, SGEO_NASREC_FULL, &rng);
    sgeo_nasrec_sample(&again, SGEO_NASREC_FULL, &same);
    sgeo_nasrec_sample(&other, SGEO_NASREC_FULL, &next);
    ck_assert(sgeo_nasrec_equal(&arch, &again));
    ck_assert(!sgeo_nasrec_equal(&arch, &other));
}
END_TEST

/* --- mutations -------------------------------------------------------------------------------- */

enum { KEYS = 9, CHOICES = 7 * KEYS };

/* Which choices of one block differ; bits in the order of key_change below. */
static unsigned changed_keys(const struct sgeo_nasrec_block *a, const struct sgeo_nasrec_block *b)
{
    const bool changed[KEYS] = {a->dense_inputs != b->dense_inputs,
                                a->sparse_inputs != b->sparse_inputs,
                                a->left != b->left,
                                a->right != b->right,
                                a->dense_op != b->dense_op || a->sparse_op != b->sparse_op,
                                a->dense_dim != b->dense_dim,
                                a->sparse_dim != b->sparse_dim,
                                a->dense_to_sparse != b->dense_to_sparse,
                                a->fm != b->fm};
    unsigned keys = 0;
    for (unsigned k = 0; k < KEYS; k++) {
        keys |= changed[k] ? 1u << k : 0u;
    }
    return keys;
}

/* Probability that a set of inputs drawn anew is another one. */
static double set_changes(size_t b, unsigned char inputs)
{
    double counts = b < 3 ? (double)b + 1.0 : 4.0;
    return 1.0 - 1.0 / counts / choose(b + 1, count_bits(inputs));
}

/* Probability that one mutation changes key k of block b. */
static double key_change(const struct sgeo_nasrec_arch *arch, size_t b, unsigned k)
{
    const struct sgeo_nasrec_block *block = &arch->blocks[b];
    double side = 1.0 - 1.0 / ((double)b + 1.0);
    double ops = arch->space == SGEO_NASREC_FULL ? 1.0 - 1.0 / 8.0 : 1.0 - 1.0 / 2.0;
    const double changes[KEYS] = {set_changes(b, block->dense_inputs),
                                  set_changes(b, block->sparse_inputs),
                                  side,
                                  side,
                                  ops,
                                  1.0 - 1.0 / 8.0,
                                  1.0 - 1.0 / 4.0,
                                  0.5,
                                  0.5};
    return changes[k] / 7.0 / 2.0 / (k < 4 ? 4.0 : 5.0);
}

/* Cell 0: nothing; then a cell a key that can change, by block. */
START_TEST(test_mutation_draws_one_choice_of_one_block_anew)
{
    size_t counts[1 + CHOICES] = {0};
    double probabilities[1 + CHOICES];
    size_t cell_of[SGEO_NASREC_BLOCKS][KEYS], cells = 1;
    struct sgeo_rng rng = sgeo_rng_stream(6, "test", (uint64_t)_i);
    struct sgeo_nasrec_arch arch;
    sgeo_nasrec_sample(&arch, (enum sgeo_nasrec_space)_i, &rng);
    probabilities[0] = 1.0;
    for (size_t b = 0; b < SGEO_NASREC_BLOCKS; b++) {
        for (unsigned k = 0; k < KEYS; k++) {
            double p = key_change(&arch, b, k);
            cell_of[b][k] = p > 0.0 ? cells : 0;
            probabilities[cells] = p;
            probabilities[0] -= p;
            cells += p > 0.0 ? 1 : 0;
        }
    }
    ck_assert_uint_eq(cells, 1 + CHOICES - 4); /* block 1 has one input only */
    for (size_t i = 0; i < DRAWS; i++) {
        struct sgeo_nasrec_arch mutated = arch;
        size_t cell = 0;
        sgeo_nasrec_mutate(&mutated, &rng);
        for (size_t b = 0; b < SGEO_NASREC_BLOCKS; b++) {
            unsigned keys = changed_keys(&arch.blocks[b], &mutated.blocks[b]);
            ck_assert_uint_le(count_bits(keys), 1);
            ck_assert(keys == 0 || cell == 0); /* no other block has changed */
            for (unsigned k = 0; k < KEYS; k++) {
                cell += (keys >> k & 1) != 0 ? cell_of[b][k] : 0;
            }
        }
        if (i < 1000) {
            assert_valid(&mutated);
        }
        counts[cell]++;
    }
    assert_distribution("mutations", counts, probabilities, cells);
}
END_TEST

/* Many in a row end where sampling starts: at the uniform distribution. */
START_TEST(test_mutations_in_a_row_reach_the_whole_space)
{
    struct sgeo_rng rng = sgeo_rng_stream(7, "test", 0);
    struct tally tally = {0};
    struct sgeo_nasrec_arch arch;
    sgeo_nasrec_sample(&arch, SGEO_NASREC_FULL, &rng);
    for (size_t i = 0; i < DRAWS / 4; i++) {
        for (size_t m = 0; m < 400; m++) {
            sgeo_nasrec_mutate(&arch, &rng);
        }
        add(&tally, &arch);
    }
    assert_uniform_choices(&tally, true);
}
END_TEST

/* --- training paths --------------------------------------------------------------------------- */

START_TEST(test_training_paths_read_one_input_and_a_binomial_number_more)
{
    struct sgeo_rng rng = sgeo_rng_stream(8, "test", (uint64_t)_i);
    struct tally tally = {0};
    for (size_t i = 0; i < DRAWS; i++) {
        struct sgeo_nasrec_path path;
        sgeo_nasrec_draw_path(&path, (enum sgeo_nasrec_space)_i, 0.0, &rng);
        ck_assert(!path.all_inputs);
        for (size_t b = 0; b < SGEO_NASREC_BLOCKS; b++) {
            ck_assert(!path.all_ops[b]);
        }
        if (i < 1000) {
            assert_valid(&path.arch);
        }
        add(&tally, &path.arch);
    }
    assert_uniform_choices(&tally, _i == SGEO_NASREC_FULL);
    for (size_t b = 0; b < SGEO_NASREC_BLOCKS; b++) {
        size_t trials = b < 3 ? b : 3;
        double binomial[4];
        for (size_t k = 0; k <= trials; k++) {
            binomial[k] = choose(trials, k) / (double)(1u << trials);
        }
        assert_distribution("dense counts", tally.counts[0][b] + 1, binomial, trials + 1);
        assert_distribution("sparse counts", tally.counts[1][b] + 1, binomial, trials + 1);
    }
}
END_TEST

static void assert_full_inputs(const struct sgeo_nasrec_arch *arch)
{
    for (size_t b = 0; b < SGEO_NASREC_BLOCKS; b++) {
        ck_assert_uint_eq(arch->blocks[b].dense_inputs, (2u << b) - 1);
        ck_assert_uint_eq(arch->blocks[b].sparse_inputs, (2u << b) - 1);
    }
}

static void assert_full_ops(const struct sgeo_nasrec_block *block)
{
    ck_assert_uint_eq(block->dense_dim, 1024);
    ck_assert_uint_eq(block->sparse_dim, 64);
    ck_assert(block->dense_to_sparse && block->fm);
}

/* The inputs' draw, and two blocks': eight cells of probability 0.3 or 0.7 each. */
START_TEST(test_full_parts_are_drawn_independently)
{
    struct sgeo_rng rng = sgeo_rng_stream(9, "test", 0);
    size_t counts[8] = {0};
    double probabilities[8];
    for (unsigned cell = 0; cell < 8; cell++) {
        size_t full = count_bits(cell);
        probabilities[cell] = pow(0.3, (double)full) * pow(0.7, 3.0 - (double)full);
    }
    for (size_t i = 0; i < DRAWS; i++) {
        struct sgeo_nasrec_path path;
        sgeo_nasrec_draw_path(&path, SGEO_NASREC_FULL, 0.3, &rng);
        counts[(path.all_inputs ? 1 : 0) + (path.all_ops[0] ? 2 : 0) +
               (path.all_ops[LAST] ? 4 : 0)]++;
        if (path.all_inputs) {
            assert_full_inputs(&path.arch);
        } else {
            ck_assert_uint_le(count_bits(path.arch.blocks[LAST].dense_inputs), 4);
        }
        if (path.all_ops[LAST]) {
            assert_full_ops(&path.arch.blocks[LAST]);
        }
    }
    assert_distribution("full parts", counts, probabilities, 8);
}
END_TEST

START_TEST(test_full_path_is_everything)
{
    struct sgeo_rng rng = sgeo_rng_stream(10, "test", 0);
    struct sgeo_nasrec_path path;
    sgeo_nasrec_draw_path(&path, SGEO_NASREC_SMALL, 1.0, &rng);
    ck_assert(path.all_inputs);
    assert_full_inputs(&path.arch);
    for (size_t b = 0; b < SGEO_NASREC_BLOCKS; b++) {
        ck_assert(path.all_ops[b]);
        assert_full_ops(&path.arch.blocks[b]);
    }
}
END_TEST

/* Criteo's 716 steps of the 1 % warm-up, T = 15,000: 97.6 % a draw, 83 % of steps full (8 draws).
 */
START_TEST(test_full_probability_fades_as_the_authors)
{
    double draws = 0.0, steps = 0.0;
    for (size_t t = 0; t < 716; t++) {
        double p = sgeo_nasrec_full_probability(t, 15000);
        draws += p / 716.0;
        steps += pow(p, 8.0) / 716.0;
    }
    ck_assert_double_eq_tol(draws, 0.976, 0.002);
    ck_assert_double_eq_tol(steps, 0.83, 0.005);
    ck_assert_double_eq(sgeo_nasrec_full_probability(0, 15000), 0.0);
    ck_assert_double_eq_tol(sgeo_nasrec_full_probability(1, 15000), 1.0 - 1.0 / 15000.0, 1e-15);
    ck_assert_double_eq_tol(sgeo_nasrec_full_probability(14999, 15000), 1.0 / 15000.0, 1e-12);
    ck_assert_double_eq(sgeo_nasrec_full_probability(15000, 15000), 0.0);
    ck_assert_double_eq(sgeo_nasrec_full_probability(20000, 15000), 0.0);
    ck_assert_double_eq(sgeo_nasrec_full_probability(0, 0), 0.0);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("nasrec_sample");
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, test_candidates_have_uniform_choices_and_counts, 0, 2);
    tcase_add_test(tcase, test_candidates_depend_on_their_stream_alone);
    tcase_add_loop_test(tcase, test_mutation_draws_one_choice_of_one_block_anew, 0, 2);
    tcase_add_test(tcase, test_mutations_in_a_row_reach_the_whole_space);
    tcase_add_loop_test(tcase, test_training_paths_read_one_input_and_a_binomial_number_more, 0, 2);
    tcase_add_test(tcase, test_full_parts_are_drawn_independently);
    tcase_add_test(tcase, test_full_path_is_everything);
    tcase_add_test(tcase, test_full_probability_fades_as_the_authors);
    return run_case("nasrec_sample", tcase);
}
