#include "cli/lists.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "data/ctr_source.h"
#include "harness/ctr_task.h"
#include "harness/figure.h"
#include "harness/paper.h"
#include "harness/table.h"
#include "harness/task.h"
#include "kernels/dispatch/dispatch.h"
#include "proxy/ctr_measure.h"
#include "space/nasrec.h"
#include "space/space.h"
#include "stats/power.h"

/* The bundles of this build; + where a kernel is written with intrinsics, not left to the compiler.
 */
static void list_tiers(const char *op)
{
    for (int i = 0; i < SGEO_ISA_COUNT; i++) {
        struct sgeo_kernels kernels;
        enum sgeo_isa isa = (enum sgeo_isa)i;
        if (sgeo_kernels_fill(&kernels, isa)) {
            printf("%s%s%s", i == 0 ? "" : " ", sgeo_isa_name(isa),
                   sgeo_kernel_has_intrinsics(op, isa) ? "+" : "");
        }
    }
}

static void list_kernel(const char *op, double bound, double flops, double bytes,
                        const char *summary)
{
    char contract[SGEO_CONTRACT_BYTES] = "";
    sgeo_kernel_contract(contract, op);
    printf("%s\t", op);
    list_tiers(op);
    printf("\t%g\t%s\t%s\t%g\t%g\n", bound, summary, contract, flops, bytes);
}

static void list_kernels(void)
{
    printf("kernel\ttiers (+ intrinsics)\tbound\twhat\tcontract\tflops an element\tbytes\n");
#define SGEO_KERNEL(op, tile, bound, flops, bytes, summary)                                        \
    list_kernel(#op, bound, flops, bytes, summary);
#include "kernels/kernels.inc"
#undef SGEO_KERNEL
}

static void list_isas(void)
{
    struct sgeo_cpu cpu;
    sgeo_cpu_detect(&cpu);
    printf("isa\tavailable\twhy not\n");
    for (int isa = 0; isa < SGEO_ISA_COUNT; isa++) {
        const char *why = sgeo_isa_refusal(&cpu, (enum sgeo_isa)isa);
        printf("%s\t%s\t%s\n", sgeo_isa_name((enum sgeo_isa)isa), why == NULL ? "yes" : "no",
               why == NULL ? "" : why);
    }
}

static void list_spaces(void)
{
    printf("space\tgrammar\n");
    for (const struct sgeo_space *const *space = sgeo_space_all(); *space != NULL; space++) {
        printf("%s\t%s\n", (*space)->name, (*space)->grammar);
    }
    for (size_t i = 0; i < 2; i++) {
        printf("nasrec-%s\tnasrec-%s and 7 blocks OPS|DIMS|MERGES|DENSE;SPARSE;LEFT,RIGHT, e.g. "
               "F,E|256,48|i|0;0;0,0 (--search, --table 3, 3b, --figure 4)\n",
               sgeo_nasrec_space_names[i], sgeo_nasrec_space_names[i]);
    }
}

/* Those of click-through models alone come last. */
static void list_proxies(void)
{
    printf("proxy\tformula\tby --convention ours\n");
    for (const struct sgeo_proxy *const *proxy = sgeo_proxy_all(); *proxy != NULL; proxy++) {
        printf("%s\t%s\t%s\n", (*proxy)->name, (*proxy)->formula,
               (*proxy)->ours == NULL ? "the same" : (*proxy)->ours);
    }
    for (const struct sgeo_proxy *const *proxy = sgeo_ctr_proxy_all(); *proxy != NULL; proxy++) {
        if (sgeo_proxy_find((*proxy)->name) == NULL) {
            printf("%s\t%s (%s)\n", (*proxy)->name, (*proxy)->formula,
                   ((*proxy)->passes & SGEO_PASS_NASREC) != 0
                       ? "searched: --search; correlated: --table 3b"
                       : "correlated: --table 3b");
        }
    }
}

static void list_datasets(void)
{
    static const struct {
        const char *name, *shape, *files, *otherwise;
    } sets[] = {
        {"cifar10", "3x32x32, 10 classes", "cifar-10-batches-bin/*.bin", "exit 4"},
        {"cifar100", "3x32x32, 100 classes", "cifar-100-binary/*.bin", "stand-in from cifar10"},
        {"imagenet16-120", "3x16x16, 120 classes", "-", "stand-in from cifar10"},
        {"taskonomy", "3x256x256, 100 classes", "-", "stand-in from cifar10"},
        {"mnist", "1x28x28, 10 classes", "mnist/*-ubyte[.gz]", "exit 4"},
        {"fashion-mnist", "1x28x28, 10 classes", "fashion-mnist/*-ubyte[.gz]",
         "Debian's dataset-fashion-mnist"},
    };
    printf("dataset\ta record\tread from --data DIR\tand without it\n");
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        printf("%s\t%s\t%s\t%s\n", sets[i].name, sets[i].shape, sets[i].files, sets[i].otherwise);
    }
    for (const struct sgeo_ctr_schema *const *at = sgeo_ctr_schema_all(); *at != NULL; at++) {
        const char *files[SGEO_CTR_FILES];
        sgeo_ctr_source_files(files, *at);
        printf("%s\tclick, %zu number%s, %zu categories\t%s%s%s\tgenerated rows (ctr-synth)\n",
               (*at)->name, (*at)->n_dense, (*at)->n_dense == 1 ? "" : "s", (*at)->n_fields,
               files[0], files[1] == NULL ? "" : " ", files[1] == NULL ? "" : files[1]);
    }
}

