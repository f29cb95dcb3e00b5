/* Clocks, in seconds. */
#ifndef SGEO_BASE_CLOCK_H
#define SGEO_BASE_CLOCK_H

#define SGEO_SECONDS_AN_HOUR 3600.0

double sgeo_wall_seconds(void);       /* monotonic */
double sgeo_thread_cpu_seconds(void); /* CPU time of the calling thread */
/* The smallest step of sgeo_wall_seconds, measured: its resolution, or the time that a reading
 * takes. */
double sgeo_wall_resolution(void);

void sgeo_sleep(double seconds); /* the calling thread */

#endif
