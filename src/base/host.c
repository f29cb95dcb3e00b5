#include "base/host.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"

#define NOT_READABLE "not readable"
#define CPU_FOLDER   "/sys/devices/system/cpu"

enum { FILE_BYTES_MAX = 1 << 16, PATH_BYTES = 1024, LINE_BYTES = 256 };

/* The first line of a file, without its end; false where there is none. */
static bool read_line(char line[LINE_BYTES], const char *root, const char *path)
{
    char full[PATH_BYTES];
    unsigned char *bytes = NULL;
    size_t n_bytes = 0;
    int length = snprintf(full, sizeof full, "%s%s", root, path);
    if (length < 0 || (size_t)length >= sizeof full ||
        sgeo_file_read(full, FILE_BYTES_MAX, &bytes, &n_bytes) != SGEO_OK) {
        return false;
    }
    snprintf(line, LINE_BYTES, "%.*s", (int)strcspn((char *)bytes, "\n"), (char *)bytes);
    sgeo_free(bytes);
    return line[0] != '\0';
}

static void set(char text[SGEO_HOST_WORDS], const char *value)
{
    snprintf(text, SGEO_HOST_WORDS, "%.*s", SGEO_HOST_WORDS - 1, value);
}

static void describe_governor(char text[SGEO_HOST_WORDS], const char *root)
{
    char first[LINE_BYTES], next[LINE_BYTES], path[PATH_BYTES];
    set(text, NOT_READABLE);
    for (unsigned cpu = 0;; cpu++) {
        snprintf(path, sizeof path, CPU_FOLDER "/cpu%u/cpufreq/scaling_governor", cpu);
        if (!read_line(cpu == 0 ? first : next, root, path)) {
            return;
        }
        if (cpu > 0 && strcmp(first, next) != 0) {
            set(text, "different ones");
            return;
        }
        set(text, first);
    }
}

/* Intel's driver says whether turbo is off, the others whether it is on. */
static void describe_turbo(char text[SGEO_HOST_WORDS], const char *root)
{
    char line[LINE_BYTES];
    set(text, NOT_READABLE);
    if (read_line(line, root, CPU_FOLDER "/intel_pstate/no_turbo")) {
        set(text, strcmp(line, "0") == 0 ? "on" : "off");
    } else if (read_line(line, root, CPU_FOLDER "/cpufreq/boost")) {
        set(text, strcmp(line, "0") == 0 ? "off" : "on");
    }
}

/* The word in brackets is the chosen one: "always [madvise] never". */
static void describe_huge_pages(char text[SGEO_HOST_WORDS], const char *root)
{
    char line[LINE_BYTES];
    set(text, NOT_READABLE);
    if (!read_line(line, root, "/sys/kernel/mm/transparent_hugepage/enabled")) {
        return;
    }
    char *word = strchr(line, '['), *end = word == NULL ? NULL : strchr(word, ']');
    if (end != NULL) {
        *end = '\0';
        set(text, word + 1);
    }
}

static void describe_aslr(char text[SGEO_HOST_WORDS], const char *root)
{
    static const char *const names[] = {"off", "partial", "full"};
    char line[LINE_BYTES];
    set(text, NOT_READABLE);
    if (read_line(line, root, "/proc/sys/kernel/randomize_va_space") && line[0] >= '0' &&
        line[0] <= '2' && line[1] == '\0') {
        set(text, names[line[0] - '0']);
    }
}

static void describe_clock_source(char text[SGEO_HOST_WORDS], const char *root)
{
    char line[LINE_BYTES];
    bool found =
        read_line(line, root, "/sys/devices/system/clocksource/clocksource0/current_clocksource");
    set(text, found ? line : NOT_READABLE);
}

/* The first of "0.20 0.18 0.12 1/80 11206". */
static double load_of(const char *root)
{
    char line[LINE_BYTES];
    double load = -1.0;
    if (read_line(line, root, "/proc/loadavg")) {
        line[strcspn(line, " ")] = '\0';
        (void)sgeo_parse_double(line, &load);
    }
    return load;
}

void sgeo_host_describe(struct sgeo_host *host, const char *root)
{
    describe_governor(host->governor, root);
    describe_turbo(host->turbo, root);
    describe_huge_pages(host->huge_pages, root);
    describe_aslr(host->aslr, root);
    describe_clock_source(host->clock_source, root);
    host->load = load_of(root);
}
