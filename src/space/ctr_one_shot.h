/*
 * The one-shot evaluation of a candidate that has inherited its numbers (spec nasrec, section 1.5):
 * its last layer is fine-tuned, everything else frozen, and its log loss on held-out rows taken.
 */
#ifndef SGEO_SPACE_CTR_ONE_SHOT_H
#define SGEO_SPACE_CTR_ONE_SHOT_H

#include <stddef.h>

#include "space/ctr_train.h"

struct sgeo_ctr_one_shot {
    struct sgeo_ctr_feed train, valid;
    size_t steps;              /* the published code: 500 */
    size_t batch, valid_batch; /* 512 (1024 on KDD) and 8192 there */
};

/*
 * Mean log loss of the validation rows after the steps, at the rates of sgeo_ctr_one_shot_schedule;
 * 999.99 where training diverged or the loss is not a number, as published. The use's numbers are
 * the same afterwards. Errors as sgeo_ctr_train's with head_only; SGEO_USAGE without validation
 * rows.
 */
enum sgeo_status sgeo_ctr_one_shot(double *log_loss, const struct sgeo_ctr_use *use,
                                   const struct sgeo_ctr_one_shot *evaluation);

#endif
