#include "harness/figure4_points.h"

#include <math.h>
#include <string.h>

#include "harness/paper.h"

#define LEVEL 1.0 /* percent of the supernet's schedule */

/* --- what is searched --- */

/* The authors' switches for the Fisher-Rao term alone leave the loss its weight. */
#define FR_ONLY(space_name, which, reading)                                                        \
    {                                                                                              \
        .kind = SGEO_TABLE3_SEARCHED, .setting = "sub-one-shot", .level = LEVEL,                   \
        .method = "FR only", .search_space = space_name, .space = which, .by = "sigeo",            \
        .proxy = reading, .has_lambda = true, .lambda = {                                          \
            0.0,                                                                                   \
            1.0,                                                                                   \
            1.0                                                                                    \
        }                                                                                          \
    }

static const struct sgeo_table3_row fr_only[] = {
    FR_ONLY("NASRec-Small", SGEO_NASREC_SMALL, "sigeo-nasrec"),
    FR_ONLY("NASRec-Small", SGEO_NASREC_SMALL, "sigeo-eq6"),
    FR_ONLY("NASRec-Full", SGEO_NASREC_FULL, "sigeo-nasrec"),
    FR_ONLY("NASRec-Full", SGEO_NASREC_FULL, "sigeo-eq6")};

struct sgeo_table3_list sgeo_figure4_list(struct sgeo_figure4_rows *rows)
{
    const struct sgeo_table3_list table = sgeo_table3_list();
    size_t n = 0;
    for (size_t r = 0; r < sizeof fr_only / sizeof *fr_only; r++) {
        rows->at[n++] = fr_only[r];
    }
    for (size_t r = 0; r < table.n && n < SGEO_FIGURE4_ROWS; r++) {
        if (table.rows[r].kind == SGEO_TABLE3_SEARCHED && table.rows[r].level == LEVEL) {
            rows->at[n++] = table.rows[r];
        }
    }
    return (struct sgeo_table3_list){"figure 4", rows->at, n};
}

/* --- figure4.csv --- */

const char sgeo_figure4_header[] =
    "figure,dataset,search_space,method,by,lambda1,lambda2,lambda3,warmup_percent,"
    "paper_equivalent_percent,place,model,seed,params,validation_log_loss,test_log_loss,test_auc,"
    "chosen,status,paper_value,paper_line,data\n";

/* The figure's horizontal line: the best of NASRecNet, whose authors it names. */
static double paper_line(const struct sgeo_csv *paper, const char *dataset)
{
    double small = sgeo_paper_table3_value(paper, "one-shot", "NASRecNet", "NASRec-Small", dataset,
                                           "log_loss");
    double full =
        sgeo_paper_table3_value(paper, "one-shot", "NASRecNet", "NASRec-Full", dataset, "log_loss");
    return fmin(small, full);
}

void sgeo_figure4_put(struct sgeo_text *csv, const struct sgeo_figure4_point *point,
                      const struct sgeo_csv *paper)
{
    const struct sgeo_table3_row *row = point->row;
    const double none = (double)NAN;
    sgeo_csv_put(csv, "4");
    sgeo_csv_put(csv, point->dataset);
    sgeo_csv_put(csv, row->search_space);
    sgeo_csv_put(csv, row->method);
    sgeo_csv_put(csv, row->proxy);
    sgeo_csv_put_optional(csv, row->has_lambda ? row->lambda.zico : none);
    sgeo_csv_put_optional(csv, row->has_lambda ? row->lambda.fr : none);
    sgeo_csv_put_optional(csv, row->has_lambda ? row->lambda.loss : none);
    sgeo_csv_put_double(csv, row->level);
    sgeo_csv_put_optional(csv, point->paper_equivalent_percent);
    sgeo_csv_put_size(csv, point->place);
    sgeo_csv_put(csv, point->model);
    sgeo_csv_put_size(csv, (size_t)point->seed);
    sgeo_csv_put_size(csv, point->params);
    sgeo_csv_put_double(csv, point->valid_log_loss);
    sgeo_csv_put_double(csv, point->test_log_loss);
    sgeo_csv_put_optional(csv, point->test_auc);
    sgeo_csv_put(csv, point->chosen ? "yes" : "no");
    sgeo_csv_put(csv, point->diverged ? "diverged" : "ok");
    sgeo_csv_put_optional(csv, row->paper_method == NULL
                                   ? none
                                   : sgeo_paper_table3_value(paper, row->setting, row->paper_method,
                                                             row->search_space, point->dataset,
                                                             "log_loss"));
    sgeo_csv_put_optional(csv, paper_line(paper, point->dataset));
    sgeo_csv_put(csv, point->data);
    sgeo_csv_end_row(csv);
}

void sgeo_figure4_put_all(struct sgeo_text *csv, const struct sgeo_table3 *table,
                          const struct sgeo_csv *paper)
{
    for (size_t c = 0; c < table->n_cells; c++) {
        const struct sgeo_table3_cell *cell = &table->cells[c];
        for (size_t i = 0; i < cell->n_found; i++) {
            const struct sgeo_ctr_final *final = sgeo_ctr_finals_find(
                table->finals, cell->clicks->task, &cell->found[i], table->options->seed);
            const struct sgeo_figure4_point point = {.row = cell->row,
                                                     .dataset = cell->clicks->task->paper,
                                                     .paper_equivalent_percent =
                                                         cell->paper_equivalent_percent,
                                                     .place = 1 + i,
                                                     .model = final->model,
                                                     .seed = final->seed,
                                                     .params = final->params,
                                                     .valid_log_loss = final->valid.log_loss,
                                                     .test_log_loss = final->test.log_loss,
                                                     .test_auc = final->test.auc,
                                                     .chosen = i == cell->chosen,
                                                     .diverged = final->diverged,
                                                     .data = sgeo_ctr_set_kind(cell->clicks)};
            sgeo_figure4_put(csv, &point, paper);
        }
    }
}
