/* --compare-hardware: result folders of several processors side by side. */
#ifndef SGEO_HARNESS_COMPARE_HARDWARE_H
#define SGEO_HARNESS_COMPARE_HARDWARE_H

#include <stddef.h>

#include "base/status.h"
#include "harness/score.h"

#define SGEO_FOLDERS_MAX ((size_t)16)

/*
 * Compare result folders (results/reference/CPU), the first being what the others are measured by:
 * the roofs and kernels of kernels.csv, every kernel in its best instruction set; the CPU seconds
 * of scores.csv[.gz]; the search hours of table3.csv. What only some folders have is compared among
 * those; a folder with none of the files is SGEO_IO, fewer than two folders are SGEO_USAGE.
 * The table of speeds goes to the sink: geometric means per kernel and state of the caches, per
 * task and proxy, and per file. out (may be NULL): the folder that gets hardware.csv, one row per
 * quantity and processor.
 */
enum sgeo_status sgeo_compare_hardware(const char *const *folders, size_t n, const char *out,
                                       sgeo_text_sink sink, void *sink_context);

#endif
