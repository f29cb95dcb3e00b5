/* The cells of Table 3b's scores, and their journal. */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "harness/run_folder.h"
#include "harness/table3b_parts.h"
#include "kernels/dispatch/dispatch.h"

/* --- cells --- */

static void start_records(struct sgeo_table3b_cell *cell)
{
    const struct sgeo_table3b_part *part = cell->part;
    for (size_t i = 0; i < part->n; i++) {
        struct sgeo_record *record = &cell->records[i];
        *record = (struct sgeo_record){.key = {.kind = SGEO_JOB_SCORE,
                                               .task = part->task,
                                               .level = cell->recipe.level,
                                               .mode = SGEO_WARMUP_SUPERNET,
                                               .seed = cell->seed,
                                               .arch_index = i},
                                       .steps = cell->recipe.steps};
        sgeo_nasrec_encode(record->arch, &part->archs[i]);
        memcpy(record->data, part->data, sizeof record->data);
        cell->costs[i] = 1.0; /* alike */
    }
}

static enum sgeo_status open_cell(struct sgeo_table3b_cell *cell, struct sgeo_table3b_run *run,
                                  const struct sgeo_table3b_part *part, double level, uint64_t seed)
{
    const struct sgeo_table3b *table = run->table;
    *cell = (struct sgeo_table3b_cell){.run = run, .part = part, .seed = seed};
    cell->records = sgeo_calloc(part->n, sizeof *cell->records);
    cell->done = sgeo_calloc(part->n, sizeof *cell->done);
    cell->costs = sgeo_calloc(part->n, sizeof *cell->costs);
    if (cell->records == NULL || cell->done == NULL || cell->costs == NULL) {
        return sgeo_fail_memory("scores");
    }
    enum sgeo_status status =
        sgeo_ctr_recipe(&cell->recipe, part->clicks->task, table->options, level,
                        table->size.epochs, part->clicks->split.rows[SGEO_CTR_TRAIN]);
    if (status == SGEO_OK) {
        start_records(cell);
    }
    return status;
}

enum sgeo_status sgeo_table3b_list_cells(struct sgeo_table3b_run *run)
{
    const struct sgeo_table3b *table = run->table;
    const struct sgeo_options *options = table->options;
    size_t seeds = options->seeds > 0 ? options->seeds : 1;
    enum sgeo_status status = SGEO_OK;
    run->cells = sgeo_calloc(table->n_parts * seeds * options->n_levels, sizeof *run->cells);
    if (run->cells == NULL) {
        return sgeo_fail_memory("scores");
    }
    for (size_t p = 0; p < table->n_parts; p++) {
        for (size_t s = 0; s < seeds; s++) {
            for (size_t l = 0; status == SGEO_OK && l < options->n_levels; l++) {
                status = open_cell(&run->cells[run->n++], run, &table->parts[p], options->levels[l],
                                   options->seed + s);
                run->n_total += table->parts[p].n;
            }
        }
    }
    return status;
}

void sgeo_table3b_close_cells(struct sgeo_table3b_run *run)
{
    for (size_t c = 0; c < run->n; c++) {
        sgeo_free(run->cells[c].records);
        sgeo_free(run->cells[c].done);
        sgeo_free(run->cells[c].costs);
    }
    sgeo_free(run->cells);
}

/* --- journal --- */

static struct sgeo_table3b_cell *cell_of(const struct sgeo_table3b_run *run,
                                         const struct sgeo_job_key *key)
{
    for (size_t c = 0; c < run->n; c++) {
        struct sgeo_table3b_cell *cell = &run->cells[c];
        if (cell->part->task == key->task && cell->seed == key->seed &&
            cell->recipe.level == key->level && key->arch_index < cell->part->n) {
            return cell;
        }
    }
    return NULL;
}

/* Scores that this run does not have, or not by all of its proxies, stay in the journal only. */
static enum sgeo_status replay(const char *line, void *context)
{
    struct sgeo_table3b_run *run = context;
    struct sgeo_record record;
    enum sgeo_status status = sgeo_record_parse(&record, line);
    if (status != SGEO_OK) {
        return status;
    }
    struct sgeo_table3b_cell *cell = cell_of(run, &record.key);
    if (cell == NULL || !sgeo_record_keep_proxies(&record, run->table->options)) {
        return SGEO_OK;
    }
    struct sgeo_record *place = &cell->records[record.key.arch_index];
    if (strcmp(place->data, record.data) != 0 || place->steps != record.steps ||
        strcmp(place->arch, record.arch) != 0) {
        return sgeo_fail(SGEO_USAGE,
                         "give --out another directory, or repeat the original arguments",
                         "%s scored number %zu of %s on other rows, after another warm-up, or it "
                         "was another architecture",
                         run->folder, record.key.arch_index, record.key.task->space);
    }
    *place = record;
    cell->n_done += !cell->done[record.key.arch_index];
    cell->done[record.key.arch_index] = true;
    return SGEO_OK;
}

/* Proxies, levels, seeds and architectures may grow between runs; what follows must agree. */
enum sgeo_status sgeo_table3b_open_journal(struct sgeo_table3b_run *run)
{
    const struct sgeo_table3b *table = run->table;
    const struct sgeo_options *options = table->options;
    char path[1100], identity[512];
    sgeo_run_journal_path(path, sizeof path, &run->placed);
    snprintf(identity, sizeof identity,
             "{\"journal\":1,\"table\":\"3b\",\"isa\":\"%s\",\"batches\":%zu,\"batch_size\":%zu,"
             "\"tuning_steps\":%zu,\"epochs\":%zu}",
             sgeo_isa_name(sgeo_kernels_isa()), options->batches,
             options->own_batch_sizes ? 0 : options->batch_size, table->size.oneshot_steps,
             options->epochs > 0 ? options->epochs : table->size.epochs);
    enum sgeo_status status = sgeo_run_folder_check(&run->placed);
    if (status == SGEO_OK) {
        status = sgeo_directory_create(run->folder);
    }
    return status == SGEO_OK ? sgeo_journal_open(&run->journal, path, identity, replay, run)
                             : status;
}
