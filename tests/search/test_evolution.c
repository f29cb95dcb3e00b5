/* Regularised evolution: a run by hand, one against a plain list, the paper's sizes, interruptions,
 * degenerate scores, and that it finds what was planted. */
#include "search/rig.h"

static const struct sgeo_evolution paper = {
    .population = 128, .generations = 240, .sample = 64, .children = 8, .kept = 2};
static const struct sgeo_evolution small = {
    .population = 12, .generations = 9, .sample = 5, .children = 3, .kept = 2};

/* --- helpers ---------------------------------------------------------------------------------- */

static struct sgeo_search *evolve(struct rig *rig, const struct sgeo_evolution *sizes,
                                  uint64_t seed)
{
    struct sgeo_search *search = rig_search(rig, seed, sgeo_evolution_evaluations(sizes));
    ok(sgeo_evolution_run(search, sizes));
    ck_assert_uint_eq(search->n, sgeo_evolution_evaluations(sizes));
    return search;
}

/* The history as text: what must not depend on how the run came about. */
static void print_history(struct sgeo_text *text, const struct sgeo_search *search,
                          const struct sgeo_evolution *sizes)
{
    const struct sgeo_candidate *history[600];
    ck_assert_uint_le(sizes->generations * sizes->kept, 600);
    sgeo_evolution_history(history, search, sizes);
    for (size_t i = 0; i < sizes->generations * sizes->kept; i++) {
        char arch[SGEO_NASREC_TEXT_MAX];
        sgeo_nasrec_encode(arch, &history[i]->arch);
        sgeo_text_append(text, "%zu,%zu,%s,%.17g,%g\n", history[i]->index, history[i]->generation,
                         arch, history[i]->score, history[i]->seconds_cpu);
    }
}

static void assert_history(const struct sgeo_search *search, const struct sgeo_evolution *sizes,
                           const char *expected)
{
    struct sgeo_text text = {0};
    print_history(&text, search, sizes);
    ck_assert_str_eq(text.bytes, expected);
    sgeo_text_clear(&text);
}

/* Choices in which two architectures differ, as a mutation counts them (9 a block). */
static size_t count_changes(const struct sgeo_nasrec_arch *a, const struct sgeo_nasrec_arch *b)
{
    size_t n = 0;
    for (size_t i = 0; i < SGEO_NASREC_BLOCKS; i++) {
        const struct sgeo_nasrec_block *x = &a->blocks[i], *y = &b->blocks[i];
        n += (x->dense_op != y->dense_op || x->sparse_op != y->sparse_op ? 1u : 0u) +
             (x->dense_dim != y->dense_dim ? 1u : 0u) + (x->sparse_dim != y->sparse_dim ? 1u : 0u) +
             (x->dense_to_sparse != y->dense_to_sparse ? 1u : 0u) + (x->fm != y->fm ? 1u : 0u) +
             (x->dense_inputs != y->dense_inputs ? 1u : 0u) +
             (x->sparse_inputs != y->sparse_inputs ? 1u : 0u) + (x->left != y->left ? 1u : 0u) +
             (x->right != y->right ? 1u : 0u);
    }
    return n;
}

/* --- by hand ---------------------------------------------------------------------------------- */

static enum sgeo_status score_by_index(struct sgeo_candidate *const *candidates, size_t n,
                                       void *context)
{
    const double *scores = context;
    for (size_t i = 0; i < n; i++) {
        candidates[i]->score = scores[candidates[i]->index];
        candidates[i]->scored = true;
    }
    return SGEO_OK;
}

/*
 * Three random candidates with losses 5 3 4; the best of all three is 1. Its children 3 and 4 score
 * 9 and 2, and 0 and 1 leave: of 2 3 4 the best is 4, whose children 5 and 6 score 1 and 7.
 */
