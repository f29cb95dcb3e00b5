#include "base/fpenv.h"

#include <stdint.h>

#if defined(__SSE__)
#include <xmmintrin.h>

#define FLUSH_BITS UINT32_C(0x8040) /* MXCSR: FTZ is bit 15, DAZ bit 6 */

static uint32_t control_get(void)
{
    return _mm_getcsr();
}

static void control_set(uint32_t control)
{
    _mm_setcsr(control);
}

#elif defined(__aarch64__)

#define FLUSH_BITS (UINT64_C(1) << 24) /* FPCR: FZ flushes inputs and results */

/* No header of the C library reaches FPCR, hence the assembly. */
static uint64_t control_get(void)
{
    uint64_t control;
    __asm__ volatile("mrs %0, fpcr" : "=r"(control));
    return control;
}

static void control_set(uint64_t control)
{
    __asm__ volatile("msr fpcr, %0" : : "r"(control));
}

#else

#define FLUSH_BITS 1u

static unsigned control_get(void)
{
    return 0;
}

static void control_set(unsigned control)
{
    (void)control;
}

#endif

bool sgeo_fpenv_flush_denormals(void)
{
    control_set(control_get() | FLUSH_BITS);
    return sgeo_fpenv_flushes();
}

void sgeo_fpenv_keep_denormals(void)
{
    control_set(control_get() & ~FLUSH_BITS);
}

bool sgeo_fpenv_flushes(void)
{
    return (control_get() & FLUSH_BITS) == FLUSH_BITS;
}
