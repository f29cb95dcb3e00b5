#include "harness/ranks.h"

#include "base/clock.h"
#include "base/memory.h"

#if SGEO_HAVE_MPI

#include <mpi.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/thread.h"

/*
 * Messages, all between a rank and rank 0:
 *   ASK     rank -> 0   nothing; answered by JOB
 *   JOB     0 -> rank   one long: a job's index, JOB_WAIT, or JOB_NONE
 *   RECORD  rank -> 0   job index in decimal, a blank, the record's journal line
 *   FAILURE rank -> 0   status in decimal, newline, text, newline, hint
 */
enum { TAG_ASK = 1, TAG_JOB, TAG_RECORD, TAG_FAILURE };
enum { JOB_WAIT = -1, JOB_NONE = -2 };

/* Seconds between two looks at the mailbox; jobs take seconds. */
#define POLL_SECONDS  0.002
#define RETRY_SECONDS 0.05

enum sgeo_status sgeo_ranks_start(bool launched)
{
    int provided = 0;
    if (!launched) {
        return SGEO_OK;
    }
    if (MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided) != MPI_SUCCESS ||
        provided < MPI_THREAD_FUNNELED) {
        return sgeo_fail(SGEO_UNSUPPORTED, "run without mpirun, or use --shard I/N",
                         "MPI offers no thread support");
    }
    return SGEO_OK;
}

static bool is_running(void)
{
    int started = 0, finished = 0;
    MPI_Initialized(&started);
    MPI_Finalized(&finished);
    return started != 0 && finished == 0;
}

void sgeo_ranks_finish(enum sgeo_status status)
{
    if (is_running() && status != SGEO_OK) {
        MPI_Abort(MPI_COMM_WORLD, (int)status);
    }
    if (is_running()) {
        MPI_Finalize();
    }
}

size_t sgeo_ranks_rank(void)
{
    int rank = 0;
    if (is_running()) {
        MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    }
    return (size_t)rank;
}

size_t sgeo_ranks_count(void)
{
    int count = 1;
    if (is_running()) {
        MPI_Comm_size(MPI_COMM_WORLD, &count);
    }
    return (size_t)count;
}

/* --- rank 0 --- */

static void answer(struct sgeo_schedule *schedule, int rank, size_t *released)
{
    size_t job = 0;
    bool finished = false;
    long reply = JOB_WAIT;
    if (sgeo_schedule_try_next(schedule, &job, &finished)) {
        reply = (long)job;
    } else if (finished) {
        reply = JOB_NONE;
        (*released)++;
    }
    MPI_Send(&reply, 1, MPI_LONG, rank, TAG_JOB, MPI_COMM_WORLD);
}

static void take_record(struct sgeo_schedule *schedule, const char *message)
{
    struct sgeo_job_source *source = sgeo_schedule_source(schedule);
    struct sgeo_record *record = sgeo_calloc(1, sizeof *record);
    const char *line = strchr(message, ' ');
    size_t job = 0;
    if (record == NULL || line == NULL || sscanf(message, "%zu", &job) != 1 ||
        sgeo_record_parse(record, line + 1) != SGEO_OK) {
        source->fail(source, SGEO_IO, "a rank sent a record that cannot be read", "");
    } else {
        source->complete(source, job, record);
    }
    sgeo_free(record);
}

static void take_failure(struct sgeo_schedule *schedule, char *message)
{
    struct sgeo_job_source *source = sgeo_schedule_source(schedule);
    char *text = strchr(message, '\n');
    char *hint = text == NULL ? NULL : strchr(text + 1, '\n');
    int status = SGEO_IO;
    if (hint == NULL || sscanf(message, "%d", &status) != 1) {
        source->fail(source, SGEO_IO, "a rank failed", "");
        return;
    }
    *hint = '\0';
    source->fail(source, (enum sgeo_status)status, text + 1, hint + 1);
}

