#include "stats/clicks.h"

#include <math.h>
#include <string.h>

enum sgeo_status sgeo_clicks_check(struct sgeo_clicks clicks, const char *measure)
{
    if (clicks.n < 2 || clicks.n > UINT32_MAX) {
        return sgeo_fail(SGEO_USAGE, "evaluate on more rows, fewer than 2^32",
                         "%s: cannot be measured on %zu rows", measure, clicks.n);
    }
    for (size_t i = 0; i < clicks.n; i++) {
        if (isnan(clicks.logit[i])) {
            return sgeo_fail(SGEO_USAGE, "a training that diverged has no loss: try a lower rate",
                             "%s: the prediction of row %zu is nan", measure, i);
        }
        if (clicks.label[i] > 1) {
            return sgeo_fail(SGEO_USAGE, "labels are 0 or 1", "%s: the label of row %zu is %d",
                             measure, i, clicks.label[i]);
        }
    }
    return SGEO_OK;
}

enum sgeo_status sgeo_clicks_check_pair(struct sgeo_clicks a, struct sgeo_clicks b,
                                        const char *measure)
{
    enum sgeo_status status = sgeo_clicks_check(a, measure);
    if (status == SGEO_OK) {
        status = sgeo_clicks_check(b, measure);
    }
    if (status == SGEO_OK && (a.n != b.n || memcmp(a.label, b.label, a.n) != 0)) {
        status = sgeo_fail(SGEO_USAGE, "evaluate both on the same rows in the same order",
                           "%s: two predictions of different rows cannot be paired", measure);
    }
    return status;
}

double sgeo_click_probability(double logit)
{
    if (logit >= 0.0) {
        return 1.0 / (1.0 + exp(-logit));
    }
    double odds = exp(logit); /* which cannot overflow here */
    return odds / (1.0 + odds);
}

/* ln(1 + exp(x)). */
static double softplus(double x)
{
    return fmax(x, 0.0) + log1p(exp(-fabs(x)));
}

double sgeo_click_loss(double logit, uint8_t label)
{
    return softplus(label != 0 ? -logit : logit);
}
