#include "harness/doctor.h"

#include "base/clock.h"
#include "base/fpenv.h"
#include "base/host.h"
#include "base/machine.h"
#include "base/text.h"
#include "data/ctr_reader.h"
#include "harness/campaign.h"
#include "kernels/dispatch/dispatch.h"

/* Tasks of others at which a timing is not its own any more. */
#define IDLE_LOAD 0.5

static void describe_machine(struct sgeo_text *report)
{
    struct sgeo_machine machine;
    const char *onednn, *onednn_isa;
    sgeo_machine_describe(&machine);
    sgeo_onednn_describe(&onednn, &onednn_isa);
    sgeo_text_append(report, "cpu            %s, %zu cores, L2 %zu KiB, L3 %zu KiB\n", machine.cpu,
                     machine.cores, machine.l2_bytes / 1024, machine.l3_bytes / 1024);
    sgeo_text_append(report, "threads        %zu%s\n", machine.threads,
                     machine.threads > machine.cores ? ", several a core (SMT)" : ", one a core");
    sgeo_text_append(report, "NUMA nodes     %zu\n", machine.numa_nodes);
    sgeo_text_append(report, "system         %s\n", machine.system);
    sgeo_text_append(report, "build          %s, %s %s\n", machine.revision, machine.compiler,
                     machine.flags);
    sgeo_text_append(report, "oneDNN         %s, effective ISA %s\n", onednn, onednn_isa);
    sgeo_text_append(report, "denormals      %s\n", sgeo_fpenv_flushes() ? "flushed" : "KEPT");
    sgeo_text_append(report, "MPI            %s\n",
                     SGEO_HAVE_MPI ? "built in" : "not in this build");
}

/* What timings depend on beside the machine itself. */
static void describe_host(struct sgeo_text *report)
{
    struct sgeo_host host;
    sgeo_host_describe(&host, "");
    sgeo_text_append(report, "governor       %s\n", host.governor);
    sgeo_text_append(report, "turbo          %s\n", host.turbo);
    if (host.load < 0.0) {
        sgeo_text_append(report, "load           not readable\n");
    } else {
        sgeo_text_append(report, "load           %.2f%s\n", host.load,
                         host.load > IDLE_LOAD ? ": others use this machine, timings will vary"
                                               : "");
    }
    sgeo_text_append(report, "huge pages     %s\n", host.huge_pages);
    sgeo_text_append(report, "ASLR           %s\n", host.aslr);
    sgeo_text_append(report, "timer          %s, steps of %.0f ns\n", host.clock_source,
                     1e9 * sgeo_wall_resolution());
}

static void describe_isas(struct sgeo_text *report)
{
    struct sgeo_cpu cpu;
    sgeo_cpu_detect(&cpu);
    sgeo_text_append(report, "kernels        %s\n", sgeo_isa_name(sgeo_kernels_isa()));
    enum sgeo_isa better[SGEO_ISA_COUNT];
    size_t n_better = sgeo_isa_better(better, sgeo_kernels_isa());
    for (size_t i = 0; i < n_better; i++) {
        const char *why = sgeo_isa_refusal(&cpu, better[i]);
        sgeo_text_append(report, "  refused %-10s %s\n", sgeo_isa_name(better[i]),
                         why == NULL ? "another was asked for" : why);
    }
}

/* What a task lacks, and what to do about it, from the last error. */
static void describe_failure(struct sgeo_text *report)
{
    const char *hint = sgeo_error_hint();
    sgeo_text_append(report, "  %s%s%s%s\n", sgeo_error_text(), *hint == '\0' ? "" : " (", hint,
                     *hint == '\0' ? "" : ")");
}

