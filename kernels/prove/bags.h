/* Bags of indices for the proofs of embeddings. */
#ifndef SGEO_KERNELS_PROVE_BAGS_H
#define SGEO_KERNELS_PROVE_BAGS_H

#include "kernels/prove/prover.h"

#define SGEO_BAGS_MAX_COUNT     24
#define SGEO_BAGS_MAX_LENGTH    41
#define SGEO_BAGS_MAX_SKIPPED   3
#define SGEO_BAGS_MAX_POSITIONS (SGEO_BAGS_MAX_SKIPPED + SGEO_BAGS_MAX_COUNT * SGEO_BAGS_MAX_LENGTH)

/* What kind of bags a case has. */
struct sgeo_bags_form {
    bool wide, mean, weighted, single;
    size_t skipped; /* positions before the first bag */
};

/* A form at random, and its name for a label. */
struct sgeo_bags_form sgeo_bags_form_draw(struct sgeo_prover *prover);
const char *sgeo_bags_form_name(const struct sgeo_bags_form *form);

/*
 * `count` bags of that form over a table of `rows`: empty ones, ones of one and long ones; rows
 * repeat within a bag and among bags, the first and the last are among them. Their arrays are
 * sources of the case.
 */
struct sgeo_bags sgeo_bags_draw(struct sgeo_prover *prover, const struct sgeo_bags_form *form,
                                size_t count, size_t rows);

#endif
