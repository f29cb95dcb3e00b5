#include "base/process.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static atomic_int running; /* the child's number, or 0 */

static enum sgeo_status cannot_start(const char *program, int why)
{
    return sgeo_fail(SGEO_IO, "is the path right, and the file executable?", "cannot start %s: %s",
                     program, strerror(why));
}

/* Start argv with its standard output in the pipe. */
static enum sgeo_status start(pid_t *child, const char *const *argv, const int ends[2])
{
    posix_spawn_file_actions_t actions;
    int why = posix_spawn_file_actions_init(&actions);
    if (why == 0) {
        why = posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
        why = why != 0 ? why : posix_spawn_file_actions_addclose(&actions, ends[0]);
        why = why != 0 ? why : posix_spawn_file_actions_addclose(&actions, ends[1]);
        /* The strings are not written to: the type predates const. */
        char *const *arguments = (char *const *)(uintptr_t)argv;
        why = why != 0 ? why : posix_spawnp(child, argv[0], &actions, NULL, arguments, environ);
        posix_spawn_file_actions_destroy(&actions);
    }
    return why == 0 ? SGEO_OK : cannot_start(argv[0], why);
}

static void read_all(struct sgeo_text *output, int from)
{
    char bytes[4096];
    for (;;) {
        ssize_t n = read(from, bytes, sizeof bytes);
        if (n > 0) {
            sgeo_text_append(output, "%.*s", (int)n, bytes);
        } else if (n == 0 || errno != EINTR) {
            return;
        }
    }
}

static enum sgeo_status wait_for(pid_t child, const char *program)
{
    int ending;
    while (waitpid(child, &ending, 0) < 0) {
        if (errno != EINTR) {
            return sgeo_fail(SGEO_IO, NULL, "lost %s: %s", program, strerror(errno));
        }
    }
    if (WIFSIGNALED(ending) && WTERMSIG(ending) == SIGINT) {
        return sgeo_fail(SGEO_INTERRUPTED, NULL, "%s was interrupted", program);
    }
    if (WIFSIGNALED(ending)) {
        return sgeo_fail(SGEO_IO, NULL, "%s died of signal %d", program, WTERMSIG(ending));
    }
    return WEXITSTATUS(ending) == 0
               ? SGEO_OK
               : sgeo_fail(SGEO_IO, "run it by hand to see why", "%s ended with code %d", program,
                           WEXITSTATUS(ending));
}

enum sgeo_status sgeo_process_capture(struct sgeo_text *output, const char *const *argv)
{
    int ends[2];
    pid_t child;
    if (pipe(ends) != 0) {
        return cannot_start(argv[0], errno);
    }
    enum sgeo_status status = start(&child, argv, ends);
    close(ends[1]);
    if (status == SGEO_OK) {
        atomic_store(&running, child);
        read_all(output, ends[0]);
    }
    close(ends[0]);
    if (status != SGEO_OK) {
        return status;
    }
    status = wait_for(child, argv[0]);
    atomic_store(&running, 0);
    return status == SGEO_OK && output->failed ? sgeo_fail_memory("a program's output") : status;
}

void sgeo_process_end_child(void)
{
    int child = atomic_load(&running);
    if (child > 0) {
        kill(child, SIGTERM);
    }
}
