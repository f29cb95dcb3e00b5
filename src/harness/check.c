#include "harness/check.h"

#include <regex.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "kernels/prove/prove.h"

/* Where rows and counts go, and what decides the inputs. */
struct check {
    struct sgeo_check_result *result;
    const regex_t *pattern; /* NULL: every op */
    uint64_t seed;
    uint64_t samples; /* 0: all cases */
    sgeo_text_sink sink;
    void *sink_context;
};

static bool is_wanted(const struct check *check, const char *op)
{
    return check->pattern == NULL || regexec(check->pattern, op, 0, NULL, 0) == 0;
}

static enum sgeo_status write_row(const struct check *check, const char *op, const char *tier,
                                  const struct sgeo_proof *proof)
{
    struct sgeo_text row = {0};
    sgeo_text_append(&row, "%s,%s,%zu,%.3g,%.3g,%s,%llu,%llu\n", op, tier, proof->cases,
                     proof->worst_error, proof->bound, sgeo_proof_verdict_name(proof->verdict),
                     (unsigned long long)check->seed, (unsigned long long)proof->seed);
    if (row.failed) {
        sgeo_text_clear(&row);
        return sgeo_fail_memory("a row");
    }
    check->sink(row.bytes, check->sink_context);
    sgeo_text_clear(&row);
    return SGEO_OK;
}

static enum sgeo_status check_kernel(const struct check *check, const char *op, const char *tier,
                                     const struct sgeo_kernels *kernels)
{
    struct sgeo_proof proof;
    enum sgeo_status status =
        check->samples > 0 ? sgeo_prove_samples(&proof, op, kernels, check->seed, check->samples)
                           : sgeo_prove(&proof, op, kernels, check->seed);
    if (status != SGEO_OK) {
        return status;
    }
    if (proof.verdict == SGEO_PROVEN) {
        check->result->proven++;
        sgeo_log(SGEO_LOG_DEBUG, "%s of %s, seed %llu: worst error %.3g in %s", op, tier,
                 (unsigned long long)proof.seed, proof.worst_error, proof.where);
    } else {
        check->result->failed++;
        sgeo_log(SGEO_LOG_WARNING, "%s of %s, seed %llu, case %zu (%s): %s", op, tier,
                 (unsigned long long)proof.seed, proof.cases, proof.where, proof.failure);
    }
    return write_row(check, op, tier, &proof);
}

static enum sgeo_status check_bundle(const struct check *check, enum sgeo_isa isa)
{
    struct sgeo_kernels kernels;
    enum sgeo_status status = SGEO_OK;
    sgeo_kernels_fill(&kernels, isa);
    for (size_t i = 0; i < sgeo_prove_count() && status == SGEO_OK; i++) {
        const char *op = sgeo_prove_op(i);
        if (is_wanted(check, op)) {
            status = check_kernel(check, op, sgeo_isa_name(isa), &kernels);
        }
    }
    return status;
}

/* Whether a bundle has the very kernels of the one before it: proven already. */
static bool is_repeated(enum sgeo_isa isa)
{
    struct sgeo_kernels kernels, before;
    return isa > SGEO_ISA_REF && sgeo_kernels_fill(&kernels, isa) &&
           sgeo_kernels_fill(&before, (enum sgeo_isa)(isa - 1)) &&
           memcmp(&kernels, &before, sizeof kernels) == 0;
}

/* All bundles but the reference, which the others are compared with. */
static enum sgeo_status check_all(const struct check *check)
{
    struct sgeo_cpu cpu;
    enum sgeo_status status = SGEO_OK;
    sgeo_cpu_detect(&cpu);
    for (int i = SGEO_ISA_SCALAR; i < SGEO_ISA_COUNT && status == SGEO_OK; i++) {
        enum sgeo_isa isa = (enum sgeo_isa)i;
        if (sgeo_isa_refusal(&cpu, isa) == NULL && !is_repeated(isa)) {
            status = check_bundle(check, isa);
        }
    }
    return status;
}

static enum sgeo_status run(const struct check *check, bool selected_only)
{
    check->sink("op,tier,cases,worst_error,bound,verdict,seed,worst_seed\n", check->sink_context);
    enum sgeo_status status =
        selected_only ? check_bundle(check, sgeo_kernels_isa()) : check_all(check);
    if (status == SGEO_OK && check->result->failed > 0) {
        return sgeo_fail(SGEO_CHECK_FAILED, "--isa scalar runs without them",
                         "%zu kernels are not what their contracts say", check->result->failed);
    }
    return status;
}

static bool matches_any(const struct check *check)
{
    for (size_t i = 0; i < sgeo_prove_count(); i++) {
        if (is_wanted(check, sgeo_prove_op(i))) {
            return true;
        }
    }
    return false;
}

enum sgeo_status sgeo_check(struct sgeo_check_result *result, const char *pattern,
                            bool selected_only, struct sgeo_check_seeds seeds, sgeo_text_sink sink,
                            void *sink_context)
{
    regex_t compiled;
    struct check check = {result, NULL, seeds.first, seeds.count, sink, sink_context};
    *result = (struct sgeo_check_result){0};
    if (pattern == NULL) {
        return run(&check, selected_only);
    }
    if (regcomp(&compiled, pattern, REG_EXTENDED | REG_NOSUB) != 0) {
        return sgeo_fail(SGEO_USAGE, "a POSIX extended regular expression", "malformed pattern: %s",
                         pattern);
    }
    check.pattern = &compiled;
    enum sgeo_status status =
        matches_any(&check)
            ? run(&check, selected_only)
            : sgeo_fail(SGEO_USAGE, "--list kernels shows all", "no kernel matches: %s", pattern);
    regfree(&compiled);
    return status;
}
