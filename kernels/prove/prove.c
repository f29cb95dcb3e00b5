#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include "kernels/prove/prove.h"

#include <errno.h>
#include <fenv.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernels/prove/prover.h"

/* The registry's columns that a proof needs. */
struct entry {
    const char *op;
    size_t tile;
    double bound;
    bool (*prove)(struct sgeo_prover *prover);
};

static const struct entry entries[] = {
#define SGEO_KERNEL(op, tile, bound, ...) {#op, tile, bound, sgeo_prove_##op},
#include "kernels/kernels.inc"
#undef SGEO_KERNEL
};

#define N_ENTRIES (sizeof entries / sizeof *entries)

enum { CHILD_DONE = 0, CHILD_WITHOUT_MEMORY = 3 };

size_t sgeo_prove_count(void)
{
    return N_ENTRIES;
}

const char *sgeo_prove_op(size_t index)
{
    return entries[index].op;
}

static const struct entry *find_entry(const char *op)
{
    for (size_t i = 0; i < N_ENTRIES; i++)
        if (strcmp(entries[i].op, op) == 0)
            return &entries[i];
    return NULL;
}

/* What parent and child share. */
struct shared {
    struct sgeo_proof proof;
    char running[SGEO_LABEL_BYTES]; /* the case whose kernels run now, should one of them crash */
};

/* What a child does: all cases with buffers placed from `first` on, or samples of them. */
struct request {
    const struct entry *entry;
    const struct sgeo_kernels *candidate;
    enum sgeo_placement first;
    uint64_t seed;
    uint64_t n_samples; /* 0: all cases */
};

/* A prime, more than there are kinds of values: turns meet no variant more often than another. */
#define TURNS_OF_A_PLACEMENT 11
_Static_assert((int)SGEO_VALUES < TURNS_OF_A_PLACEMENT, "two passes would take the same turns");

/* A pass over a kernel's cases. Whatever ends it early is a failure, also where none was recorded.
 */
static bool pass(struct sgeo_prover *prover, const struct entry *entry)
{
    return entry->prove(prover) || sgeo_prover_fail(prover, "the proof ended without a reason");
}

/*
 * All placements from the given one on, and all values, until the first failure. Each pass over a
 * kernel's cases takes its turns from another number on: where cases and variants have a factor in
 * common, a case would always meet the same variant otherwise.
 */
static void prove_all(struct sgeo_prover *prover, const struct request *request)
{
    prover->rng = sgeo_rng_stream(request->seed, request->entry->op, 0);
    prover->chosen = SGEO_EVERY_CASE;
    for (int placement = (int)request->first; placement < SGEO_PLACEMENTS; placement++)
        for (int values = 0; values < SGEO_VALUES; values++) {
            prover->placement = (enum sgeo_placement)placement;
            prover->values = (enum sgeo_values)values;
            prover->turn = (size_t)(placement * TURNS_OF_A_PLACEMENT + values);
            if (!pass(prover, request->entry))
                return;
        }
}

/* Cases of a pass: the same for all values and placements. */
static size_t count_cases(struct sgeo_prover *prover, const struct entry *entry)
{
    prover->rng = sgeo_rng_stream(0, entry->op, 0);
    prover->chosen = SGEO_NO_CASE;
    prover->passed = 0;
    entry->prove(prover);
    return prover->passed;
}

static bool prove_sample(struct sgeo_prover *prover, const struct entry *entry, size_t n_cases)
{
    prover->rng = sgeo_rng_stream(prover->proof->seed, entry->op, 1);
    prover->placement = (enum sgeo_placement)sgeo_prover_below(prover, SGEO_PLACEMENTS);
    prover->values = sgeo_prover_coin(prover)
                         ? SGEO_ORDINARY
                         : (enum sgeo_values)sgeo_prover_below(prover, SGEO_VALUES);
    prover->turn = sgeo_prover_below(prover, (size_t)1 << 20);
    prover->chosen = sgeo_prover_below(prover, n_cases);
    prover->passed = 0;
    return pass(prover, entry);
}

static void prove_samples(struct sgeo_prover *prover, const struct request *request)
{
    struct sgeo_proof *proof = prover->proof;
    size_t n_cases = count_cases(prover, request->entry);
    uint64_t worst = request->seed;
    for (uint64_t i = 0; i < request->n_samples; i++) {
        double before = proof->worst_error;
        proof->seed = request->seed + i;
        if (!prove_sample(prover, request->entry, n_cases))
            return;
        worst = proof->worst_error > before ? proof->seed : worst;
    }
    proof->seed = worst;
}