static void receive(struct sgeo_schedule *schedule, const MPI_Status *probed, size_t *released)
{
    int bytes = 0;
    MPI_Get_count(probed, MPI_CHAR, &bytes);
    char *message = sgeo_calloc((size_t)bytes + 1, 1);
    if (message == NULL) {
        struct sgeo_job_source *source = sgeo_schedule_source(schedule);
        source->fail(source, SGEO_IO, "no memory for a message", "");
        return;
    }
    MPI_Recv(message, bytes, MPI_CHAR, probed->MPI_SOURCE, probed->MPI_TAG, MPI_COMM_WORLD,
             MPI_STATUS_IGNORE);
    if (probed->MPI_TAG == TAG_ASK) {
        answer(schedule, probed->MPI_SOURCE, released);
    } else if (probed->MPI_TAG == TAG_RECORD) {
        take_record(schedule, message);
    } else {
        take_failure(schedule, message);
    }
    sgeo_free(message);
}

void sgeo_ranks_serve(struct sgeo_schedule *schedule)
{
    size_t others = sgeo_ranks_count() - 1, released = 0;
    if (others == 0) {
        while (!sgeo_schedule_wait(schedule, 1.0)) {
        }
        return;
    }
    bool over = false;
    while (!over || released < others) {
        int waiting = 0;
        MPI_Status probed;
        MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD, &waiting, &probed);
        if (waiting != 0) {
            receive(schedule, &probed, &released);
        } else {
            over = sgeo_schedule_wait(schedule, POLL_SECONDS);
            if (over && sgeo_schedule_status(schedule) != SGEO_OK) {
                return; /* the others may be in long jobs: sgeo_ranks_finish ends them */
            }
            if (over) { /* only the other ranks' farewells are missing */
                sgeo_sleep(POLL_SECONDS);
            }
        }
    }
}

/* --- the other ranks --- */

/* Most jobs fetched ahead of the worker threads that wait for them. */
#define FETCHED_MAX ((size_t)256)

/* Jobs that the main thread fetched, and messages for it to send. */
struct relay {
    struct sgeo_job_source source; /* first */
    struct sgeo_monitor *monitor;
    size_t wanted;            /* worker threads waiting for a job */
    size_t jobs[FETCHED_MAX]; /* fetched, not yet taken */
    size_t n_jobs;
    bool finished;           /* rank 0 has no more */
    size_t alive;            /* worker threads */
    struct sgeo_text outbox; /* messages: tag character, length in decimal, newline, bytes */
};

static bool relay_next(struct sgeo_job_source *source, size_t *job)
{
    struct relay *relay = (struct relay *)source;
    sgeo_monitor_enter(relay->monitor);
    relay->wanted++;
    while (relay->n_jobs == 0 && !relay->finished) {
        sgeo_monitor_wait(relay->monitor, 1.0);
    }
    bool found = relay->n_jobs > 0;
    if (found) {
        *job = relay->jobs[--relay->n_jobs];
    } else {
        relay->alive--;
    }
    relay->wanted--;
    sgeo_monitor_leave(relay->monitor);
    return found;
}

static void post(struct relay *relay, char tag, const struct sgeo_text *message)
{
    sgeo_monitor_enter(relay->monitor);
    sgeo_text_append(&relay->outbox, "%c%zu\n%s", tag, message->length, message->bytes);
    sgeo_monitor_signal(relay->monitor);
    sgeo_monitor_leave(relay->monitor);
}

static void relay_complete(struct sgeo_job_source *source, size_t job,
                           const struct sgeo_record *record)
{
    struct sgeo_text message = {0};
    sgeo_text_append(&message, "%zu ", job);
    sgeo_record_write(&message, record);
    post((struct relay *)source, 'R', &message);
    sgeo_text_clear(&message);
}

static void relay_fail(struct sgeo_job_source *source, enum sgeo_status status, const char *text,
                       const char *hint)
{
    struct relay *relay = (struct relay *)source;
    struct sgeo_text message = {0};
    sgeo_text_append(&message, "%d\n%s\n%s", (int)status, text, hint);
    post(relay, 'F', &message);
    sgeo_text_clear(&message);
    sgeo_monitor_enter(relay->monitor);
    relay->alive--;
    sgeo_monitor_leave(relay->monitor);
}

