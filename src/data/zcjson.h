/*
 * Ground truth from NAS-Bench-Suite-Zero's zc_*.json files (automl/NASLib, branch zerocost):
 *   {DATASET: {ARCH: {PROXY: {"score": x, "time": s}, ..., "val_accuracy": percent}, ...}, ...}
 * ARCH is NASLib's own text, e.g. "(4, 0, 3, 1, 4, 3)" for NAS-Bench-201. Older files wrap the
 * whole in one more object, {SPACE: {DATASET: ...}}; both are read. Scores may be Python's NaN and
 * Infinity, which JSON does not know.
 */
#ifndef SGEO_DATA_ZCJSON_H
#define SGEO_DATA_ZCJSON_H

#include <stddef.h>

#include "base/status.h"
#include "data/truth.h"

/*
 * Read the validation accuracies of one data set ("cifar10", "cifar100", "ImageNet16-120",
 * "class_object", ...) from a file, plain or .gz. Architectures keep the file's order and text;
 * they have no index, no line and no test accuracy. The caller owns *truth (sgeo_truth_clear);
 * untouched on failure. SGEO_IO with path and line on malformed JSON or a repeated key; with the
 * architecture on an accuracy that is not a number in 0..100. No accuracy at all is NaN.
 */
enum sgeo_status sgeo_zcjson_read(struct sgeo_truth *truth, const char *path, const char *dataset);

/*
 * The same from memory, named `origin` in errors. bytes are changed: the numbers JSON lacks are
 * overwritten.
 */
enum sgeo_status sgeo_zcjson_parse(struct sgeo_truth *truth, char *bytes, size_t n_bytes,
                                   const char *origin, const char *dataset);

#endif