START_TEST(test_small_evolution_goes_as_by_hand)
{
    double scores[] = {5, 3, 4, 9, 2, 1, 7};
    const struct sgeo_evolution sizes = {
        .population = 3, .generations = 2, .sample = 3, .children = 2, .kept = 1};
    const struct sgeo_search_settings settings = {
        .space = SGEO_NASREC_SMALL, .seed = 5, .evaluate = score_by_index, .context = scores};
    const struct sgeo_candidate *history[2];
    struct sgeo_search *search = NULL;
    ok(sgeo_search_create(&search, &settings, 7));
    ok(sgeo_evolution_run(search, &sizes));
    const size_t parents[] = {1, 1, 4, 4};
    for (size_t i = 3; i < 7; i++) { /* one mutation each, which may leave the parent as it is */
        const struct sgeo_candidate *child = &search->candidates[i];
        ck_assert_uint_le(count_changes(&child->arch, &search->candidates[parents[i - 3]].arch), 1);
        ck_assert_uint_eq(child->generation, i < 5 ? 1 : 2);
        ck_assert_int_eq(child->arch.space, SGEO_NASREC_SMALL);
    }
    ck_assert_uint_gt(count_changes(&search->candidates[0].arch, &search->candidates[1].arch), 9);
    sgeo_evolution_history(history, search, &sizes);
    ck_assert_uint_eq(history[0]->index, 4);
    ck_assert_uint_eq(history[1]->index, 5);
    sgeo_search_destroy(search);
}
END_TEST

START_TEST(test_mutations_fade_from_six_to_one)
{
    size_t sum = 0;
    for (size_t g = 1; g <= 240; g++) {
        sum += sgeo_evolution_mutations(240, g);
    }
    ck_assert_uint_eq(sgeo_evolution_mutations(240, 1), 6); /* 240/48 + 1 */
    ck_assert_uint_eq(sgeo_evolution_mutations(240, 2), 5); /* 239/48 + 1 */
    ck_assert_uint_eq(sgeo_evolution_mutations(240, 240), 1);
    ck_assert_uint_eq(sum, 6 + 48 * (5 + 4 + 3 + 2) + 47);
    ck_assert_uint_eq(sgeo_evolution_mutations(24, 5), 2); /* 20/20 + 1 */
    ck_assert_uint_eq(sgeo_evolution_mutations(24, 6), 1);
    ck_assert_uint_eq(sgeo_evolution_mutations(8, 1), 1);
}
END_TEST

/* --- against a plain list --------------------------------------------------------------------- */

/* A population that is kept as a list: append children, take the oldest from its front. */
struct plain {
    struct sgeo_candidate population[64];
    size_t n;
    struct sgeo_nasrec_arch visited[512];
    size_t n_visited, n_evaluated;
};

static bool is_visited(const struct plain *plain, const struct sgeo_nasrec_arch *arch)
{
    size_t i = 0;
    while (i < plain->n_visited && !sgeo_nasrec_equal(&plain->visited[i], arch)) {
        i++;
    }
    return i < plain->n_visited;
}

static void append(struct plain *plain, const struct rig *rig, const struct sgeo_nasrec_arch *arch,
                   const struct sgeo_search *search)
{
    const struct sgeo_candidate *ours = &search->candidates[plain->n_evaluated];
    ck_assert_msg(sgeo_nasrec_equal(&ours->arch, arch), "candidate %zu", plain->n_evaluated);
    plain->population[plain->n++] = (struct sgeo_candidate){
        .index = plain->n_evaluated++, .arch = *arch, .score = rig_score(rig, arch)};
}

static const struct sgeo_candidate *best_of_sample(const struct plain *plain, size_t sample,
                                                   uint64_t seed, size_t g)
{
    struct sgeo_rng rng = sgeo_rng_stream(seed, "search:sample", g);
    const struct sgeo_candidate *best = NULL;
    uint32_t order[64];
    for (uint32_t i = 0; i < plain->n; i++) {
        order[i] = i;
    }
    sgeo_rng_shuffle(&rng, order, plain->n);
    for (size_t i = 0; i < sample; i++) {
        const struct sgeo_candidate *other = &plain->population[order[i]];
        if (best == NULL || other->score < best->score) {
            best = other;
        }
    }
    return best;
}