/* Whether a task's images and ground truth are at hand. */
static void describe_task(struct sgeo_text *report, const struct sgeo_task *task,
                          const char *data_dir)
{
    struct sgeo_feed *feed = NULL;
    struct sgeo_truth truth = {0};
    if (data_dir == NULL && !task->embedded) {
        sgeo_text_append(report, "task           %-14s needs --data DIR; see --list datasets\n",
                         task->name);
        return;
    }
    struct sgeo_text details = {0};
    bool has_images = sgeo_feed_open(&feed, task, data_dir, false) == SGEO_OK;
    if (!has_images) {
        describe_failure(&details);
    }
    bool kinds[2];
    bool has_truth = sgeo_task_truth(&truth, kinds, task, data_dir) == SGEO_OK;
    if (!has_truth) {
        describe_failure(&details);
    }
    sgeo_text_append(report, "task           %-14s images %s", task->name,
                     has_images ? sgeo_feed_kind(feed) : "missing");
    if (has_images) {
        sgeo_text_append(report, " (SHA-256 %s...)", sgeo_feed_data_id(feed));
    }
    sgeo_text_append(report, ", ground truth ");
    if (has_truth) {
        sgeo_text_append(report, "of %zu architectures\n", truth.n);
    } else {
        sgeo_text_append(report, "missing\n");
    }
    sgeo_text_append(report, "%s", details.bytes == NULL ? "" : details.bytes);
    sgeo_text_clear(&details);
    sgeo_feed_close(feed);
    sgeo_truth_clear(&truth);
}

static void describe_tasks(struct sgeo_text *report, const struct sgeo_options *options)
{
    for (const struct sgeo_task *const *at = sgeo_task_all(); *at != NULL; at++) {
        describe_task(report, *at, options->data);
    }
}

/* The first rows of a source. */
static enum sgeo_status read_first_rows(struct sgeo_ctr_rows *rows,
                                        const struct sgeo_ctr_source *source)
{
    enum { FIRST_ROWS = 1000 };
    struct sgeo_ctr_reader *reader = NULL;
    enum sgeo_status status = sgeo_ctr_rows_create(rows, source->schema, FIRST_ROWS);
    if (status == SGEO_OK) {
        status = sgeo_ctr_reader_open(&reader, source);
    }
    if (status == SGEO_OK) {
        status = sgeo_ctr_reader_next(reader, rows);
    }
    sgeo_ctr_reader_close(reader);
    return status;
}

/* Whether the rows of a click-through set are at hand. */
static void describe_clicks(struct sgeo_text *report, const struct sgeo_ctr_schema *schema,
                            const char *data_dir)
{
    const char *files[SGEO_CTR_FILES];
    struct sgeo_text paths[SGEO_CTR_FILES] = {{0}, {0}};
    struct sgeo_ctr_rows rows = {0};
    sgeo_ctr_source_files(files, schema);
    for (size_t i = 0; i < SGEO_CTR_FILES; i++) {
        sgeo_text_append(&paths[i], "%s/%s", data_dir, files[i] == NULL ? "" : files[i]);
    }
    const struct sgeo_ctr_source source = {.schema = schema,
                                           .path = paths[0].bytes,
                                           .profiles = files[1] == NULL ? NULL : paths[1].bytes};
    sgeo_text_append(report, "clicks         %-14s ", schema->name);
    if (paths[0].failed || paths[1].failed) {
        report->failed = true;
    } else if (read_first_rows(&rows, &source) == SGEO_OK) {
        sgeo_text_append(report, "real, first %zu rows are good\n", rows.n);
    } else {
        sgeo_text_append(report, "not usable\n");
        describe_failure(report);
    }
    sgeo_ctr_rows_destroy(&rows);
    sgeo_text_clear(&paths[0]);
    sgeo_text_clear(&paths[1]);
}

static void describe_click_sets(struct sgeo_text *report, const char *data_dir)
{
    for (const struct sgeo_ctr_schema *const *at = sgeo_ctr_schema_all(); *at != NULL; at++) {
        if (data_dir == NULL) {
            sgeo_text_append(report, "clicks         %-14s generated without --data DIR\n",
                             (*at)->name);
        } else {
            describe_clicks(report, *at, data_dir);
        }
    }
}

enum sgeo_status sgeo_doctor(const struct sgeo_options *options, sgeo_text_sink sink,
                             void *sink_context)
{
    struct sgeo_text report = {0};
    describe_machine(&report);
    describe_host(&report);
    describe_isas(&report);
    describe_tasks(&report, options);
    describe_click_sets(&report, options->data);
    if (report.failed) {
        sgeo_text_clear(&report);
        return sgeo_fail_memory("report");
    }
    sink(report.bytes, sink_context);
    sgeo_text_clear(&report);
    return sgeo_fpenv_flushes() ? SGEO_OK
                                : sgeo_fail(SGEO_UNSUPPORTED, NULL,
                                            "this CPU cannot flush denormals: scores will differ");
}