/* Spearman of ZiCo's with sigeo-naslib's cold scores, measured over 1,000 cells of nb201-cf10. */
#define SCORE_AGREEMENT 0.98

/*
 * Architectures that would tell the paper's two cold correlations apart with 80 % power, as text:
 * "-" where the paper has no such cells.
 */
static void paper_sample_size(char text[32], const struct sgeo_csv *paper,
                              const struct sgeo_task *task)
{
    double zico = sgeo_paper_table2_value(paper, task, &sgeo_proxy_zico, 0.0, "spearman");
    double sigeo = sgeo_paper_table2_value(paper, task, &sgeo_proxy_sigeo_naslib, 0.0, "spearman");
    size_t n;
    snprintf(text, 32, "-");
    if (!isnan(zico) && !isnan(sigeo) &&
        sgeo_power_sample_size(&n, sigeo, zico, SCORE_AGREEMENT) == SGEO_OK) {
        snprintf(text, 32, "%zu", n);
    }
}

static void list_task(const struct sgeo_task *task, const struct sgeo_csv *paper)
{
    char n[32];
    paper_sample_size(n, paper, task);
    const char *test = task->val_column == NULL ? "test" : " test";
    printf("%s\t%s\t%s\t%zu\t%zu\t%zu\t%zux%zux%zu\t%s%s%s\t%s\n", task->name, task->space,
           task->dataset, task->net.cells, task->net.channels, task->net.classes,
           task->net.image_channels, task->net.image_size, task->net.image_size,
           task->val_column == NULL ? "" : "val", task->test_column == NULL ? "" : test,
           task->embedded    ? " (embedded)"
           : task->surrogate ? " (surrogate)"
                             : "",
           n);
}

static void list_tasks(void)
{
    struct sgeo_csv paper = {0};
    if (sgeo_paper_read(&paper, "2") != SGEO_OK) {
        paper = (struct sgeo_csv){0}; /* then no task has a sample size */
    }
    printf("task\tspace\tdataset\tcells\tchannels\tclasses\timage\ttruth\tn_for_paper_gain\n");
    for (const struct sgeo_task *const *task = sgeo_task_all(); *task != NULL; task++) {
        list_task(*task, &paper);
    }
    for (const struct sgeo_ctr_task *const *task = sgeo_ctr_task_all(); *task != NULL; task++) {
        printf("%s\tnasrec\t%s\t-\t-\t2\t-\tlog loss (--search, --table 3, 3b, --figure 1, 4)\t-\n",
               (*task)->name, (*task)->name);
    }
    sgeo_csv_clear(&paper);
}

static void list_tables(void)
{
    printf("table\twhat\n");
    for (const struct sgeo_table *const *table = sgeo_table_all(); *table != NULL; table++) {
        printf("%s\t%s\n", (*table)->number, (*table)->summary);
    }
}

static void list_figures(void)
{
    printf("figure\twhat\n");
    for (const struct sgeo_figure *const *figure = sgeo_figure_all(); *figure != NULL; figure++) {
        printf("%s\t%s\n", (*figure)->number, (*figure)->summary);
    }
}

enum sgeo_status sgeo_list(const char *what)
{
    static const struct {
        const char *name;
        void (*list)(void);
    } lists[] = {{"kernels", list_kernels}, {"isas", list_isas},         {"spaces", list_spaces},
                 {"proxies", list_proxies}, {"datasets", list_datasets}, {"tasks", list_tasks},
                 {"tables", list_tables},   {"figures", list_figures}};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        if (strcmp(what, lists[i].name) == 0) {
            lists[i].list();
            return SGEO_OK;
        }
    }
    return sgeo_fail(SGEO_USAGE,
                     "kernels, isas, spaces, proxies, datasets, tasks, tables or figures",
                     "nothing to list: %s", what);
}
