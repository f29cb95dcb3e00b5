/*
 * Rows of a matrix, transposed: a lane for each of SGEO_LANES rows, so that they can be the source
 * of a product whose sums are those of the lanes (row_block.h).
 */
#ifndef SGEO_KERNELS_SCALAR_PANEL_H
#define SGEO_KERNELS_SCALAR_PANEL_H

#include "kernels/scalar/row_block.h"

#define SGEO_QUARTET ((size_t)4) /* rows that are interleaved at once */
#define SGEO_OCTET   ((size_t)8) /* elements of each of them */

/* Elements d .. d+`depths`-1 of four rows to four lanes. Eight are vector code: a stream of fours.
 */
SGEO_INLINE void sgeo_panel_interleave(float (*panel)[SGEO_LANES], const float *const *row,
                                       size_t lane, size_t d, size_t depths)
{
    const float *a = row[0] + d, *b = row[1] + d, *c = row[2] + d, *e = row[3] + d;
    float fours[SGEO_OCTET * SGEO_QUARTET];
    for (size_t k = 0; k < depths; k++) {
        fours[SGEO_QUARTET * k] = a[k];
        fours[SGEO_QUARTET * k + 1] = b[k];
        fours[SGEO_QUARTET * k + 2] = c[k];
        fours[SGEO_QUARTET * k + 3] = e[k];
    }
    for (size_t k = 0; k < depths; k++)
        for (size_t r = 0; r < SGEO_QUARTET; r++)
            panel[d + k][lane + r] = fours[SGEO_QUARTET * k + r];
}

/*
 * panel[d][j] = element d of row first + j of src (`rows` rows, `pitch` elements apart), d <
 * depths; the last row again in lanes without one.
 */
SGEO_INLINE void sgeo_panel_fill(float (*panel)[SGEO_LANES], const float *src, size_t first,
                                 size_t rows, size_t pitch, size_t depths)
{
    for (size_t j = 0; j < SGEO_LANES; j += SGEO_QUARTET) {
        const float *row[SGEO_QUARTET];
        size_t d = 0;
        for (size_t r = 0; r < SGEO_QUARTET; r++)
            row[r] = src + sgeo_block_row(first, j + r, rows) * pitch;
        for (; d + SGEO_OCTET <= depths; d += SGEO_OCTET)
            sgeo_panel_interleave(panel, row, j, d, SGEO_OCTET);
        if (d < depths)
            sgeo_panel_interleave(panel, row, j, d, depths - d);
    }
}

#endif
