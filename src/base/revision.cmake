# Writes OUT, a header with the revision that SOURCE is at now; untouched while that stays the same.
# usage: cmake -DSOURCE=DIR -DOUT=FILE -P revision.cmake, at every build
cmake_minimum_required(VERSION 3.25)
execute_process(COMMAND git -C ${SOURCE} describe --always --dirty OUTPUT_VARIABLE revision
                OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(NOT revision)
  set(revision unknown)
endif()
file(CONFIGURE OUTPUT ${OUT} CONTENT "#define SGEO_REVISION \"@revision@\"\n" @ONLY)
