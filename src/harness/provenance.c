#include "harness/provenance.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "base/fpenv.h"
#include "base/machine.h"
#include "base/memory.h"
#include "harness/preset.h"
#include "harness/ranks.h"
#include "kernels/dispatch/dispatch.h"

static json_t *arguments_json(int argc, char **argv)
{
    json_t *array = json_array();
    for (int i = 0; i < argc; i++) {
        json_array_append_new(array, json_string(argv[i]));
    }
    return array;
}

static json_t *tasks_json(const struct sgeo_campaign *campaign)
{
    json_t *object = json_object();
    for (size_t t = 0; t < campaign->options->n_tasks; t++) {
        const struct sgeo_feed *feed = campaign->context.feeds[t];
        json_object_set_new(object, campaign->options->tasks[t]->name,
                            json_pack("{s:s,s:b,s:I,s:s}", "images_sha256", sgeo_feed_data_id(feed),
                                      "stand_in", (int)sgeo_feed_is_stand_in(feed), "architectures",
                                      (json_int_t)campaign->lists[t].n, "arch_list_sha256",
                                      campaign->lists[t].sha256));
    }
    return object;
}

/* Implementations of the convolutions of a task's supernet: every geometry that its architectures
 * use. */
static void add_implementations(json_t *object, struct sgeo_backend *backend,
                                const struct sgeo_graph *graph, size_t batch)
{
    for (size_t n = 0; n < graph->n_nodes; n++) {
        struct sgeo_conv_geometry geometry = graph->nodes[n].conv;
        struct sgeo_conv *conv;
        const char *names[3];
        char key[96];
        if (graph->nodes[n].op != SGEO_OP_CONV) {
            continue;
        }
        geometry.n = batch;
        snprintf(key, sizeof key, "%zux%zu %zu->%zu @%zu stride %zu", geometry.kernel,
                 geometry.kernel, geometry.in_channels, geometry.out_channels, geometry.height,
                 geometry.stride);
        if (json_object_get(object, key) == NULL &&
            backend->ops->conv_create(backend, &conv, &geometry) == SGEO_OK) {
            backend->ops->conv_implementations(conv, names);
            json_object_set_new(object, key, json_pack("[s,s,s]", names[0], names[1], names[2]));
        }
    }
}

static json_t *implementations_json(const struct sgeo_campaign *campaign)
{
    json_t *object = json_object();
    struct sgeo_backend *backend = NULL;
    if (sgeo_backend_create(&backend, campaign->options->executor) != SGEO_OK) {
        return object;
    }
    for (size_t t = 0; t < campaign->options->n_tasks; t++) {
        const struct sgeo_task *task = campaign->options->tasks[t];
        struct sgeo_graph *graph = NULL;
        if (sgeo_space_find(task->space)->build_supernet(&graph, &task->net) == SGEO_OK) {
            add_implementations(object, backend, graph, sgeo_batch_size(campaign->options, task));
        }
        sgeo_graph_destroy(graph);
    }
    sgeo_backend_destroy(backend);
    return object;
}

static json_t *build_json(const struct sgeo_machine *machine)
{
    return json_pack("{s:s,s:s,s:s,s:s}", "version", SGEO_VERSION, "revision", machine->revision,
                     "compiler", machine->compiler, "flags", machine->flags);
}

static json_t *machine_json(const struct sgeo_machine *machine)
{
    const char *onednn, *onednn_isa;
    sgeo_onednn_describe(&onednn, &onednn_isa);
    return json_pack("{s:s,s:s,s:I,s:s,s:s,s:s,s:b}", "cpu", machine->cpu, "system",
                     machine->system, "cores", (json_int_t)machine->cores, "kernel_isa",
                     sgeo_isa_name(sgeo_kernels_isa()), "onednn", onednn, "onednn_isa", onednn_isa,
                     "flush_denormals", (int)sgeo_fpenv_flushes());
}

/* What a run computed; a result of saved ones has sources instead, else NULL. */
struct contents {
    json_t *tasks, *convolutions, *sources;
};

