#include "base/zipf.h"

#include <math.h>
#include <stdbool.h>

#include "suite.h"

enum { DRAWS = 200000 };

/* How often each of the first ranks comes, against r^-s / sum. */
static void assert_zipf(double s, size_t n)
{
    size_t counts[11] = {0};
    struct sgeo_zipf zipf = sgeo_zipf_of(s, n);
    struct sgeo_rng rng = sgeo_rng_stream(3, "zipf", 0);
    double total = 0.0;
    bool in_range = true;
    for (size_t r = 1; r <= n; r++) {
        total += pow((double)r, -s);
    }
    for (size_t i = 0; i < DRAWS; i++) {
        size_t rank = sgeo_zipf_draw(&zipf, &rng);
        in_range = in_range && rank >= 1 && rank <= n;
        counts[rank <= 10 ? rank : 0]++;
    }
    ck_assert(in_range);
    for (size_t r = 1; r <= 10 && r <= n; r++) {
        double p = pow((double)r, -s) / total, sigma = sqrt(p * (1.0 - p) / DRAWS);
        ck_assert_double_eq_tol((double)counts[r] / DRAWS, p, 5.0 * sigma + 1e-12);
    }
}

START_TEST(test_zipf_ranks_have_their_probabilities)
{
    assert_zipf(1.1, 100000);
    assert_zipf(1.0, 1000);
    assert_zipf(0.5, 50);
    assert_zipf(3.0, 10);
    assert_zipf(1.2, 2);
    assert_zipf(1.0, 1);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("zipf");
    tcase_add_test(tcase, test_zipf_ranks_have_their_probabilities);
    return run_case("base/zipf", tcase);
}