START_TEST(test_evolution_is_that_of_a_plain_list)
{
    static const struct sgeo_evolution longer = {
        .population = 16, .generations = 100, .sample = 7, .children = 4, .kept = 1};
    const struct sgeo_evolution sizes = _i == 0 ? small : longer;
    struct rig rig = rig_create();
    struct sgeo_search *search = evolve(&rig, &sizes, 11);
    struct plain plain = {0};
    for (size_t i = 0; i < sizes.population; i++) {
        struct sgeo_nasrec_arch arch;
        sgeo_search_draw(&arch, search, i);
        append(&plain, &rig, &arch, search);
    }
    for (size_t g = 1; g <= sizes.generations; g++) {
        struct sgeo_nasrec_arch parent = best_of_sample(&plain, sizes.sample, 11, g)->arch;
        for (size_t c = 0; c < sizes.children; c++) {
            struct sgeo_rng rng = sgeo_rng_stream(11, "search:mutate", plain.n_evaluated);
            struct sgeo_nasrec_arch child = parent;
            do { /* 9 generations: one mutation; 100: 6, then 5 twenty times, ... */
                for (size_t m = 0; m < (_i == 0 ? 1 : (101 - g) / 20 + 1); m++) {
                    sgeo_nasrec_mutate(&child, &rng);
                }
            } while (is_visited(&plain, &child));
            plain.visited[plain.n_visited++] = child;
            append(&plain, &rig, &child, search);
        }
        plain.n -= sizes.children;
        memmove(plain.population, plain.population + sizes.children,
                plain.n * sizeof *plain.population);
        ck_assert_uint_eq(plain.n, sizes.population);
    }
    ck_assert_uint_eq(plain.n_evaluated, search->n);
    sgeo_search_destroy(search);
}
END_TEST

/* --- the paper's sizes ------------------------------------------------------------------------ */

START_TEST(test_evolution_of_paper_size_keeps_its_promises)
{
    struct rig rig = rig_create();
    const struct sgeo_candidate *history[480];
    struct sgeo_search *search = evolve(&rig, &paper, 1);
    ck_assert_uint_eq(sgeo_evolution_evaluations(&paper), 2048);
    ck_assert_uint_eq(rig.n, 2048);
    for (size_t i = 0; i < search->n; i++) {
        const struct sgeo_candidate *candidate = &search->candidates[i];
        ck_assert(candidate->scored);
        ck_assert_uint_eq(candidate->index, i);
        ck_assert_uint_eq(candidate->generation, i < 128 ? 0 : 1 + (i - 128) / 8);
        for (size_t j = 128; i >= 128 && j < i; j++) {
            ck_assert(!sgeo_nasrec_equal(&candidate->arch, &search->candidates[j].arch));
        }
    }
    sgeo_evolution_history(history, search, &paper);
    for (size_t g = 0; g < 240; g++) {
        const struct sgeo_candidate *first = history[2 * g], *second = history[2 * g + 1];
        ck_assert_uint_eq(first->generation, g + 1);
        ck_assert_uint_eq(second->generation, g + 1);
        for (size_t c = 128 + 8 * g; c < 136 + 8 * g; c++) {
            const struct sgeo_candidate *child = &search->candidates[c];
            ck_assert(child == first || child->score > first->score);
            ck_assert(child == first || child == second || child->score > second->score);
        }
    }
    sgeo_search_destroy(search);
}
END_TEST

/* --- what must not matter --------------------------------------------------------------------- */

START_TEST(test_order_within_a_batch_does_not_matter)
{
    struct rig rig = rig_create(), backwards = rig_create();
    struct sgeo_text expected = {0};
    backwards.backwards = true;
    struct sgeo_search *search = evolve(&rig, &small, 4);
    struct sgeo_search *other = evolve(&backwards, &small, 4);
    print_history(&expected, search, &small);
    assert_history(other, &small, expected.bytes);
    sgeo_text_clear(&expected);
    sgeo_search_destroy(search);
    sgeo_search_destroy(other);
}
END_TEST

