#include "harness/figure.h"

#include <string.h>

#include "harness/ranks.h"

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
        return figure->show(&call, from);
    }
    enum sgeo_status status = figure->run(&call);
    return status == SGEO_OK && !options->dry_run ? figure->show(&call, options->out) : status;
}