/* The child: never returns. The default environment keeps denormals, as the bounds assume. */
static void run_child(struct shared *shared, const struct request *request)
{
    static struct sgeo_prover prover;
    prover.proof = &shared->proof;
    prover.label = shared->running;
    prover.candidate = request->candidate;
    prover.tile = request->entry->tile;
    setrlimit(RLIMIT_CORE,
              &(struct rlimit){0, 0}); /* a crash is an answer, not a case for a dump */
    fesetenv(FE_DFL_ENV);
    sgeo_kernels_fill(&prover.ref, SGEO_ISA_REF);
    if (!sgeo_prover_init(&prover))
        _exit(CHILD_WITHOUT_MEMORY);
    if (request->n_samples > 0)
        prove_samples(&prover, request);
    else
        prove_all(&prover, request);
    _exit(CHILD_DONE);
}

/* Turn the way the child ended into a verdict or an error. */
static enum sgeo_status judge(struct shared *shared, int ending)
{
    struct sgeo_proof *proof = &shared->proof;
    if (WIFEXITED(ending) && WEXITSTATUS(ending) == CHILD_DONE)
        return SGEO_OK;
    if (WIFEXITED(ending) && WEXITSTATUS(ending) == CHILD_WITHOUT_MEMORY)
        return sgeo_fail_memory("the buffers of a kernel's proof");
    int cause = WIFSIGNALED(ending) ? WTERMSIG(ending) : 0;
    proof->verdict = cause == SIGPROF ? SGEO_STUCK : SGEO_CRASHED;
    memcpy(proof->where, shared->running, sizeof shared->running);
    if (cause == SIGPROF)
        snprintf(proof->failure, sizeof proof->failure, "no end after %d seconds of CPU time",
                 SGEO_CASE_CPU_SECONDS);
    else if (cause != 0)
        snprintf(proof->failure, sizeof proof->failure, "signal %d%s", cause,
                 cause == SIGILL ? ": an instruction that this CPU lacks" : "");
    else
        snprintf(proof->failure, sizeof proof->failure, "ended with code %d", WEXITSTATUS(ending));
    return SGEO_OK;
}

static enum sgeo_status prove_in_child(struct shared *shared, const struct request *request)
{
    const char *op = request->entry->op;
    int ending;
    pid_t child = fork();
    if (child < 0)
        return sgeo_fail(SGEO_IO, NULL, "cannot start a process to prove %s", op);
    if (child == 0)
        run_child(shared, request);
    while (waitpid(child, &ending, 0) < 0)
        if (errno != EINTR)
            return sgeo_fail(SGEO_IO, NULL, "lost the process that proves %s", op);
    return judge(shared, ending);
}

const char *sgeo_proof_verdict_name(enum sgeo_proof_verdict verdict)
{
    static const char *const names[] = {[SGEO_PROVEN] = "proven",
                                        [SGEO_WRONG] = "wrong",
                                        [SGEO_CRASHED] = "crashed",
                                        [SGEO_STUCK] = "stuck"};
    return names[verdict];
}

static enum sgeo_status prove(struct sgeo_proof *proof, const char *op, struct request request)
{
    request.entry = find_entry(op);
    if (!request.entry)
        return sgeo_fail(SGEO_USAGE, "--list kernels shows all", "unknown kernel '%s'", op);
    struct shared *shared =
        mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        return sgeo_fail_memory("a kernel's proof");
    shared->proof.seed = request.seed;
    shared->proof.bound = request.entry->bound;
    enum sgeo_status status = prove_in_child(shared, &request);
    if (status == SGEO_OK)
        *proof = shared->proof;
    munmap(shared, sizeof *shared);
    return status;
}

enum sgeo_status sgeo_prove(struct sgeo_proof *proof, const char *op,
                            const struct sgeo_kernels *candidate, uint64_t seed)
{
    return prove(proof, op,
                 (struct request){.candidate = candidate, .first = SGEO_AT_END, .seed = seed});
}

enum sgeo_status sgeo_prove_samples(struct sgeo_proof *proof, const char *op,
                                    const struct sgeo_kernels *candidate, uint64_t seed,
                                    uint64_t n_seeds)
{
    return prove(proof, op,
                 (struct request){.candidate = candidate, .seed = seed, .n_samples = n_seeds});
}

enum sgeo_status sgeo_prove_emulated(struct sgeo_proof *proof, const char *op,
                                     const struct sgeo_kernels *candidate, uint64_t seed)
{
    return prove(proof, op,
                 (struct request){.candidate = candidate, .first = SGEO_AT_START, .seed = seed});
}
