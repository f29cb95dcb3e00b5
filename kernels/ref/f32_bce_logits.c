/* Binary cross-entropy of n logits: *loss, dlogits (n). In double, in the forms that lose nothing.
 */
#include <math.h>

#include "kernels/symbols.h"

void sgeo_f32_bce_logits__ref(double *loss, float *dlogits, const float *logits,
                              const float *labels, size_t n, double scale)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) {
        double z = (double)logits[i], y = (double)labels[i];
        double far = 1.0 / (1.0 + exp(fabs(z))), near = 1.0 / (1.0 + exp(-fabs(z)));
        double positive = z > 0.0 ? near : far, negative = z > 0.0 ? far : near;
        sum += fabs(z) * (z > 0.0 ? 1.0 - y : y) + log1p(exp(-fabs(z)));
        if (dlogits)
            dlogits[i] = (float)(scale * ((1.0 - y) * positive - y * negative));
    }
    *loss = scale * sum;
}
