#include "harness/task.h"

#include <string.h>

/* NAS-Bench-201's own macro network: C=16, N=5, affine batch norm (spec cv_spaces, section 1). */
#define NB201_NET(classes_, pixels)                                                                \
    {                                                                                              \
        .channels = 16, .cells = 5, .classes = (classes_), .image_channels = 3,                    \
        .image_size = (pixels), .edge_affine = true                                                \
    }

/* Stored scores are under the benchmark's own numbers, which the truth file has too. */
#define NB201_STORED(dataset)                                                                      \
    {                                                                                              \
        .file = "groundtruth/proxies_nb201.csv", .arch = {"index", NULL}, .join = "index",         \
        .filter = (dataset)                                                                        \
    }

/* NAS-Bench-101: C=128, three modules a stack (spec cv_spaces, section 2). The CSV has test
 * accuracies of single runs; validation accuracies are in the suite's JSON alone. */
static const struct sgeo_task nb101_cf10 = {.name = "nb101-cf10",
                                            .space = "nb101",
                                            .net = {.channels = 128,
                                                    .cells = 3,
                                                    .classes = 10,
                                                    .image_channels = 3,
                                                    .image_size = 32,
                                                    .edge_affine = true},
                                            .dataset = "cifar10",
                                            .paper_name = "NB101-CF10",
                                            .truth_file = "groundtruth/nb101.csv",
                                            .arch_columns = {"adj_upper", "ops"},
                                            .arch_separator = ":",
                                            .suite_file = "zc_nasbench101.json",
                                            .stored = {.file = "groundtruth/proxies_nb101.csv",
                                                       .arch = {"adj_upper", "ops"},
                                                       .separator = ":"},
                                            .suite_dataset = "cifar10",
                                            .test_column = "test_acc",
                                            .order_column = "naslib_idx",
                                            .default_truth = "test",
                                            .paths_from_list = true};

static const struct sgeo_task nb201_cf10 = {.name = "nb201-cf10",
                                            .space = "nb201",
                                            .net = NB201_NET(10, 32),
                                            .dataset = "cifar10",
                                            .paper_name = "NB201-CF10",
                                            .truth_file = "groundtruth/nb201.csv",
                                            .suite_file = "zc_nasbench201.json",
                                            .suite_dataset = "cifar10",
                                            .stored = NB201_STORED("cifar10"),
                                            .val_column = "cifar10_val",
                                            .test_column = "cifar10_test",
                                            .order_column = "naslib_idx",
                                            .default_truth = "val"};

static const struct sgeo_task nb201_cf100 = {.name = "nb201-cf100",
                                             .space = "nb201",
                                             .net = NB201_NET(100, 32),
                                             .dataset = "cifar100",
                                             .paper_name = "NB201-CF100",
                                             .truth_file = "groundtruth/nb201.csv",
                                             .suite_file = "zc_nasbench201.json",
                                             .suite_dataset = "cifar100",
                                             .stored = NB201_STORED("cifar100"),
                                             .val_column = "cifar100_val",
                                             .test_column = "cifar100_test",
                                             .order_column = "naslib_idx",
                                             .default_truth = "val"};

static const struct sgeo_task nb201_in16 = {.name = "nb201-in16",
                                            .space = "nb201",
                                            .net = NB201_NET(120, 16),
                                            .dataset = "imagenet16-120",
                                            .paper_name = "NB201-IMGNT",
                                            .truth_file = "groundtruth/nb201.csv",
                                            .suite_file = "zc_nasbench201.json",
                                            .suite_dataset = "ImageNet16-120",
                                            .stored = NB201_STORED("ImageNet16-120"),
                                            .val_column = "imagenet16_val",
                                            .test_column = "imagenet16_test",
                                            .order_column = "naslib_idx",
                                            .default_truth = "val"};

/*
 * NAS-Bench-301 on NASLib's proxy network: C=32, 8 cells, plain batch norms in operations (spec
 * cv_spaces, section 3). Nobody trained these cells: the accuracy is a validation accuracy that the
 * benchmark's surrogate (xgb) predicts, and there is no test accuracy.
 */
static const struct sgeo_task nb301_cf10 = {.name = "nb301-cf10",
                                            .space = "nb301",
                                            .net = {.channels = 32,
                                                    .cells = 8,
                                                    .classes = 10,
                                                    .image_channels = 3,
                                                    .image_size = 32,
                                                    .edge_affine = false},
                                            .dataset = "cifar10",
                                            .paper_name = "NB301-CF10",
                                            .truth_file = "groundtruth/nb301.csv",
                                            .suite_file = "zc_nasbench301.json",
                                            .suite_dataset = "cifar10",
                                            .stored = {.file = "groundtruth/proxies_nb301.csv",
                                                       .arch = {"normal", "reduce"},
                                                       .separator = ","},
                                            .arch_columns = {"normal", "reduce"},
                                            .arch_separator = ",",
                                            .val_column = "surrogate_acc",
                                            .default_truth = "val",
                                            .surrogate = true};

/* The embedded default: one cell a stage, grey images padded to 32 x 32, ground truth of our own.
 */
static const struct sgeo_task nb201_fmnist = {.name = "nb201-fmnist",
                                              .space = "nb201",
                                              .net = {.channels = 16,
                                                      .cells = 1,
                                                      .classes = 10,
                                                      .image_channels = 1,
                                                      .image_size = 32,
                                                      .edge_affine = true},
                                              .dataset = "fashion-mnist",
                                              .truth_file = "datasets/nb201-fmnist/accuracy.csv",
                                              .val_column = "val",
                                              .test_column = "test",
                                              .order_column = "index",
                                              .default_truth = "test",
                                              .embedded = true};

/*
 * TransNAS-Bench-101 micro, class_object (spec cv_spaces, sections 4 and 6.1). Truths: top-1 of the
 * last epoch on the validation images, as the authors' code reads it; on the test images only that
 * of the best epoch is published. Images of 256 x 256 are dear: mini-batches of 32, as
 * NAS-Bench-Suite-Zero has them here, and a supernet warmed on 2,000 images for 2 epochs at 100 %.
 */
static const struct sgeo_task tnb101_object = {
    .name = "tnb101-object",
    .space = "tnb101",
    .net = {.channels = 64,
            .cells = 2,
            .classes = 100,
            .image_channels = 3,
            .image_size = 256,
            .edge_affine = true},
    .dataset = "taskonomy",
    .paper_name = "TNB101-Object",
    .truth_file = "groundtruth/tnb101.csv",
    .suite_file = "zc_transbench101_micro.json",
    .suite_dataset = "class_object",
    .stored = {.file = "groundtruth/proxies_tnb101.csv", .arch = {"arch", NULL}},
    .val_column = "class_object_val_final",
    .test_column = "class_object_test_best",
    .order_column = "naslib_idx",
    .default_truth = "val",
    .batch_size = 32,
    .supernet_images = 2000,
    .supernet_epochs = 2};

static const struct sgeo_task *const tasks[] = {&nb101_cf10,   &nb201_cf10, &nb201_cf100,
                                                &nb201_in16,   &nb301_cf10, &tnb101_object,
                                                &nb201_fmnist, NULL};

const struct sgeo_task *const *sgeo_task_all(void)
{
    return tasks;
}

const struct sgeo_task *sgeo_task_find(const char *name)
{
    for (size_t i = 0; tasks[i] != NULL; i++) {
        if (strcmp(tasks[i]->name, name) == 0) {
            return tasks[i];
        }
    }
    return NULL;
}

const struct sgeo_task *sgeo_task_embedded(void)
{
    return &nb201_fmnist;
}
