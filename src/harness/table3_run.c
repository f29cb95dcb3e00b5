#include "harness/table3_run.h"

#include "harness/provenance.h"
#include "harness/ranks.h"
#include "harness/table3_plan.h"

void sgeo_table3_fill(struct sgeo_options *options)
{
    if (options->preset == SGEO_PRESET_SMOKE) {
        options->own_batch_sizes = false;
    }
}

static enum sgeo_status check(const struct sgeo_options *options,
                              const struct sgeo_table3_list *list)
{
    const struct {
        const char *name;
        bool given;
    } foreign[] = {{"--lambda", options->has_lambda},
                   {"--shard", options->shards > 0},
                   {"--archs", options->n_archs > 0 || options->archs_file != NULL},
                   {"--dedupe", options->dedupe},
                   {"--export", options->export_zc},
                   {"--data formula", options->data_formula}};
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++) {
        if (foreign[i].given) {
            return sgeo_fail(SGEO_USAGE, "leave it out", "%s takes no %s", list->name,
                             foreign[i].name);
        }
    }
    return sgeo_table3_check(options, list);
}

static enum sgeo_status work(const struct sgeo_table_call *call, const struct sgeo_options *options,
                             const struct sgeo_table3_list *list,
                             enum sgeo_status (*publish)(const struct sgeo_table3 *table))
{
    struct sgeo_table3 table = {.argc = call->argc,
                                .argv = call->argv,
                                .progress = call->progress,
                                .progress_context = call->progress_context};
    enum sgeo_status status = sgeo_table3_open(&table, options, list);
    if (status == SGEO_OK) {
        status = sgeo_table3_work(&table);
    }
    if (status == SGEO_OK) {
        status = publish(&table);
    }
    if (status == SGEO_OK) {
        status = sgeo_provenance_publish_clicks(options, table.sets, table.n_sets, call->argc,
                                                call->argv);
    }
    sgeo_table3_close(&table);
    return status;
}

enum sgeo_status sgeo_table3_run(const struct sgeo_table_call *call,
                                 const struct sgeo_options *options,
                                 const struct sgeo_table3_list *list,
                                 enum sgeo_status (*publish)(const struct sgeo_table3 *table))
{
    enum sgeo_status status = check(options, list);
    if (status != SGEO_OK || sgeo_ranks_rank() != 0) {
        return status;
    }
    if (options->dry_run || options->preset == SGEO_PRESET_PAPER) {
        status = sgeo_table3_print_plan(options, list, call->sink, NULL);
    }
    return status == SGEO_OK && !options->dry_run ? work(call, options, list, publish) : status;
}
