# Fails when a ZMM register occurs outside the objects of the AVX-512 tier: another tier's code would
# then die on the CPUs it is for. And when none occurs inside: the tier would not be what it says.
#   cmake -DOBJDUMP=... -DOUTSIDE=a.o,b.o -DINSIDE=c.o,d.o -P zmm_scan.cmake

function(count_zmm result objects)
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
  string(REGEX MATCHALL "[^\n]*%zmm[^\n]*" lines "${code}")
  list(LENGTH lines n)
  set(${result} ${n} PARENT_SCOPE)
endfunction()

count_zmm(outside "${OUTSIDE}")
count_zmm(inside "${INSIDE}")
message(STATUS "instructions with ZMM registers: ${outside} outside the AVX-512 tier, ${inside} inside")
if(NOT outside EQUAL 0 OR inside EQUAL 0)
  message(FATAL_ERROR "expected none outside and some inside")
endif()
