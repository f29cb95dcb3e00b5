/*
 * Append-only journal: one fsynced line per finished job. A line that a crash cut short is dropped
 * on replay and overwritten.
 */
#ifndef SGEO_BASE_JOURNAL_H
#define SGEO_BASE_JOURNAL_H

#include <stdbool.h>

#include "base/status.h"

struct sgeo_journal;

/* Called on replay for every whole line, in order; the first non-OK status ends the replay, and
 * "PATH:LINE: " is put in front of its text. */
typedef enum sgeo_status (*sgeo_journal_line)(const char *line, void *context);

/*
 * Open PATH. A new journal starts with the line `identity`; an old one must start with the same
 * line (SGEO_USAGE otherwise: it belongs to other arguments), its other lines are replayed
 * through `line`. A journal that another running process holds open is SGEO_USAGE too; while it is
 * open, do not open and close PATH elsewhere in this process: that would drop its lock. The caller
 * owns *journal.
 */
enum sgeo_status sgeo_journal_open(struct sgeo_journal **journal, const char *path,
                                   const char *identity, sgeo_journal_line line, void *context);

/* Append one line (no newline in it) and fsync. */
enum sgeo_status sgeo_journal_append(struct sgeo_journal *journal, const char *line);

/* Close; NULL is fine. */
void sgeo_journal_close(struct sgeo_journal *journal);

#endif
