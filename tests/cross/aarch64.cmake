# Cross build with Debian's gcc-aarch64-linux-gnu against a folder that tests/cross/sysroot.sh filled:
# SGEO_SYSROOT, from the command line, a preset or the environment.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)
set(CMAKE_C_LIBRARY_ARCHITECTURE aarch64-linux-gnu)
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES SGEO_SYSROOT)

if(NOT SGEO_SYSROOT)
  set(SGEO_SYSROOT "$ENV{SGEO_SYSROOT}")
endif()
if(NOT IS_DIRECTORY "${SGEO_SYSROOT}/usr/lib/aarch64-linux-gnu")
  message(FATAL_ERROR "no arm64 libraries in '${SGEO_SYSROOT}'; hint: tests/cross/sysroot.sh ${SGEO_SYSROOT}")
endif()

# Found in the sysroot, but the cross compiler keeps its own C library: no CMAKE_SYSROOT.
set(CMAKE_FIND_ROOT_PATH ${SGEO_SYSROOT})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(ENV{PKG_CONFIG_SYSROOT_DIR} ${SGEO_SYSROOT})
set(ENV{PKG_CONFIG_LIBDIR}
    ${SGEO_SYSROOT}/usr/lib/aarch64-linux-gnu/pkgconfig:${SGEO_SYSROOT}/usr/share/pkgconfig)

# Headers that Debian keeps apart by architecture.
set(CMAKE_C_FLAGS_INIT "-isystem ${SGEO_SYSROOT}/usr/include/aarch64-linux-gnu")

# Libraries of libraries (Debian keeps OpenBLAS in a folder of its own).
set(sysroot_lib ${SGEO_SYSROOT}/usr/lib/aarch64-linux-gnu)
set(CMAKE_EXE_LINKER_FLAGS_INIT
  "-Wl,-rpath-link,${sysroot_lib} -Wl,-rpath-link,${sysroot_lib}/openblas-pthread -Wl,-rpath-link,${SGEO_SYSROOT}/lib/aarch64-linux-gnu")

# Tests run under user-mode emulation where it is installed. A Neoverse N1 has Advanced SIMD and no
# SVE: what every server core offers.
find_program(SGEO_QEMU_AARCH64 NAMES qemu-aarch64-static qemu-aarch64)
if(SGEO_QEMU_AARCH64)
  set(CMAKE_CROSSCOMPILING_EMULATOR ${SGEO_QEMU_AARCH64} -cpu neoverse-n1 -L ${SGEO_SYSROOT})
endif()
