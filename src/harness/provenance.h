/* OUT/meta.json: what produced a result folder. */
#ifndef SGEO_HARNESS_PROVENANCE_H
#define SGEO_HARNESS_PROVENANCE_H

#include "data/images.h"
#include "harness/campaign.h"

#define SGEO_SCHEMA_VERSION 1

/*
 * Publish meta.json: schema version, program and git revision, compiler and flags, CPU, ISA,
 * oneDNN version, effective ISA and the implementation of every convolution, convention, workers,
 * denormals, data and list checksums, argv, peak memory.
 */
enum sgeo_status sgeo_provenance_publish(const struct sgeo_campaign *campaign, int argc,
                                         char **argv);

/* The same for a figure whose jobs are its own and read one set of images. */
enum sgeo_status sgeo_provenance_publish_figure(const struct sgeo_options *options,
                                                const struct sgeo_images *images, int argc,
                                                char **argv);

#endif
