/*
 * Measuring of the roofs: one thread, CPU time, best of several; every loop's result is checked.
 * What other tenants of a machine leave of its memory changes within seconds, so a case that the
 * memory limits is compared with a roof measured just before it.
 */
#ifndef SGEO_BENCH_ROOF_METER_H
#define SGEO_BENCH_ROOF_METER_H

#include "base/machine.h"
#include "bench/roofs.h"
#include "bench/stopwatch.h"

struct sgeo_roof_meter; /* owns the memory that is measured, twice dram_bytes */

/*
 * dram_bytes: how much counts as memory, several times the last cache (inputs.h); a quarter of it
 * stands for the last cache. The stopwatch is copied. SGEO_IO without memory.
 */
enum sgeo_status sgeo_roof_meter_create(struct sgeo_roof_meter **meter,
                                        const struct sgeo_machine *machine, size_t dram_bytes,
                                        const struct sgeo_stopwatch *stopwatch);
void sgeo_roof_meter_destroy(struct sgeo_roof_meter *meter); /* NULL is fine */

/*
 * All roofs. SGEO_CHECK_FAILED when a loop computed something wrong, SGEO_UNSUPPORTED for a clock
 * that is too coarse; roofs are whole or untouched.
 */
enum sgeo_status sgeo_roof_meter_all(struct sgeo_roofs *roofs, struct sgeo_roof_meter *meter);

/* One roof of the memory once more, GB/s; row_bytes counts for SGEO_ROOF_GATHER. */
enum sgeo_status sgeo_roof_meter_again(double *gbytes, struct sgeo_roof_meter *meter,
                                       enum sgeo_roof roof, enum sgeo_level level,
                                       size_t row_bytes);

#endif
