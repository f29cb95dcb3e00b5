#include "harness/figure.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "harness/provenance.h"
#include "harness/ranks.h"
#include "harness/run_folder.h"

static const struct sgeo_figure *const figures[] = {&sgeo_figure1, &sgeo_figure3, &sgeo_figure4,
                                                    NULL};

const struct sgeo_figure *const *sgeo_figure_all(void)
{
    return figures;
}

static const struct sgeo_figure *find_figure(const char *number)
{
    for (const struct sgeo_figure *const *figure = figures; *figure != NULL; figure++) {
        if (strcmp((*figure)->number, number) == 0) {
            return *figure;
        }
    }
    return NULL;
}

/* --- from saved results --- */

static enum sgeo_status check_sources(const struct sgeo_figure *figure, const char *from)
{
    char path[1024];
    for (const char *const *source = figure->sources; *source != NULL; source++) {
        snprintf(path, sizeof path, "%s/%s", from, *source);
        if (!sgeo_file_exists(path)) {
            return sgeo_fail(SGEO_IO, "without --out what it has is printed",
                             "%s has no %s to make figure %s of", from, *source, figure->number);
        }
    }
    return SGEO_OK;
}

/* The table's own folder, whose journal is not the figure's, takes it beside its files. */
static enum sgeo_status check_place(const struct sgeo_figure *figure,
                                    const struct sgeo_options *options, const char *from)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/figure%s.csv", from, figure->number);
    if (strcmp(options->out, from) != 0) {
        return sgeo_run_folder_check(options);
    }
    return options->resume || !sgeo_file_exists(path)
               ? SGEO_OK
               : sgeo_fail(SGEO_USAGE, "add --resume to make it again, or --out another directory",
                           "%s has a figure%s.csv already", from, figure->number);
}

/* A run's meta.json stays what it is. */
static enum sgeo_status publish_meta(const struct sgeo_figure *figure,
                                     const struct sgeo_table_call *call, const char *from)
{
    char path[1024];
    sgeo_run_journal_path(path, sizeof path, call->options);
    return strcmp(call->options->out, from) == 0 || sgeo_file_exists(path)
               ? SGEO_OK
               : sgeo_provenance_publish_derived(call->options, from, figure->sources, call->argc,
                                                 call->argv);
}

static enum sgeo_status make(const struct sgeo_figure *figure, const struct sgeo_table_call *call,
                             const char *from)
{
    enum sgeo_status status = check_sources(figure, from);
    if (status == SGEO_OK) {
        status = check_place(figure, call->options, from);
    }
    if (status == SGEO_OK) {
        status = figure->derive(call, from);
    }
    return status == SGEO_OK ? publish_meta(figure, call, from) : status;
}

/* With --out a figure that can be is made; what is there already is printed whole. */
static enum sgeo_status show_saved(const struct sgeo_figure *figure,
                                   const struct sgeo_table_call *call, const char *from)
{
    const struct sgeo_options *options = call->options;
    bool makes = figure->derive != NULL && options->out != NULL;
    bool chosen = options->n_ctr_tasks > 0 || options->seed > 0;
    if (chosen && !(makes && figure->selects)) {
        return sgeo_fail(SGEO_USAGE,
                         figure->selects ? "leave it out, or add --out DIR: there the figure is "
                                           "made of the table 3 in this folder"
                                         : "leave it out",
                         "--figure %s --from %s takes no %s", figure->number, from,
                         options->n_ctr_tasks > 0 ? "--task" : "--seed");
    }
    return makes ? make(figure, call, from) : figure->show(call, from);
}

enum sgeo_status sgeo_figure_run(const char *number, const struct sgeo_options *options,
                                 const char *from, int argc, char **argv, sgeo_text_sink sink,
                                 sgeo_progress_fn progress, void *progress_context)
{
    const struct sgeo_figure *figure = find_figure(number);
    const struct sgeo_table_call call = {.options = options,
                                         .argc = argc,
                                         .argv = argv,
                                         .sink = sink,
                                         .progress = progress,
                                         .progress_context = progress_context};
    if (figure == NULL) {
        return sgeo_fail(SGEO_USAGE, "--list figures shows what there is", "unknown figure: %s",
                         number);
    }
    if (sgeo_ranks_rank() != 0) {
        return SGEO_OK;
    }
    if (from != NULL) {
        return show_saved(figure, &call, from);
    }
    enum sgeo_status status = figure->run(&call);
    return status == SGEO_OK && !options->dry_run ? figure->show(&call, options->out) : status;
}
