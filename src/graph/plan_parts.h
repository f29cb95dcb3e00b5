/* Inside of the plan, shared by plan*.c. */
#ifndef SGEO_GRAPH_PLAN_PARTS_H
#define SGEO_GRAPH_PLAN_PARTS_H

#include "graph/plan.h"

/* The last step of a plan with options.restore: which tensors are restored, and how long what they
 * are made of has to live. */
void sgeo_plan_restore(struct sgeo_plan *plan);

#endif
