#include "cli/terminal.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/process.h"

enum { BAR_WIDTH = 30 };

/* Seconds between two drawings of the bar, and between two lines where there is no terminal. */
#define BAR_SECONDS  0.2
#define LINE_SECONDS 30.0

void sgeo_terminal_log(enum sgeo_log_level level, const char *text, void *context)
{
    (void)context;
    fprintf(stderr, "%s%s\n", level == SGEO_LOG_WARNING ? "warning: " : "", text);
}

static void format_eta(char text[32], double seconds)
{
    if (seconds < 0.0) {
        snprintf(text, 32, "--:--");
    } else {
        long whole = (long)(seconds + 0.5);
        snprintf(text, 32, "%ld:%02ld:%02ld", whole / 3600, whole / 60 % 60, whole % 60);
    }
}

static void draw_bar(const struct sgeo_progress *progress, const char *eta)
{
    char bar[BAR_WIDTH + 1];
    int filled = (int)(progress->fraction * BAR_WIDTH);
    memset(bar, ' ', BAR_WIDTH);
    memset(bar, '#', (size_t)(filled < 0 ? 0 : filled > BAR_WIDTH ? BAR_WIDTH : filled));
    bar[BAR_WIDTH] = '\0';
    fprintf(stderr, "\r[%s] %5.1f %%  %zu/%zu jobs  ETA %-9s", bar, 100.0 * progress->fraction,
            progress->jobs_done, progress->jobs_total, eta);
}

void sgeo_terminal_progress_end(struct sgeo_terminal_progress *state)
{
    if (state->bar_is_open) {
        fputc('\n', stderr);
        state->bar_is_open = false;
    }
}

void sgeo_terminal_progress(const struct sgeo_progress *progress, void *context)
{
    struct sgeo_terminal_progress *state = context;
    bool terminal = isatty(STDERR_FILENO) != 0, last = progress->jobs_done == progress->jobs_total;
    double now = sgeo_wall_seconds(), pause = terminal ? BAR_SECONDS : LINE_SECONDS;
    char eta[32];
    if (state->quiet || (!last && now - state->last < pause)) {
        return;
    }
    format_eta(eta, progress->eta_seconds);
    if (terminal) {
        draw_bar(progress, eta);
        state->bar_is_open = true;
        if (last) {
            sgeo_terminal_progress_end(state);
        }
    } else {
        fprintf(stderr, "%zu/%zu jobs, %.1f %%, ETA %s\n", progress->jobs_done,
                progress->jobs_total, 100.0 * progress->fraction, eta);
    }
    state->last = now;
}

void sgeo_terminal_error(void)
{
    fprintf(stderr, "bench_sigeo: %s\n", sgeo_error_text());
    if (*sgeo_error_hint() != '\0') {
        fprintf(stderr, "hint: %s\n", sgeo_error_hint());
    }
}

void sgeo_terminal_out(const char *text, void *context)
{
    (void)context;
    fputs(text, stdout);
    fflush(stdout); /* an interrupted run keeps its rows */
}

static void leave(int signal_number)
{
    static const char text[] =
        "\nbench_sigeo: interrupted\nhint: what has a result folder goes on with --resume\n";
    (void)signal_number;
    ssize_t ignored = write(STDERR_FILENO, text, sizeof text - 1);
    (void)ignored;
    sgeo_process_end_child(); /* a Ctrl-C reaches it by itself, another signal does not */
    _exit(SGEO_INTERRUPTED);
}

void sgeo_terminal_catch_interrupts(void)
{
    struct sigaction action = {.sa_handler = leave};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    action.sa_handler = SIG_IGN; /* a file-size limit shows as a failed write, not as a death */
    sigaction(SIGXFSZ, &action, NULL);
}