/* Takes the contents. */
static enum sgeo_status publish(const struct sgeo_options *options, struct contents contents,
                                int argc, char **argv)
{
    struct sgeo_machine machine;
    char path[1024], date[32];
    time_t now = time(NULL);
    struct tm utc;
    sgeo_machine_describe(&machine);
    strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
    json_t *meta = json_pack(
        "{s:i,s:s,s:o,s:o,s:o,s:o*,s:o,s:s,s:s,s:o,s:I,s:I,s:I}", "schema", SGEO_SCHEMA_VERSION,
        "date", date, "build", build_json(&machine), "machine", machine_json(&machine), "argv",
        arguments_json(argc, argv), "sources", contents.sources, "tasks", contents.tasks,
        "convention", sgeo_convention_name(options->convention), "layout",
        sgeo_layout_name(options->executor.layout), "convolutions", contents.convolutions,
        "workers", (json_int_t)options->workers, "ranks", (json_int_t)sgeo_ranks_count(),
        "peak_rss_bytes", (json_int_t)sgeo_peak_rss_bytes());
    char *text = meta == NULL ? NULL : json_dumps(meta, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
    json_decref(meta);
    if (text == NULL) {
        return sgeo_fail_memory("meta.json");
    }
    snprintf(path, sizeof path, "%s/meta.json", options->out);
    enum sgeo_status status = sgeo_file_publish(path, text, strlen(text));
    free(text);
    return status;
}

enum sgeo_status sgeo_provenance_publish(const struct sgeo_campaign *campaign, int argc,
                                         char **argv)
{
    return publish(campaign->options,
                   (struct contents){.tasks = tasks_json(campaign),
                                     .convolutions = implementations_json(campaign)},
                   argc, argv);
}

enum sgeo_status sgeo_provenance_publish_figure(const struct sgeo_options *options,
                                                const struct sgeo_images *images, int argc,
                                                char **argv)
{
    char id[SGEO_DATA_ID];
    snprintf(id, sizeof id, "%.16s", images->sha256); /* as the tables' feeds name theirs */
    json_t *tasks = json_pack("{s:{s:s,s:b}}", images->name, "images_sha256", id, "stand_in",
                              (int)images->stand_in);
    return publish(options, (struct contents){.tasks = tasks, .convolutions = json_object()}, argc,
                   argv);
}

static json_t *rows_json(const struct sgeo_ctr_set *clicks)
{
    const struct sgeo_ctr_cache *cache = clicks->data.cache;
    const size_t *rows = clicks->split.rows;
    return json_pack("{s:s,s:[s,s],s:I,s:I,s:s,s:I,s:I,s:I,s:I}", "data",
                     clicks->data.synth == NULL ? "real" : "generated", "files_sha256",
                     sgeo_ctr_cache_sha256(cache, 0), sgeo_ctr_cache_sha256(cache, 1), "rows",
                     (json_int_t)sgeo_ctr_cache_rows(cache), "bad_rows",
                     (json_int_t)sgeo_ctr_cache_skipped(cache), "split",
                     clicks->chronological ? "chronological" : "stratified", "train",
                     (json_int_t)rows[SGEO_CTR_TRAIN], "val", (json_int_t)rows[SGEO_CTR_VAL],
                     "test", (json_int_t)rows[SGEO_CTR_TEST], "table_rows_cap",
                     (json_int_t)clicks->cap);
}

static json_t *warmup_json(const struct sgeo_ctr_recipe *recipe)
{
    return json_pack("{s:f,s:I,s:I,s:I,s:f}", "percent", recipe->level, "steps",
                     (json_int_t)recipe->steps, "steps_at_100_percent",
                     (json_int_t)recipe->all_steps, "batch", (json_int_t)recipe->batch,
                     "paper_equivalent_percent", recipe->paper_equivalent_percent);
}

enum sgeo_status sgeo_provenance_publish_search(const struct sgeo_options *options,
                                                const struct sgeo_searched *searched, int argc,
                                                char **argv)
{
    char space[16];
    snprintf(space, sizeof space, "nasrec-%s", sgeo_nasrec_space_names[searched->space]);
    json_t *tasks = json_pack("{s:{s:s,s:o,s:o,s:{s:f,s:f}}}", searched->clicks->task->name,
                              "space", space, "clicks", rows_json(searched->clicks), "warmup",
                              warmup_json(searched->recipe), "cpu_seconds", "warmup",
                              searched->cost.preparation, "search", searched->cost.evaluations);
    return publish(options, (struct contents){.tasks = tasks, .convolutions = json_object()}, argc,
                   argv);
}

enum sgeo_status sgeo_provenance_publish_clicks(const struct sgeo_options *options,
                                                const struct sgeo_ctr_set *sets, size_t n, int argc,
                                                char **argv)
{
    json_t *tasks = json_object();
    for (size_t t = 0; t < n; t++) {
        json_object_set_new(tasks, sets[t].task->name,
                            json_pack("{s:o}", "clicks", rows_json(&sets[t])));
    }
    return publish(options, (struct contents){.tasks = tasks, .convolutions = json_object()}, argc,
                   argv);
}

enum sgeo_status sgeo_provenance_publish_derived(const struct sgeo_options *options,
                                                 const char *from, const char *const *files,
                                                 int argc, char **argv)
{
    json_t *sources = json_object();
    for (const char *const *file = files; *file != NULL; file++) {
        char path[1024], hex[SGEO_SHA256_HEX];
        snprintf(path, sizeof path, "%s/%s", from, *file);
        enum sgeo_status status = sgeo_sha256_file(hex, path);
        if (status != SGEO_OK) {
            json_decref(sources);
            return status;
        }
        json_object_set_new(sources, path, json_string(hex));
    }
    return publish(options,
                   (struct contents){
                       .tasks = json_object(), .convolutions = json_object(), .sources = sources},
                   argc, argv);
}
