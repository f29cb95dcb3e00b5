#include "harness/ctr_finals_outputs.h"

#include "base/csv.h"
#include "base/memory.h"
#include "harness/outputs.h"

static void put_key(struct sgeo_text *csv, const struct sgeo_ctr_final *final)
{
    sgeo_csv_put(csv, final->task->name);
    sgeo_csv_put(csv, final->model);
    sgeo_csv_put_size(csv, (size_t) final->seed);
}

static void put_quality(struct sgeo_text *csv, const struct sgeo_ctr_quality *quality)
{
    sgeo_csv_put_double(csv, quality->log_loss);
    sgeo_csv_put_optional(csv, quality->auc);
    sgeo_csv_put_optional(csv, quality->calibration);
    sgeo_csv_put_optional(csv, quality->calibration_error);
}

static void put_model(struct sgeo_text *csv, const struct sgeo_ctr_final *final)
{
    put_key(csv, final);
    sgeo_csv_put_size(csv, final->params);
    sgeo_csv_put_size(csv, final->steps);
    put_quality(csv, &final->valid);
    put_quality(csv, &final->test);
    sgeo_csv_put_double(csv, final->seconds);
    sgeo_csv_put(csv, final->diverged ? "diverged" : "ok");
    sgeo_csv_end_row(csv);
}

static void put_curve(struct sgeo_text *csv, const struct sgeo_ctr_final *final)
{
    for (size_t p = 0; p < final->n_points; p++) {
        put_key(csv, final);
        sgeo_csv_put_size(csv, final->curve[p].steps);
        sgeo_csv_put_double(csv, final->curve[p].train_loss);
        sgeo_csv_put_double(csv, final->curve[p].valid_loss);
        sgeo_csv_end_row(csv);
    }
}

void sgeo_ctr_models_write(struct sgeo_text *csv, const struct sgeo_ctr_finals *finals)
{
    sgeo_text_append(csv, "task,model,seed,params,steps,valid_log_loss,valid_auc,"
                          "valid_calibration,valid_calibration_error,test_log_loss,test_auc,"
                          "test_calibration,test_calibration_error,seconds_cpu,status\n");
    for (size_t i = 0; i < sgeo_ctr_finals_count(finals); i++) {
        put_model(csv, sgeo_ctr_finals_at(finals, i));
    }
}

void sgeo_ctr_curves_write(struct sgeo_text *csv, const struct sgeo_ctr_finals *finals)
{
    sgeo_text_append(csv, "task,model,seed,steps,train_loss,valid_loss\n");
    for (size_t i = 0; i < sgeo_ctr_finals_count(finals); i++) {
        put_curve(csv, sgeo_ctr_finals_at(finals, i));
    }
}

static enum sgeo_status append_others(struct sgeo_text *models, struct sgeo_text *curves,
                                      const struct sgeo_ctr_finals *finals)
{
    const struct sgeo_ctr_final **others = NULL;
    size_t n = 0;
    enum sgeo_status status = sgeo_ctr_finals_others(&others, &n, finals);
    for (size_t i = 0; i < n; i++) {
        put_model(models, others[i]);
        put_curve(curves, others[i]);
    }
    sgeo_free(others);
    return status;
}

enum sgeo_status sgeo_ctr_finals_publish(const char *out, const struct sgeo_ctr_finals *finals)
{
    struct sgeo_text models = {0}, curves = {0};
    sgeo_ctr_models_write(&models, finals);
    sgeo_ctr_curves_write(&curves, finals);
    enum sgeo_status status = append_others(&models, &curves, finals);
    if (status == SGEO_OK) {
        status = sgeo_outputs_publish(out, "models.csv", &models);
    }
    if (status == SGEO_OK) {
        status = sgeo_outputs_publish(out, "curves.csv", &curves);
    }
    sgeo_text_clear(&models);
    sgeo_text_clear(&curves);
    return status;
}
