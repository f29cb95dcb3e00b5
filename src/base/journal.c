/*
 * The file stays open and locked as long as the journal. POSIX drops the lock when the process
 * closes any descriptor of the file, so it is read through the same descriptor it is written with.
 */
#include "base/journal.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/posix.h"
#include "base/text.h"

struct sgeo_journal {
    char *path;
    FILE *stream; /* for reading; owns fd */
    int fd;
    off_t end;    /* behind the last whole line */
    size_t lines; /* up to there */
    bool torn;    /* bytes of an unfinished line lie behind the end */
    struct sgeo_text line;
};

static enum sgeo_status lock(const struct sgeo_journal *journal)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (fcntl(journal->fd, F_SETLK, &whole) == 0) {
        return SGEO_OK;
    }
    if (errno == EACCES || errno == EAGAIN) {
        return sgeo_fail(SGEO_USAGE,
                         "wait until that run has ended, or choose another directory with --out",
                         "journal %s is in use by another running process", journal->path);
    }
    return sgeo_fail_errno(errno, "lock", journal->path);
}

static enum sgeo_status open_locked(struct sgeo_journal *journal)
{
    int fd = sgeo_fd_open(journal->path, O_RDWR | O_CREAT);
    if (fd < 0) {
        return sgeo_fail_errno(errno, "open", journal->path);
    }
    journal->stream = fdopen(fd, "r+");
    if (journal->stream == NULL) {
        enum sgeo_status status = sgeo_fail_errno(errno, "open", journal->path);
        (void)close(fd);
        return status;
    }
    journal->fd = fd;
    return lock(journal);
}

/* The first line, n bytes: the identity, or what a crash left of it while it was being written. */
static enum sgeo_status check_identity(const struct sgeo_journal *journal, const char *first,
                                       size_t n, bool whole, const char *identity)
{
    size_t length = strlen(identity);
    bool fits = whole ? n == length : n <= length;
    if (fits && memcmp(first, identity, n) == 0) {
        return SGEO_OK;
    }
    return sgeo_fail(SGEO_USAGE,
                     "choose another directory with --out, or repeat the original arguments",
                     "journal %s belongs to a run with other arguments", journal->path);
}

static enum sgeo_status replay_line(const struct sgeo_journal *journal, const char *text, size_t n,
                                    sgeo_journal_line line, void *context)
{
    if (strlen(text) != n) {
        return sgeo_fail(SGEO_IO, "start again in another directory with --out",
                         "%s:%zu: the journal is damaged: NUL byte", journal->path,
                         journal->lines + 1);
    }
    enum sgeo_status status = line(text, context);
    return status == SGEO_OK ? SGEO_OK
                             : sgeo_fail(status, sgeo_error_hint(), "%s:%zu: %s", journal->path,
                                         journal->lines + 1, sgeo_error_text());
}

/* Replay every whole line and leave `end` behind the last of them. */
static enum sgeo_status replay(struct sgeo_journal *journal, const char *identity,
                               sgeo_journal_line line, void *context)
{
    enum sgeo_status status = SGEO_OK;
    char *text = NULL;
    size_t capacity = 0;
    ssize_t got = 0;
    while (status == SGEO_OK && (got = getline(&text, &capacity, journal->stream)) > 0) {
        bool whole = text[got - 1] == '\n';
        size_t n = (size_t)got - (whole ? 1 : 0);
        text[n] = '\0';
        if (journal->end == 0) {
            status = check_identity(journal, text, n, whole, identity);
        } else if (whole) {
            status = replay_line(journal, text, n, line, context);
        }
        journal->torn = !whole;
        journal->end += whole ? got : 0;
        journal->lines += whole;
    }
    if (status == SGEO_OK && !feof(journal->stream)) {
        status = sgeo_fail_errno(errno, "read", journal->path);
    }
    free(text); /* from getline */
    return status;
}

/* Cut off an unfinished line. */
static enum sgeo_status cut_tail(struct sgeo_journal *journal)
{
    if (journal->torn && ftruncate(journal->fd, journal->end) != 0) {
        return sgeo_fail_errno(errno, "truncate", journal->path);
    }
    journal->torn = false;
    return SGEO_OK;
}

static enum sgeo_status start(struct sgeo_journal *journal, const char *identity,
                              sgeo_journal_line line, void *context)
{
    enum sgeo_status status = open_locked(journal);
    if (status == SGEO_OK) {
        status = replay(journal, identity, line, context);
    }
    if (status == SGEO_OK) {
        status = cut_tail(journal);
    }
    if (status == SGEO_OK && journal->end == 0) {
        status = sgeo_journal_append(journal, identity);
        if (status == SGEO_OK) {
            status = sgeo_parent_sync(journal->path);
        }
    }
    return status;
}

enum sgeo_status sgeo_journal_open(struct sgeo_journal **journal, const char *path,
                                   const char *identity, sgeo_journal_line line, void *context)
{
    struct sgeo_journal *opened = sgeo_calloc(1, sizeof *opened);
    if (opened == NULL) {
        return sgeo_fail_memory(path);
    }
    opened->path = sgeo_strdup(path);
    enum sgeo_status status =
        opened->path == NULL ? sgeo_fail_memory(path) : start(opened, identity, line, context);
    if (status != SGEO_OK) {
        sgeo_journal_close(opened);
        return status;
    }
    *journal = opened;
    return SGEO_OK;
}

enum sgeo_status sgeo_journal_append(struct sgeo_journal *journal, const char *line)
{
    assert(strchr(line, '\n') == NULL);
    enum sgeo_status status = cut_tail(journal);
    if (status != SGEO_OK) {
        return status;
    }
    journal->line.length = 0;
    sgeo_text_append(&journal->line, "%s\n", line);
    if (journal->line.failed) {
        return sgeo_fail_memory(journal->path);
    }
    size_t n = journal->line.length;
    if (sgeo_fd_write_at(journal->fd, journal->line.bytes, n, journal->end) &&
        fsync(journal->fd) == 0) {
        journal->end += (off_t)n;
        return SGEO_OK;
    }
    status = sgeo_fail_errno(errno, "write", journal->path);
    /* A line that was not promised must not be replayed; the next append tries again if this fails.
     */
    journal->torn = ftruncate(journal->fd, journal->end) != 0;
    return status;
}

void sgeo_journal_close(struct sgeo_journal *journal)
{
    if (journal == NULL) {
        return;
    }
    if (journal->stream != NULL) {
        (void)fclose(journal->stream); /* every line is fsynced already: nothing can be lost */
    }
    sgeo_text_clear(&journal->line);
    sgeo_free(journal->path);
    sgeo_free(journal);
}
