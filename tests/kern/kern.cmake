# Tests of the kernels that are more than one program per file: the AVX-512 sources under emulation,
# a scan of the objects, and the programs on older and other CPUs.
function(sgeo_emulated_cpu_program)
  add_executable(test_kern_emulated_cpu ${CMAKE_CURRENT_LIST_DIR}/emulated/test_cpu.c)
  target_link_libraries(test_kern_emulated_cpu PRIVATE sgeo_kernels PkgConfig::CHECK)
  target_include_directories(test_kern_emulated_cpu PRIVATE ${CMAKE_CURRENT_LIST_DIR})
  add_dependencies(kern_tests test_kern_emulated_cpu)
endfunction()

if(CMAKE_CROSSCOMPILING_EMULATOR)
  sgeo_emulated_cpu_program()
  add_test(NAME kern/cross_prove COMMAND test_kern_emulated_cpu WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(kern/cross_prove PROPERTIES LABELS kern TIMEOUT 600)
  # Every bundle between guard pages, and the faults: three minutes.
  set_tests_properties(kern/prove PROPERTIES TIMEOUT 1800)
endif()

if(NOT TARGET sgeo_kernels_avx512)
  return() # not an x86 build
endif()

find_path(SIMDE_INCLUDE simde/x86/avx512.h)
if(SIMDE_INCLUDE)
  sgeo_own_sources(sources emulated avx512bf16 avx512)
  add_executable(test_kern_avx512_emulated ${CMAKE_CURRENT_LIST_DIR}/emulated/test_avx512.c ${sources})
  target_link_libraries(test_kern_avx512_emulated PRIVATE sgeo_kernels PkgConfig::CHECK)
  target_include_directories(test_kern_avx512_emulated PRIVATE ${CMAKE_CURRENT_LIST_DIR})
  target_include_directories(test_kern_avx512_emulated SYSTEM PRIVATE ${SIMDE_INCLUDE})
  target_compile_definitions(test_kern_avx512_emulated PRIVATE SGEO_TIER=emulated
    SGEO_AVX512_HEADER="emulated/simde_avx512.h")
  # The scalar sources among them get their prototypes from the same header.
  target_compile_options(test_kern_avx512_emulated PRIVATE -include emulated/simde_avx512.h -Wno-psabi)
  add_dependencies(kern_tests test_kern_avx512_emulated)
  add_test(NAME kern/avx512_emulated COMMAND test_kern_avx512_emulated
           WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(kern/avx512_emulated PROPERTIES LABELS kern TIMEOUT 600)
endif()

set(bf16_objects)
if(TARGET sgeo_kernels_avx512bf16)
  set(bf16_objects $<JOIN:$<TARGET_OBJECTS:sgeo_kernels_avx512bf16>,,>)
endif()
if(CMAKE_OBJDUMP)
  add_test(NAME kern/zmm_scan COMMAND ${CMAKE_COMMAND} -DOBJDUMP=${CMAKE_OBJDUMP}
    "-DOUTSIDE=$<JOIN:$<TARGET_OBJECTS:sgeo_kernels>;$<TARGET_OBJECTS:sgeo_kernels_scalar>;$<TARGET_OBJECTS:sgeo_kernels_avx2>,,>"
    "-DINSIDE=$<JOIN:$<TARGET_OBJECTS:sgeo_kernels_avx512>,,>"
    "-DINSIDE_BF16=${bf16_objects}"
    -P ${CMAKE_CURRENT_LIST_DIR}/zmm_scan.cmake)
  set_tests_properties(kern/zmm_scan PROPERTIES LABELS kern)
endif()

# NAME runs a program on another CPU, by user-mode emulation; skipped, in so many words, without.
function(sgeo_emulated_test name cpu target)
  add_test(NAME kern/${name} COMMAND ${CMAKE_CURRENT_LIST_DIR}/emulated/run.sh ${cpu} $<TARGET_FILE:${target}>
           WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(kern/${name} PROPERTIES LABELS kern TIMEOUT 600 SKIP_RETURN_CODE 77)
endfunction()

# AVX2 without AVX-512, and neither: nothing outside a tier's objects may need what the CPU lacks.
if(NOT CMAKE_C_FLAGS MATCHES "-fsanitize")
  sgeo_emulated_cpu_program()
  sgeo_emulated_test(haswell_prove Haswell test_kern_emulated_cpu)
  foreach(what bf16 codes concat contracts dense depthwise dispatch embedding interaction loss moments winograd)
    sgeo_emulated_test(haswell_${what} Haswell test_kern_${what})
  endforeach()
  sgeo_emulated_test(nehalem_prove Nehalem test_kern_emulated_cpu)
  sgeo_emulated_test(nehalem_dispatch Nehalem test_kern_dispatch)
endif()
