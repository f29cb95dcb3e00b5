/* Compiler attributes, the only place where the code leaves ISO C11. */
#ifndef SGEO_BASE_ATTR_H
#define SGEO_BASE_ATTR_H

#if defined(__GNUC__)
#define SGEO_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define SGEO_MUST_CHECK        __attribute__((warn_unused_result))
#define SGEO_INLINE            static inline __attribute__((always_inline))
#else
#define SGEO_PRINTF(fmt, args)
#define SGEO_MUST_CHECK
#define SGEO_INLINE static inline
#endif

#endif
