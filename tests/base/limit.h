/* A limit on file sizes that makes a write fail in its middle, as a full disk would. */
#ifndef SGEO_TESTS_BASE_LIMIT_H
#define SGEO_TESTS_BASE_LIMIT_H

#include <check.h>
#include <signal.h>
#include <sys/resource.h>

/* From now on no file may grow over n_bytes; RLIM_INFINITY lifts the limit again. */
static inline void limit_file_size(rlim_t n_bytes)
{
    struct rlimit limit;
    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = n_bytes < limit.rlim_max ? n_bytes : limit.rlim_max;
    ck_assert(signal(SIGXFSZ, SIG_IGN) != SIG_ERR); /* the write shall fail, not the process die */
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

#endif
