/* Architectures of Table 3b, and their ground truth. */
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "harness/ctr_list.h"
#include "harness/list_file.h"
#include "harness/run_folder.h"
#include "harness/table3_cells.h"
#include "harness/table3b.h"

/* --- architectures --- */

struct lists {
    struct sgeo_nasrec_arch **archs;
    size_t *n;
};

static enum sgeo_status append(const struct lists *lists, const struct sgeo_nasrec_arch *arch)
{
    size_t *n = &lists->n[arch->space];
    struct sgeo_nasrec_arch **archs = &lists->archs[arch->space];
    struct sgeo_nasrec_arch *grown = sgeo_grow(*archs, *n, *n + 1, sizeof *grown);
    if (grown == NULL) {
        return sgeo_fail_memory("architectures");
    }
    *archs = grown;
    (*archs)[(*n)++] = *arch;
    return SGEO_OK;
}

static enum sgeo_status take_line(const char *line, void *context)
{
    const struct lists *lists = context;
    struct sgeo_nasrec_arch arch;
    enum sgeo_status status = sgeo_nasrec_parse(&arch, line);
    for (size_t i = 0; status == SGEO_OK && i < lists->n[arch.space]; i++) {
        if (sgeo_nasrec_equal(&lists->archs[arch.space][i], &arch)) {
            status = sgeo_fail(SGEO_USAGE, "leave one out", "%.80s was named before", line);
        }
    }
    return status == SGEO_OK ? append(lists, &arch) : status;
}

static enum sgeo_status take_drawn(const struct lists *lists, enum sgeo_nasrec_space space,
                                   size_t n)
{
    enum sgeo_status status = SGEO_OK;
    for (size_t i = 0; status == SGEO_OK && i < n; i++) {
        struct sgeo_nasrec_arch arch;
        sgeo_ctr_list_arch(&arch, space, i);
        status = append(lists, &arch);
    }
    return status;
}

enum sgeo_status sgeo_table3b_archs(struct sgeo_nasrec_arch *archs[2], size_t n[2],
                                    const struct sgeo_options *options,
                                    const struct sgeo_search_size *size)
{
    struct lists lists = {archs, n};
    enum sgeo_status status = SGEO_OK;
    archs[0] = archs[1] = NULL;
    n[0] = n[1] = 0;
    if (options->archs_file != NULL) {
        status = sgeo_list_file_read(options->archs_file, take_line, &lists);
        return status == SGEO_OK && n[0] + n[1] == 0
                   ? sgeo_fail(SGEO_USAGE, NULL, "%s names no architecture", options->archs_file)
                   : status;
    }
    for (size_t space = 0; status == SGEO_OK && space < 2; space++) {
        status = take_drawn(&lists, (enum sgeo_nasrec_space)space,
                            options->n_archs > 0 ? options->n_archs : size->truths[space]);
    }
    return status;
}

/* --- opening --- */

/* What records know the rows by. */
static enum sgeo_status identify(char data[SGEO_DATA_ID], const struct sgeo_ctr_set *clicks)
{
    struct sgeo_text text = {0};
    char hex[SGEO_SHA256_HEX];
    sgeo_ctr_set_identity(&text, clicks);
    if (text.failed) {
        sgeo_text_clear(&text);
        return sgeo_fail_memory("identity of rows");
    }
    sgeo_sha256(hex, text.bytes, text.length);
    sgeo_text_clear(&text);
    memcpy(data, hex, SGEO_DATA_ID - 1);
    data[SGEO_DATA_ID - 1] = '\0';
    return SGEO_OK;
}

static enum sgeo_status add_part(struct sgeo_table3b *table, const struct sgeo_ctr_set *clicks,
                                 const struct sgeo_nasrec_arch *archs, size_t n)
{
    struct sgeo_table3b_part *part = &table->parts[table->n_parts];
    size_t twice = table->size.truths_twice;
    *part = (struct sgeo_table3b_part){.task = sgeo_ctr_list_task(clicks->task, archs[0].space),
                                       .clicks = clicks,
                                       .space = archs[0].space,
                                       .archs = sgeo_calloc(n, sizeof *archs),
                                       .n = n,
                                       .twice = twice < n ? twice : n};
    if (part->archs == NULL) {
        return sgeo_fail_memory("architectures");
    }
    table->n_parts++;
    memcpy(part->archs, archs, n * sizeof *archs);
    return identify(part->data, clicks);
}

static enum sgeo_status list_parts(struct sgeo_table3b *table,
                                   struct sgeo_nasrec_arch *const archs[2], const size_t n[2])
{
    enum sgeo_status status = SGEO_OK;
    table->parts = sgeo_calloc(2 * table->n_sets, sizeof *table->parts);
    if (table->parts == NULL) {
        return sgeo_fail_memory("table 3b");
    }
    for (size_t i = 0; status == SGEO_OK && i < 2 * table->n_sets; i++) {
        if (n[i % 2] > 0) {
            status = add_part(table, &table->sets[i / 2], archs[i % 2], n[i % 2]);
        }
    }
    return status;
}

enum sgeo_status sgeo_table3b_open(struct sgeo_table3b *table, const struct sgeo_options *options)
{
    struct sgeo_nasrec_arch *archs[2] = {NULL, NULL};
    size_t n[2] = {0, 0};
    table->options = options;
    table->size = sgeo_search_size(options->preset);
    enum sgeo_status status = sgeo_run_folder_check(options); /* before rows are read */
    if (status == SGEO_OK) {
        status = sgeo_table3b_archs(archs, n, options, &table->size);
    }
    if (status == SGEO_OK) {
        status = sgeo_table3_open_sets(&table->sets, &table->n_sets, options, &table->size);
    }
    if (status == SGEO_OK) {
        status = list_parts(table, archs, n);
    }
    if (status == SGEO_OK) {
        status = sgeo_ctr_finals_open(&table->finals, options);
    }
    sgeo_free(archs[0]);
    sgeo_free(archs[1]);
    return status;
}

void sgeo_table3b_close(struct sgeo_table3b *table)
{
    for (size_t p = 0; p < table->n_parts; p++) {
        sgeo_free(table->parts[p].archs);
    }
    sgeo_free(table->parts);
    sgeo_ctr_finals_close(table->finals);
    sgeo_table3_close_sets(table->sets, table->n_sets);
    sgeo_free(table->records);
    *table = (struct sgeo_table3b){0};
}

/* --- ground truth --- */

static enum sgeo_status add_trainings(struct sgeo_table3b *table,
                                      const struct sgeo_table3b_part *part)
{
    enum sgeo_status status = SGEO_OK;
    for (size_t i = 0; status == SGEO_OK && i < part->n + part->twice; i++) {
        size_t again = i >= part->n;
        const struct sgeo_ctr_named model = {.crafted = SGEO_CTR_MODELS,
                                             .arch = part->archs[i - again * part->n]};
        status = sgeo_ctr_finals_add(table->finals, part->clicks, &model, table->size.final_epochs,
                                     table->options->seed + again);
    }
    return status;
}

enum sgeo_status sgeo_table3b_train(struct sgeo_table3b *table)
{
    enum sgeo_status status = SGEO_OK;
    for (size_t p = 0; status == SGEO_OK && p < table->n_parts; p++) {
        status = add_trainings(table, &table->parts[p]);
    }
    return status == SGEO_OK
               ? sgeo_ctr_finals_train(table->finals, table->progress, table->progress_context)
               : status;
}
