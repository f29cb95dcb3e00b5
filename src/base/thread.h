/* Threads: the only way the program starts any. */
#ifndef SGEO_BASE_THREAD_H
#define SGEO_BASE_THREAD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"

typedef void (*sgeo_thread_body)(size_t worker, void *context);

/*
 * A crew of `n` threads, each running body(worker, context) once with denormals flushed.
 * sgeo_crew_join waits for all and frees the crew.
 */
struct sgeo_crew;
enum sgeo_status sgeo_crew_start(struct sgeo_crew **crew, size_t n, sgeo_thread_body body,
                                 void *context);
void sgeo_crew_join(struct sgeo_crew *crew);

/* A mutex with a condition, for queues. */
struct sgeo_monitor;
struct sgeo_monitor *sgeo_monitor_create(void); /* NULL without memory */
void sgeo_monitor_destroy(struct sgeo_monitor *monitor);
void sgeo_monitor_enter(struct sgeo_monitor *monitor);
void sgeo_monitor_leave(struct sgeo_monitor *monitor);
void sgeo_monitor_wait(struct sgeo_monitor *monitor,
                       double seconds);                 /* inside; returns early when signalled */
void sgeo_monitor_signal(struct sgeo_monitor *monitor); /* wakes all waiters; inside */

#endif
