/* How the system runs this machine: what timings depend on, as it says itself in /sys and /proc. */
#ifndef SGEO_BASE_HOST_H
#define SGEO_BASE_HOST_H

#define SGEO_HOST_WORDS 64

/* Each text says "not readable" where the system does not tell: in containers and virtual machines
 * much is not. */
struct sgeo_host {
    char governor[SGEO_HOST_WORDS];     /* of all processors; "different ones" */
    char turbo[SGEO_HOST_WORDS];        /* "on" or "off" */
    char huge_pages[SGEO_HOST_WORDS];   /* transparent ones: "always", "madvise" or "never" */
    char aslr[SGEO_HOST_WORDS];         /* "off", "partial" or "full" */
    char clock_source[SGEO_HOST_WORDS]; /* of the kernel: "tsc", "kvm-clock", ... */
    double load; /* tasks that ran or wanted to, mean of the last minute; negative: not readable */
};

/* Read all of it below `root`: "" for this machine, or a folder with files of the same names. */
void sgeo_host_describe(struct sgeo_host *host, const char *root);

#endif
