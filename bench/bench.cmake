# bench_kernels. Everything but the main program and the shim is a library that the tests link too; the
# program itself needs Google Benchmark, and is left out where that is not installed.
file(GLOB sgeo_bench_sources CONFIGURE_DEPENDS bench/*.c bench/loads/*.c)
list(FILTER sgeo_bench_sources EXCLUDE REGEX "/main\\.c$")
add_library(sgeo_bench STATIC ${sgeo_bench_sources})
target_link_libraries(sgeo_bench PUBLIC sgeo_flags sgeo_proxy sgeo_stats)
