/* OUT/meta.json: what produced a result folder. */
#ifndef SGEO_HARNESS_PROVENANCE_H
#define SGEO_HARNESS_PROVENANCE_H

#include "data/images.h"
#include "harness/campaign.h"
#include "harness/ctr_set.h"
#include "harness/search_run.h"

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

/* What an architecture search on click-through rows was. */
struct sgeo_searched {
    enum sgeo_nasrec_space space;
    const struct sgeo_ctr_set *clicks;
    const struct sgeo_ctr_recipe *recipe;
    struct sgeo_search_cost cost;
};

/* The same for such a search: its rows, the warm-up and the CPU seconds of both parts. */
enum sgeo_status sgeo_provenance_publish_search(const struct sgeo_options *options,
                                                const struct sgeo_searched *searched, int argc,
                                                char **argv);

/* The same for trainings on the rows of n sets. */
enum sgeo_status sgeo_provenance_publish_clicks(const struct sgeo_options *options,
                                                const struct sgeo_ctr_set *sets, size_t n, int argc,
                                                char **argv);

/* The same for what was made of saved results: SHA-256 of the files (NULL-terminated) of `from`.
 * SGEO_IO when one cannot be read. */
enum sgeo_status sgeo_provenance_publish_derived(const struct sgeo_options *options,
                                                 const char *from, const char *const *files,
                                                 int argc, char **argv);

#endif
