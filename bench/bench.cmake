# bench_kernels. Everything but the main program and the shim is a library that the tests link too; the
# program itself needs Google Benchmark, and is left out where that is not installed.
file(GLOB sgeo_bench_sources CONFIGURE_DEPENDS bench/*.c bench/loads/*.c bench/steps/*.c)
list(FILTER sgeo_bench_sources EXCLUDE REGEX "/main\\.c$")
add_library(sgeo_bench STATIC ${sgeo_bench_sources})
target_link_libraries(sgeo_bench PUBLIC sgeo_flags sgeo_proxy sgeo_stats)

# The loops behind the roofs, once per tier, as the kernels; bf16 apart, which no tier has.
function(sgeo_roof_tier tier)
  add_library(sgeo_roofs_${tier} OBJECT bench/roofs/loops.c)
  target_link_libraries(sgeo_roofs_${tier} PRIVATE sgeo_flags)
  target_compile_definitions(sgeo_roofs_${tier} PRIVATE SGEO_TIER=${tier})
  target_compile_options(sgeo_roofs_${tier} PRIVATE ${ARGN})
  target_sources(sgeo_bench PRIVATE $<TARGET_OBJECTS:sgeo_roofs_${tier}>)
endfunction()

set(SGEO_BENCH_BF16 0)
sgeo_roof_tier(scalar)
if(SGEO_KERNELS_X86)
  sgeo_roof_tier(avx2 -mavx2 -mfma)
  sgeo_roof_tier(avx512 -mavx2 -mfma -mavx512f -mavx512bw -mavx512dq -mavx512vl -mprefer-vector-width=512)
  include(CheckCCompilerFlag)
  check_c_compiler_flag(-mavx512bf16 SGEO_CC_AVX512BF16)
  if(SGEO_CC_AVX512BF16)
    set(SGEO_BENCH_BF16 1)
    target_sources(sgeo_bench PRIVATE bench/roofs/bf16.c)
    set_source_files_properties(bench/roofs/bf16.c PROPERTIES COMPILE_OPTIONS "-mavx512f;-mavx512bf16")
  endif()
elseif(SGEO_KERNELS_NEON)
  sgeo_roof_tier(neon)
endif()
target_compile_definitions(sgeo_bench PRIVATE SGEO_BENCH_BF16=${SGEO_BENCH_BF16})

# --- the program ----------------------------------------------------------------------------------------------------
find_package(benchmark QUIET)
if(NOT benchmark_FOUND)
  message(STATUS "bench_kernels is left out: Google Benchmark is not installed (libbenchmark-dev)")
  return()
endif()

# Its C++ gets what the C gets, sanitizers for one.
if(NOT DEFINED CMAKE_CXX_FLAGS)
  set(CMAKE_CXX_FLAGS_INIT "${CMAKE_C_FLAGS}")
endif()
enable_language(CXX)
add_library(sgeo_gbench_shim OBJECT bench/gbench_shim.cc)
target_include_directories(sgeo_gbench_shim PRIVATE src ${CMAKE_SOURCE_DIR})
target_compile_features(sgeo_gbench_shim PRIVATE cxx_std_17)
target_compile_options(sgeo_gbench_shim PRIVATE -Wall -Wextra -Wpedantic -Wshadow $<$<BOOL:${SGEO_WERROR}>:-Werror>)
target_link_libraries(sgeo_gbench_shim PUBLIC benchmark::benchmark)

if(benchmark_VERSION VERSION_LESS 1.8)
  set(SGEO_GBENCH_UNITS 0) # --benchmark_min_time=0.5
else()
  set(SGEO_GBENCH_UNITS 1) # --benchmark_min_time=0.5s
endif()
set(SGEO_SLOWDOWN 0 CACHE STRING "Per cent of time that the gate's cases waste: a planted regression")
add_executable(bench_kernels bench/main.c)
target_link_libraries(bench_kernels PRIVATE sgeo_bench sgeo_gbench_shim)
target_compile_definitions(bench_kernels PRIVATE SGEO_VERSION="${PROJECT_VERSION}" SGEO_GBENCH_UNITS=${SGEO_GBENCH_UNITS}
  SGEO_SLOWDOWN=${SGEO_SLOWDOWN}.0)
