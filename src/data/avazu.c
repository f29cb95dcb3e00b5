/*
 * Avazu's Kaggle challenge (Click-Through Rate Prediction, 2014): train.csv, a header and 24
 * columns, none ever empty. Nine columns are hashes of 8 hexadecimal digits. NASRec's preparation
 * reads each cell as a decimal number if it can, as a hexadecimal one otherwise, so that a hash
 * without a letter counts as decimal; both modulo 2^31 - 1, negative numbers wrapping around. The
 * only dense number is a dummy, always 0. Source: spec nasrec, section 2.
 */
#include "data/ctr_parts.h"

#define TOKEN(name, slot)                                                                          \
    {                                                                                              \
        name, SGEO_CTR_WHAT_TOKEN, SGEO_CTR_TOKEN, slot                                            \
    }
#define WHOLE(name, slot)                                                                          \
    {                                                                                              \
        name, SGEO_CTR_WHAT_WHOLE, SGEO_CTR_WHOLE, slot                                            \
    }

static const struct sgeo_delimited_column columns[] = {
    WHOLE("id", 0),           {"click", "0 or 1", SGEO_CTR_LABEL, 0},
    WHOLE("hour", 1),         WHOLE("C1", 2),
    WHOLE("banner_pos", 3),   TOKEN("site_id", 4),
    TOKEN("site_domain", 5),  TOKEN("site_category", 6),
    TOKEN("app_id", 7),       TOKEN("app_domain", 8),
    TOKEN("app_category", 9), TOKEN("device_id", 10),
    TOKEN("device_ip", 11),   TOKEN("device_model", 12),
    WHOLE("device_type", 13), WHOLE("device_conn_type", 14),
    WHOLE("C14", 15),         WHOLE("C15", 16),
    WHOLE("C16", 17),         WHOLE("C17", 18),
    WHOLE("C18", 19),         WHOLE("C19", 20),
    WHOLE("C20", 21),         WHOLE("C21", 22)};

const struct sgeo_delimited_format sgeo_avazu_format = {.columns = columns,
                                                        .n_columns =
                                                            sizeof columns / sizeof *columns,
                                                        .delimiter = ',',
                                                        .header = true,
                                                        .quotes = true};
