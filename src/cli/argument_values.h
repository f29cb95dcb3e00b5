/* What the words behind options mean: one reader a kind of value. */
#ifndef SGEO_CLI_ARGUMENT_VALUES_H
#define SGEO_CLI_ARGUMENT_VALUES_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "harness/options.h"

/* SGEO_USAGE that names the nearest of the known words and what shows them all. name(i) is NULL
 * behind the last. */
enum sgeo_status sgeo_unknown_name(const char *what, const char *shown_by, const char *word,
                                   const char *(*name)(size_t));

/* A whole number from `least` on; `what` names it in the error. */
enum sgeo_status sgeo_read_count(size_t *value, const char *what, const char *word, uint64_t least);

/* One of a few words (NULL behind the last); its position in *index. */
enum sgeo_status sgeo_read_word(size_t *index, const char *what, const char *word,
                                const char *const *words);

/* Lists of words with commas between them. SGEO_USAGE on an unknown word or one given twice. */
enum sgeo_status sgeo_read_tasks(struct sgeo_options *options, const char *list);
enum sgeo_status sgeo_read_proxies(struct sgeo_options *options, const char *list);
enum sgeo_status sgeo_read_levels(struct sgeo_options *options, const char *list); /* ascending */

/* A proxy that was named `sigeo` is sigeo-nasrec: the tasks are click-through ones. SGEO_USAGE when
 * that was named too. */
enum sgeo_status sgeo_settle_ctr_proxies(struct sgeo_options *options);

/* The values of --lambda, --shard, --archs, --seed, --precision, --batches and --data. */
enum sgeo_status sgeo_read_lambda(struct sgeo_options *options, const char *text);
enum sgeo_status sgeo_read_shard(struct sgeo_options *options, const char *text);
enum sgeo_status sgeo_read_archs(struct sgeo_options *options, const char *text);
enum sgeo_status sgeo_read_seed(struct sgeo_options *options, const char *text);
enum sgeo_status sgeo_read_precision(struct sgeo_options *options, const char *text);
enum sgeo_status sgeo_read_batches(struct sgeo_options *options, const char *text);
void sgeo_read_data(struct sgeo_options *options, const char *text);

#endif