/* The same search with scores for which higher is better: the same candidates. */
START_TEST(test_direction_of_scores_does_not_matter)
{
    struct rig rig = rig_create(), negated = rig_create();
    negated.negate = true;
    struct sgeo_search *search = evolve(&rig, &small, 4);
    struct sgeo_search *other = evolve(&negated, &small, 4);
    for (size_t i = 0; i < search->n; i++) {
        ck_assert(sgeo_nasrec_equal(&search->candidates[i].arch, &other->candidates[i].arch));
        ck_assert_double_eq(search->candidates[i].score, -other->candidates[i].score);
    }
    sgeo_search_destroy(search);
    sgeo_search_destroy(other);
}
END_TEST

/* After any number of evaluations, on with the same search or from its recorded scores. */
START_TEST(test_interrupted_evolution_ends_with_the_same_history)
{
    struct rig whole = rig_create();
    struct sgeo_text expected = {0};
    struct sgeo_search *search = evolve(&whole, &small, 6);
    print_history(&expected, search, &small);
    sgeo_search_destroy(search);
    for (size_t after = 1; after < sgeo_evolution_evaluations(&small); after++) {
        struct rig rig = rig_create();
        rig.stop_after = after;
        rig.backwards = after % 2 == 1;
        search = rig_search(&rig, 6, sgeo_evolution_evaluations(&small));
        struct sgeo_search *resumed = rig_search(&rig, 6, sgeo_evolution_evaluations(&small));
        ck_assert_int_eq(sgeo_evolution_run(search, &small), SGEO_INTERRUPTED);
        ck_assert_uint_eq(rig.n, after);
        for (size_t i = 0; i < search->n; i++) {
            if (search->candidates[i].scored) {
                ok(sgeo_search_recall(resumed, &search->candidates[i]));
            }
        }
        atomic_store(&rig.stop, false);
        ok(sgeo_evolution_run(search, &small));
        ck_assert_uint_eq(rig.n, sgeo_evolution_evaluations(&small));
        assert_history(search, &small, expected.bytes);
        rig.n = after;
        ok(sgeo_evolution_run(resumed, &small));
        ck_assert_uint_eq(rig.n, sgeo_evolution_evaluations(&small));
        assert_history(resumed, &small, expected.bytes);
        sgeo_search_destroy(search);
        sgeo_search_destroy(resumed);
    }
    sgeo_text_clear(&expected);
}
END_TEST

START_TEST(test_seeds_lead_to_different_searches)
{
    struct rig rig = rig_create();
    struct sgeo_search *a = evolve(&rig, &small, 1), *b = evolve(&rig, &small, 2);
    size_t same = 0;
    for (size_t i = 0; i < a->n; i++) {
        same += sgeo_nasrec_equal(&a->candidates[i].arch, &b->candidates[i].arch) ? 1 : 0;
    }
    ck_assert_uint_eq(same, 0);
    sgeo_search_destroy(a);
    sgeo_search_destroy(b);
}
END_TEST

/* --- degenerate scores ------------------------------------------------------------------------ */

START_TEST(test_degenerate_scores_stay_but_are_never_best)
{
    struct rig rig = rig_create();
    const struct sgeo_candidate *history[480], *best[15];
    rig.bad_fraction = 0.4;
    rig.negate = _i == 1;
    struct sgeo_search *search = evolve(&rig, &paper, 3);
    size_t bad = sgeo_search_count_degenerate(search), bad_in_history = 0;
    ck_assert_uint_gt(bad, 2048 * 3 / 10);
    ck_assert_uint_lt(bad, 2048 / 2);
    sgeo_evolution_history(history, search, &paper);
    for (size_t g = 0; g < 240; g++) { /* the first is bad only where all eight are: rare */
        bad_in_history += isfinite(history[2 * g]->score) ? 0 : 1;
    }
    ck_assert_uint_lt(bad_in_history, 10);
    ck_assert_uint_eq(sgeo_search_best(best, 15, history, 480, search), 15);
    for (size_t i = 0; i < 15; i++) {
        ck_assert(isfinite(best[i]->score));
    }
    ck_assert_double_lt(fabs(best[0]->score), 20.0); /* it still climbs: random ones are near 60 */
    sgeo_search_destroy(search);
}
END_TEST

