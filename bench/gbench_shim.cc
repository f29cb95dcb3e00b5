#include "bench/gbench_shim.h"

#include <benchmark/benchmark.h>

#include <cstdio>
#include <exception>
#include <memory>
#include <regex>
#include <string>
#include <vector>

namespace
{

enum sgeo_status fail(const std::exception &error)
{
    return sgeo_fail(SGEO_IO, nullptr, "Google Benchmark: %s", error.what());
}

benchmark::State &state_of(struct sgeo_gbench_state *state)
{
    return *reinterpret_cast<benchmark::State *>(state);
}

/* The display that the arguments chose, and the observer beside it. */
class Observer : public benchmark::BenchmarkReporter
{
  public:
    Observer(void (*observe)(const struct sgeo_gbench_result *, void *), void *context)
        : display_(benchmark::CreateDefaultDisplayReporter()), observe_(observe), context_(context)
    {
    }

    bool ReportContext(const Context &context) override
    {
        return display_->ReportContext(context);
    }

    void ReportRuns(const std::vector<Run> &runs) override
    {
        display_->ReportRuns(runs);
        for (const Run &run : runs)
            if (run.run_type == Run::RT_Iteration && run.iterations > 0)
                report(run);
    }

    void Finalize() override
    {
        display_->Finalize();
    }

  private:
    void report(const Run &run)
    {
        struct sgeo_gbench_result result = {};
        result.name = run.run_name.function_name.c_str();
        result.calls = static_cast<size_t>(run.iterations);
        result.seconds = run.cpu_accumulated_time / static_cast<double>(run.iterations);
        observe_(&result, context_);
    }

    std::unique_ptr<benchmark::BenchmarkReporter> display_;
    void (*observe_)(const struct sgeo_gbench_result *, void *);
    void *context_;
};

} // namespace

enum sgeo_status sgeo_gbench_start(int *argc, char **argv)
{
    try {
        benchmark::Initialize(argc, argv);
        return SGEO_OK;
    } catch (const std::exception &error) {
        return fail(error);
    }
}

/* Nothing and `all` are all benchmarks; a minus sign in front selects the others. */
enum sgeo_status sgeo_gbench_selects(bool *selects, const char *name)
{
    try {
        std::string filter = benchmark::GetBenchmarkFilter();
        if (filter.empty() || filter == "all")
            filter = ".";
        bool others = filter[0] == '-';
        std::regex regex(others ? filter.substr(1) : filter, std::regex_constants::extended);
        *selects = std::regex_search(name, regex) != others;
        return SGEO_OK;
    } catch (const std::regex_error &error) {
        return sgeo_fail(SGEO_USAGE, "a POSIX extended regular expression, e.g. ^f32_embbag/",
                         "malformed --benchmark_filter: %s", error.what());
    } catch (const std::exception &error) {
        return fail(error);
    }
}

void sgeo_gbench_filter(char *filter, size_t capacity)
{
    try {
        snprintf(filter, capacity, "%s", benchmark::GetBenchmarkFilter().c_str());
    } catch (const std::exception &) {
        snprintf(filter, capacity, "%s", "");
    }
}

void sgeo_gbench_print_help(void)
{
    benchmark::PrintDefaultHelp();
}

enum sgeo_status sgeo_gbench_add(const char *name, sgeo_gbench_body body, void *context)
{
    try {
        benchmark::RegisterBenchmark(name, [body, context](benchmark::State &state) {
            body(reinterpret_cast<struct sgeo_gbench_state *>(&state), context);
        });
        return SGEO_OK;
    } catch (const std::exception &error) {
        return fail(error);
    }
}

enum sgeo_status sgeo_gbench_context(const char *key, const char *value)
{
    try {
        benchmark::AddCustomContext(key, value);
        return SGEO_OK;
    } catch (const std::exception &error) {
        return fail(error);
    }
}

/* One batch of all iterations: the loop itself is the caller's. */
size_t sgeo_gbench_begin(struct sgeo_gbench_state *state)
{
    benchmark::State &own = state_of(state);
    return own.KeepRunningBatch(own.max_iterations) ? static_cast<size_t>(own.max_iterations) : 0;
}

void sgeo_gbench_end(struct sgeo_gbench_state *state)
{
    benchmark::State &own = state_of(state);
    own.KeepRunningBatch(own.max_iterations);
}

/* Names and maps may find no memory: then the counter is missing. */
void sgeo_gbench_counter(struct sgeo_gbench_state *state, const char *name, double value)
{
    try {
        state_of(state).counters[name] = benchmark::Counter(value);
    } catch (const std::exception &) {
    }
}

/* Newer versions copy the reason. */
void sgeo_gbench_skip(struct sgeo_gbench_state *state, const char *why)
{
    try {
        state_of(state).SkipWithError(why);
    } catch (const std::exception &) {
        state_of(state).SkipWithError("");
    }
}

enum sgeo_status sgeo_gbench_run(size_t *n_run,
                                 void (*observe)(const struct sgeo_gbench_result *result,
                                                 void *context),
                                 void *context)
{
    try {
        Observer observer(observe, context);
        *n_run = benchmark::RunSpecifiedBenchmarks(&observer);
        benchmark::Shutdown();
        return SGEO_OK;
    } catch (const std::exception &error) {
        return fail(error);
    }
}
