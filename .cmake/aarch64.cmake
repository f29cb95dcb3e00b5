# Cross build with Debian's gcc-aarch64-linux-gnu against build-aarch64/sysroot,
# which .cmake/aarch64_sysroot.sh fills.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)
set(CMAKE_C_LIBRARY_ARCHITECTURE aarch64-linux-gnu)

# Found in the sysroot, but the cross compiler keeps its own C library: no CMAKE_SYSROOT.
set(CMAKE_FIND_ROOT_PATH ${CMAKE_CURRENT_LIST_DIR}/../build-aarch64/sysroot)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)

# Libraries of libraries (Debian keeps OpenBLAS in a folder of its own).
set(sysroot_lib ${CMAKE_FIND_ROOT_PATH}/usr/lib/aarch64-linux-gnu)
set(CMAKE_EXE_LINKER_FLAGS_INIT
  "-Wl,-rpath-link,${sysroot_lib} -Wl,-rpath-link,${sysroot_lib}/openblas-pthread -Wl,-rpath-link,${CMAKE_FIND_ROOT_PATH}/lib/aarch64-linux-gnu")

# Tests run under user-mode emulation where it is installed.
find_program(SGEO_QEMU NAMES qemu-aarch64 qemu-aarch64-static)
if(SGEO_QEMU)
  set(CMAKE_CROSSCOMPILING_EMULATOR ${SGEO_QEMU} -L ${CMAKE_FIND_ROOT_PATH})
endif()
