# Fails when a ZMM register occurs outside the objects of the AVX-512 tiers, or an instruction of AVX512_BF16
# outside those of its own: another tier's code would then die on the CPUs it is for. And when none occurs
# inside: the tier would not be what it says.
#   cmake -DOBJDUMP=... -DOUTSIDE=a.o,b.o -DINSIDE=c.o,d.o [-DINSIDE_BF16=e.o,f.o] -P zmm_scan.cmake

function(count_lines result pattern objects)
  string(REPLACE "," ";" list "${objects}")
  list(LENGTH list n_objects)
  if(n_objects EQUAL 0)
    message(FATAL_ERROR "no objects to scan")
  endif()
  execute_process(COMMAND ${OBJDUMP} -d --no-show-raw-insn ${list} OUTPUT_VARIABLE code
                  RESULT_VARIABLE failed)
  if(failed)
    message(FATAL_ERROR "${OBJDUMP} failed")
  endif()
  string(REGEX MATCHALL "[^\n]*${pattern}[^\n]*" lines "${code}")
  list(LENGTH lines n)
  set(${result} ${n} PARENT_SCOPE)
endfunction()

function(expect_inside what pattern outside inside)
  count_lines(n_outside "${pattern}" "${outside}")
  count_lines(n_inside "${pattern}" "${inside}")
  message(STATUS "${what}: ${n_outside} outside, ${n_inside} inside")
  if(NOT n_outside EQUAL 0 OR n_inside EQUAL 0)
    message(FATAL_ERROR "expected none outside and some inside")
  endif()
endfunction()

expect_inside("instructions with ZMM registers" "%zmm" "${OUTSIDE}" "${INSIDE}")
if(INSIDE_BF16)
  expect_inside("instructions of AVX512_BF16" "v(cvtne[a-z0-9]*|dp)bf16" "${OUTSIDE},${INSIDE}" "${INSIDE_BF16}")
endif()
