/*
 * The list of architectures whose ground truth is measured on click-through tasks: random draws of
 * NASRec's spaces, the same in every run. A space on a data set is a task of its own, as
 * correlations know tasks.
 */
#ifndef SGEO_HARNESS_CTR_LIST_H
#define SGEO_HARNESS_CTR_LIST_H

#include "harness/ctr_task.h"
#include "harness/task.h"

/* Architecture `number` (from 0) of a space's list, from the stream (2018, "truth:draw", number),
 * as searches draw theirs. */
void sgeo_ctr_list_arch(struct sgeo_nasrec_arch *arch, enum sgeo_nasrec_space space, size_t number);

/* The task of a space on a data set: name is the data set's, space "nasrec-small", "nasrec-full".
 */
const struct sgeo_task *sgeo_ctr_list_task(const struct sgeo_ctr_task *task,
                                           enum sgeo_nasrec_space space);

/* The same by what a record says: the data set's name, and the text of an architecture of the
 * space. NULL when either is none. */
const struct sgeo_task *sgeo_ctr_list_task_of(const char *task, const char *arch);

#endif
