/* Campaigns as the subject of a summary. */
#include "harness/summary.h"

static enum sgeo_status count_params(double *params, const struct sgeo_task *task, const char *text)
{
    const struct sgeo_space *space = sgeo_space_find(task->space);
    struct sgeo_graph *graph = NULL;
    struct sgeo_counts counts;
    struct sgeo_arch arch;
    enum sgeo_status status = space->decode(&arch, text);
    if (status == SGEO_OK) {
        status = space->build(&graph, &arch, &task->net);
    }
    if (status == SGEO_OK) {
        sgeo_graph_count(&counts, graph);
        *params = (double)counts.params;
    }
    sgeo_graph_destroy(graph);
    return status;
}

enum sgeo_status sgeo_summarise(struct sgeo_summary *summary, const struct sgeo_campaign *campaign,
                                const struct sgeo_score_source *source)
{
    struct sgeo_summary_subject subject = {
        .options = campaign->options, .lists = campaign->lists, .params = count_params};
    for (size_t t = 0; t < campaign->options->n_tasks; t++) {
        subject.data[t] = sgeo_feed_kind(campaign->context.feeds[t]);
    }
    return sgeo_summarise_subject(summary, &subject, source);
}
