#include "stats/log_loss.h"

#include <math.h>

enum sgeo_status sgeo_log_loss(double *loss, struct sgeo_clicks clicks)
{
    enum sgeo_status status = sgeo_clicks_check(clicks, "log loss");
    if (status != SGEO_OK) {
        return status;
    }
    double sum = 0.0;
    for (size_t i = 0; i < clicks.n; i++) {
        sum += sgeo_click_loss(clicks.logit[i], clicks.label[i]);
    }
    *loss = sum / (double)clicks.n;
    return SGEO_OK;
}

enum sgeo_status sgeo_log_loss_difference(struct sgeo_difference *difference, struct sgeo_clicks a,
                                          struct sgeo_clicks b)
{
    enum sgeo_status status = sgeo_clicks_check_pair(a, b, "log loss");
    if (status != SGEO_OK) {
        return status;
    }
    double mean = 0.0, squares = 0.0; /* Welford: of the differences, and around their mean */
    for (size_t i = 0; i < a.n; i++) {
        double delta =
            sgeo_click_loss(a.logit[i], a.label[i]) - sgeo_click_loss(b.logit[i], b.label[i]);
        double before = delta - mean;
        mean += before / (double)(i + 1);
        squares += before * (delta - mean);
    }
    double error = sqrt(squares / (double)(a.n - 1) / (double)a.n);
    *difference = sgeo_difference_normal(mean, error);
    return SGEO_OK;
}
