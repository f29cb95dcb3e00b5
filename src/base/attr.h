/* Compiler attributes, the only place where the code leaves ISO C11. */
#ifndef SGEO_BASE_ATTR_H
#define SGEO_BASE_ATTR_H

#if defined(__GNUC__)
#define SGEO_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define SGEO_MUST_CHECK        __attribute__((warn_unused_result))
#define SGEO_INLINE            static inline __attribute__((always_inline))
/* Ask for the cache line of an address that will be read or written; a hint, never a fault. */
#define SGEO_PREFETCH_READ(address)  __builtin_prefetch(address, 0)
#define SGEO_PREFETCH_WRITE(address) __builtin_prefetch(address, 1)
#else
#define SGEO_PRINTF(fmt, args)
#define SGEO_MUST_CHECK
#define SGEO_INLINE static inline
#define SGEO_PREFETCH_READ(address)  ((void)(address))
#define SGEO_PREFETCH_WRITE(address) ((void)(address))
#endif

#endif