START_TEST(test_search_without_a_single_finite_score_ends)
{
    struct rig rig = rig_create();
    const struct sgeo_candidate *history[18], *best[15];
    rig.bad_fraction = 1.0;
    struct sgeo_search *search = evolve(&rig, &small, 3);
    ck_assert_uint_eq(sgeo_search_count_degenerate(search), search->n);
    sgeo_evolution_history(history, search, &small);
    ck_assert_uint_eq(sgeo_search_best(best, 15, history, 18, search), 0);
    sgeo_search_destroy(search);
}
END_TEST

/* --- what it is good for ---------------------------------------------------------------------- */

static double best_loss(const struct sgeo_search *search)
{
    double best = (double)INFINITY;
    for (size_t i = 0; i < search->n; i++) {
        best = fmin(best, search->candidates[i].score);
    }
    return best;
}

/* Equal numbers of evaluations, the same first 32 candidates. */
START_TEST(test_evolution_beats_random_search)
{
    const struct sgeo_evolution sizes = {
        .population = 32, .generations = 60, .sample = 16, .children = 8, .kept = 2};
    struct rig rig = rig_create();
    struct sgeo_search *evolved = evolve(&rig, &sizes, (uint64_t)_i);
    struct sgeo_search *random = rig_search(&rig, (uint64_t)_i, sgeo_evolution_evaluations(&sizes));
    ok(sgeo_random_search(random));
    ck_assert_uint_eq(random->n, evolved->n);
    for (size_t i = 0; i < sizes.population; i++) {
        ck_assert(sgeo_nasrec_equal(&random->candidates[i].arch, &evolved->candidates[i].arch));
    }
    ck_assert_msg(best_loss(evolved) < best_loss(random) - 5.0, "%g after evolution, %g at random",
                  best_loss(evolved), best_loss(random));
    sgeo_search_destroy(evolved);
    sgeo_search_destroy(random);
}
END_TEST

START_TEST(test_sizes_that_contradict_each_other_are_refused)
{
    static const struct sgeo_evolution sizes[] = {
        {.population = 4, .generations = 1, .sample = 5, .children = 2, .kept = 1},
        {.population = 4, .generations = 1, .sample = 0, .children = 2, .kept = 1},
        {.population = 4, .generations = 1, .sample = 2, .children = 2, .kept = 3},
        {.population = 4, .generations = 1, .sample = 2, .children = 0, .kept = 0}};
    struct rig rig = rig_create();
    struct sgeo_search *search = rig_search(&rig, 1, sgeo_evolution_evaluations(&sizes[_i]));
    ck_assert_int_eq(sgeo_evolution_run(search, &sizes[_i]), SGEO_USAGE);
    ck_assert_ptr_nonnull(strstr(sgeo_error_text(), "from a population of 4"));
    ck_assert_uint_eq(rig.n, 0);
    sgeo_search_destroy(search);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("evolution");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, test_small_evolution_goes_as_by_hand);
    tcase_add_test(tcase, test_mutations_fade_from_six_to_one);
    tcase_add_loop_test(tcase, test_evolution_is_that_of_a_plain_list, 0, 2);
    tcase_add_test(tcase, test_evolution_of_paper_size_keeps_its_promises);
    tcase_add_test(tcase, test_order_within_a_batch_does_not_matter);
    tcase_add_test(tcase, test_direction_of_scores_does_not_matter);
    tcase_add_test(tcase, test_interrupted_evolution_ends_with_the_same_history);
    tcase_add_test(tcase, test_seeds_lead_to_different_searches);
    tcase_add_loop_test(tcase, test_degenerate_scores_stay_but_are_never_best, 0, 2);
    tcase_add_test(tcase, test_search_without_a_single_finite_score_ends);
    tcase_add_loop_test(tcase, test_evolution_beats_random_search, 0, 8);
    tcase_add_loop_test(tcase, test_sizes_that_contradict_each_other_are_refused, 0, 4);
    return run_case("evolution", tcase);
}
