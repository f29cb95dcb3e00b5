# The kernels' room. kernels/scalar is compiled once per tier; kernels/avx512, kernels/avx512bf16 and kernels/neon
# replace, file by file, what their scalar namesakes would be in that tier. ISA flags never leave the tier's own
# objects.
set(SGEO_KERNELS_DIR ${CMAKE_CURRENT_LIST_DIR})
file(GLOB sgeo_scalar_sources CONFIGURE_DEPENDS ${SGEO_KERNELS_DIR}/scalar/*.c)
file(GLOB sgeo_kernel_sources CONFIGURE_DEPENDS ${SGEO_KERNELS_DIR}/ref/*.c
     ${SGEO_KERNELS_DIR}/dispatch/*.c ${SGEO_KERNELS_DIR}/prove/*.c)

# No errno and no trap handlers: square roots and selections may be vector code. Values do not change.
set(sgeo_tier_flags -fno-math-errno -fno-trapping-math)
if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
  # Loops over 8 or 16 lanes must reach the vectoriser as they are: not peeled into statements,
  # not jammed with the loop around them, not turned into memset and memcpy calls.
  list(APPEND sgeo_tier_flags "SHELL:--param max-completely-peel-times=7" -fno-loop-unroll-and-jam
       -fno-tree-loop-distribute-patterns)
endif()

# Objects of one tier: `sources` with the symbol suffix `tier` and the ISA flags behind them.
function(sgeo_kernel_tier tier sources)
  add_library(sgeo_kernels_${tier} OBJECT ${sources})
  target_link_libraries(sgeo_kernels_${tier} PRIVATE sgeo_flags)
  target_compile_definitions(sgeo_kernels_${tier} PRIVATE SGEO_TIER=${tier})
  target_compile_options(sgeo_kernels_${tier} PRIVATE ${sgeo_tier_flags} ${ARGN})
endfunction()

# Sources of a tier of its own: each file of its folders, of the first one that has it, and the scalar sources
# that none of them replaces. sgeo_kernels_written grows by tier/op for each of the former.
function(sgeo_own_sources result tier)
  set(names)
  set(sources)
  foreach(folder ${ARGN} scalar)
    file(GLOB files CONFIGURE_DEPENDS ${SGEO_KERNELS_DIR}/${folder}/*.c)
    foreach(source ${files})
      get_filename_component(op ${source} NAME_WE)
      if(op IN_LIST names)
        continue()
      endif()
      list(APPEND names ${op})
      list(APPEND sources ${source})
      if(NOT folder STREQUAL "scalar")
        string(APPEND sgeo_kernels_written " ${tier}/${op}")
      endif()
    endforeach()
  endforeach()
  set(sgeo_kernels_written "${sgeo_kernels_written}" PARENT_SCOPE)
  set(${result} ${sources} PARENT_SCOPE)
endfunction()

set(sgeo_tiers scalar)
set(SGEO_KERNELS_X86 0)
set(SGEO_KERNELS_BF16 0)
set(SGEO_KERNELS_NEON 0)
sgeo_kernel_tier(scalar "${sgeo_scalar_sources}")
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|amd64)$")
  set(SGEO_KERNELS_X86 1)
  # gcc clears the upper halves of vector registers behind a kernel with expensive optimizations only,
  # which -O1, the sanitizers' level, leaves out (and at -Os not at all).
  set(sgeo_wide_flags -mavx2 -mfma)
  if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
    list(APPEND sgeo_wide_flags -fexpensive-optimizations)
  endif()
  sgeo_kernel_tier(avx2 "${sgeo_scalar_sources}" ${sgeo_wide_flags})
  set(sgeo_widest_flags ${sgeo_wide_flags} -mavx512f -mavx512bw -mavx512dq -mavx512vl -mprefer-vector-width=512)
  sgeo_own_sources(sources avx512 avx512)
  sgeo_kernel_tier(avx512 "${sources}" ${sgeo_widest_flags})
  list(APPEND sgeo_tiers avx2 avx512)
  include(CheckCCompilerFlag)
  check_c_compiler_flag(-mavx512bf16 SGEO_CC_AVX512BF16)
  if(SGEO_CC_AVX512BF16)
    set(SGEO_KERNELS_BF16 1)
    sgeo_own_sources(sources avx512bf16 avx512bf16 avx512)
    sgeo_kernel_tier(avx512bf16 "${sources}" ${sgeo_widest_flags} -mavx512bf16)
    list(APPEND sgeo_tiers avx512bf16)
  else() # the bundle has the kernels of avx512
    sgeo_own_sources(sources avx512bf16 avx512)
  endif()
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "^(aarch64|arm64)$")
  set(SGEO_KERNELS_NEON 1)
  sgeo_own_sources(sources neon neon)
  sgeo_kernel_tier(neon "${sources}")
  list(APPEND sgeo_tiers neon)
endif()

add_library(sgeo_kernels STATIC ${sgeo_kernel_sources})
target_link_libraries(sgeo_kernels PUBLIC sgeo_flags sgeo_base)
target_compile_definitions(sgeo_kernels PUBLIC SGEO_KERNELS_X86=${SGEO_KERNELS_X86}
                           SGEO_KERNELS_BF16=${SGEO_KERNELS_BF16} SGEO_KERNELS_NEON=${SGEO_KERNELS_NEON})

# Which header declares each kernel, for the listing: " op:header op:header", from the headers themselves.
file(GLOB sgeo_contracts CONFIGURE_DEPENDS RELATIVE ${SGEO_KERNELS_DIR} ${SGEO_KERNELS_DIR}/contract/*.h)
set(sgeo_kernels_contracts)
foreach(header ${sgeo_contracts})
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${SGEO_KERNELS_DIR}/${header})
  file(STRINGS ${SGEO_KERNELS_DIR}/${header} types REGEX "^typedef void sgeo_[a-z0-9_]+_sig\\(")
  foreach(type ${types})
    string(REGEX REPLACE "^typedef void sgeo_([a-z0-9_]+)_sig.*" "\\1" op "${type}")
    string(APPEND sgeo_kernels_contracts " ${op}:${header}")
  endforeach()
endforeach()
set_source_files_properties(${SGEO_KERNELS_DIR}/dispatch/table.c PROPERTIES
  COMPILE_DEFINITIONS "SGEO_KERNELS_WRITTEN=\"${sgeo_kernels_written}\";SGEO_KERNELS_CONTRACTS=\"${sgeo_kernels_contracts}\"")
foreach(tier ${sgeo_tiers})
  target_sources(sgeo_kernels PRIVATE $<TARGET_OBJECTS:sgeo_kernels_${tier}>)
endforeach()