/* Send what the workers left in the outbox. */
static void deliver(struct relay *relay)
{
    sgeo_monitor_enter(relay->monitor);
    struct sgeo_text outbox = relay->outbox;
    relay->outbox = (struct sgeo_text){0};
    sgeo_monitor_leave(relay->monitor);
    for (const char *at = outbox.bytes; at != NULL && *at != '\0';) {
        int tag = *at == 'R' ? TAG_RECORD : TAG_FAILURE;
        size_t length = 0;
        sscanf(at + 1, "%zu", &length);
        at = strchr(at, '\n') + 1;
        MPI_Send(at, (int)length, MPI_CHAR, 0, tag, MPI_COMM_WORLD);
        at += length;
    }
    sgeo_text_clear(&outbox);
}

/* Ask rank 0 for one job; false when it has none to give now. */
static bool fetch(struct relay *relay)
{
    long reply = JOB_WAIT;
    MPI_Send(NULL, 0, MPI_CHAR, 0, TAG_ASK, MPI_COMM_WORLD);
    MPI_Recv(&reply, 1, MPI_LONG, 0, TAG_JOB, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    sgeo_monitor_enter(relay->monitor);
    if (reply >= 0) {
        relay->jobs[relay->n_jobs++] = (size_t)reply;
    }
    relay->finished = reply == JOB_NONE;
    sgeo_monitor_signal(relay->monitor);
    sgeo_monitor_leave(relay->monitor);
    return reply >= 0;
}

static void relay_until_done(struct relay *relay)
{
    bool running = true;
    while (running) {
        deliver(relay);
        sgeo_monitor_enter(relay->monitor);
        bool hungry =
            relay->wanted > relay->n_jobs && relay->n_jobs < FETCHED_MAX && !relay->finished;
        sgeo_monitor_leave(relay->monitor);
        bool fed = hungry && fetch(relay);
        sgeo_monitor_enter(relay->monitor);
        if (!fed && relay->outbox.length == 0) {
            sgeo_monitor_wait(relay->monitor, hungry ? RETRY_SECONDS : POLL_SECONDS);
        }
        running = relay->alive > 0 || relay->outbox.length > 0;
        sgeo_monitor_leave(relay->monitor);
    }
    if (!relay->finished) { /* every worker failed: rank 0 must still hear the farewell */
        while (!relay->finished) {
            fetch(relay);
        }
    }
}

enum sgeo_status sgeo_ranks_work(const struct sgeo_run_context *context,
                                 const struct sgeo_job *jobs)
{
    struct relay relay = {
        .source = {.next = relay_next, .complete = relay_complete, .fail = relay_fail},
        .alive = context->options->workers};
    struct sgeo_service service = {context, jobs, &relay.source};
    struct sgeo_crew *crew = NULL;
    relay.monitor = sgeo_monitor_create();
    if (relay.monitor == NULL) {
        return sgeo_fail_memory("MPI relay");
    }
    enum sgeo_status status = sgeo_service_start(&crew, &service);
    if (status == SGEO_OK) {
        relay_until_done(&relay);
        sgeo_crew_join(crew);
    }
    sgeo_text_clear(&relay.outbox);
    sgeo_monitor_destroy(relay.monitor);
    return status;
}

#else

enum sgeo_status sgeo_ranks_start(bool launched)
{
    return launched ? sgeo_fail(SGEO_UNSUPPORTED,
                                "install libopenmpi-dev and build again, or use --shard I/N",
                                "this build has no MPI")
                    : SGEO_OK;
}

void sgeo_ranks_finish(enum sgeo_status status)
{
    (void)status;
}

size_t sgeo_ranks_rank(void)
{
    return 0;
}

size_t sgeo_ranks_count(void)
{
    return 1;
}

void sgeo_ranks_serve(struct sgeo_schedule *schedule)
{
    while (!sgeo_schedule_wait(schedule, 1.0)) {
    }
}

enum sgeo_status sgeo_ranks_work(const struct sgeo_run_context *context,
                                 const struct sgeo_job *jobs)
{
    (void)context;
    (void)jobs;
    return SGEO_OK;
}

#endif
