# Writes OUT, a header with the revision that SOURCE is at now; untouched while that stays the same. A
# source that is no checkout itself (a tarball in somebody's repository) has an unknown one.
# usage: cmake -DSOURCE=DIR -DOUT=FILE -P revision.cmake, at every build
cmake_minimum_required(VERSION 3.25)
set(revision unknown)
if(EXISTS ${SOURCE}/.git)
  # whoever builds, from wherever: not the owner alone, not a hook's repository
  execute_process(COMMAND ${CMAKE_COMMAND} -E env --unset=GIT_DIR --unset=GIT_WORK_TREE --unset=GIT_INDEX_FILE
                          git -c safe.directory=* -C ${SOURCE} describe --always --dirty
                  OUTPUT_VARIABLE described OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(described)
    set(revision ${described})
  endif()
endif()
file(CONFIGURE OUTPUT ${OUT} CONTENT "#define SGEO_REVISION \"@revision@\"\n" @ONLY)
