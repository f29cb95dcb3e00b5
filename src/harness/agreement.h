/* Our scores against those that the original suite stored, architecture by architecture. */
#ifndef SGEO_HARNESS_AGREEMENT_H
#define SGEO_HARNESS_AGREEMENT_H

#include "harness/campaign.h"

/*
 * Write options->out/agreement.csv: a row a task and proxy of which the suite stored scores, our
 * first cold seed against them; where they come from several published files, a row each besides.
 * Columns in results/schema.md. What is asked for: 0.95 of proxies that read no data, the proxy's
 * own Spearman between two seeds minus 0.03 of the others.
 */
enum sgeo_status sgeo_agreement_publish(const struct sgeo_campaign *campaign);

#endif
