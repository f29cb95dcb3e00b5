"""What bench/peers promises of its parts: forms that compute what they say, draws, cases, the best form.

    python3 tests/bench/peer_forms.py

Needs numpy and torch.
"""
import math
import os
import pathlib
import random
import re
import sys
import unittest

import numpy
import torch

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "bench" / "peers"))

import ctr_torch
import kernel_setup
import kernel_worker
import kernels

TINY = (
    ("f32_embbag", "rows=50 dim=10 batch=7 bag=3"),
    ("f32_embbag", "rows=50 dim=16 batch=7 bag=3 mean=1 idx=zipf:1.05"),
    ("f32_embbag", "rows=50 dim=16 batch=7 bag=3 weights=1"),
    ("f32_embbag", "rows=50 dim=16 batch=7 bag=1 offsets=1"),
    ("f32_embbag_tables", "tables=3 rows=50 dim=16 batch=7 bag=1 wide=1"),
    ("f32_embbag_tables", "tables=3 rows=50 dim=16 batch=7 bag=4 weights=1"),
    ("f32_embbag_grad", "tables=3 rows=20 dim=16 batch=30 bag=1"),
    ("f32_embbag_grad", "rows=20 dim=16 batch=30 bag=4 mean=1"),
    ("u32_row_groups+f32_embbag_grad", "tables=3 rows=20 dim=16 batch=30 bag=1"),
    ("u32_row_groups+f32_embbag_grad", "rows=20 dim=16 batch=30 bag=4 mean=1"),
    ("f32_row_sgd", "rows=50 dim=16 batch=20 bag=1"),
    ("f32_dot_interaction", "batch=5 rows=7 dim=16"),
    ("f32_dot_interaction_grad", "batch=5 rows=7 dim=16"),
    ("f32_grad_moments", "k=4 n=70001"),
    ("f32_grad_moments", "k=5 n=70001 theta=1"),
    ("f32_row_moments", "tables=3 rows=200 dim=16 lookups=40 idx=zipf:1.05"),
    ("f32_row_moments", "rows=5000 dim=16 lookups=3000"),
)


def case_of(kernel, shape, sets=1):
    return kernel_worker.Case(kernel, kernel_setup.Shape.of(shape), sets)


class Forms(unittest.TestCase):
    def test_every_kernel_with_a_peer_is_tried(self):
        self.assertEqual({kernel for kernel, _ in TINY}, set(kernel_worker.MAKERS))
        cases = [case for kernel, shape in TINY for case in kernels.cases_of(kernel, shape, "hot")]
        self.assertEqual({case.kernel for case in cases}, set(kernel_worker.MAKERS))

    def test_all_forms_agree_with_the_definition(self):
        for kernel, shape in TINY:
            for form, error in case_of(kernel, shape).errors().items():
                with self.subTest(kernel=kernel, shape=shape, form=form):
                    self.assertLessEqual(error, kernels.TOLERANCE)

    def test_forms_agree_after_many_calls(self):
        """What a call leaves in its buffers does not reach the next one."""
        for kernel, shape in TINY:
            case = case_of(kernel, shape, sets=2)
            for form in case.setups[0].forms:
                case.elapsed(form, 5)
            for form, error in case.errors().items():
                with self.subTest(kernel=kernel, shape=shape, form=form):
                    self.assertLessEqual(error, kernels.TOLERANCE)

    def test_equal_gradients_have_no_deviation(self):
        """Equal coordinates are counted and left out, by every way of going over the pieces."""
        from moments_forms import dense_forms
        gradients = numpy.random.default_rng(1).random((4, 1000), numpy.float32)
        gradients[:, ::3] = 0.5
        wanted = gradients.astype(numpy.float64)[:, numpy.arange(1000) % 3 > 0]
        ratio = (numpy.abs(wanted).mean(axis=0) / wanted.std(axis=0)).sum()
        for name, form in dense_forms(gradients, None).items():
            with self.subTest(form=name):
                found = form()
                self.assertEqual(found[1], 334)
                self.assertLess(abs(found[0] / ratio - 1.0), kernels.TOLERANCE)


class Rows(unittest.TestCase):
    """Gradients of the rows that click-through models look up."""
    LOOK_UPS = torch.tensor([5, 2, 5, 0, 2, 5])

    def assert_sums(self, found, gradient, bags):
        rows, sums = found
        self.assertEqual(rows.tolist(), [0, 2, 5])
        for row, total in zip(rows, sums):
            torch.testing.assert_close(total, gradient[bags[self.LOOK_UPS == row]].sum(0))

    def test_look_ups_are_summed_by_row(self):
        gradient = torch.rand(6, ctr_torch.DIM)
        self.assert_sums(ctr_torch.sum_by_row(self.LOOK_UPS, gradient), gradient, torch.arange(6))

    def test_look_ups_have_the_gradients_of_their_bags(self):
        gradient, bags = torch.rand(3, ctr_torch.DIM), torch.tensor([0, 1, 1, 1, 2, 2])
        self.assert_sums(ctr_torch.sum_by_row(self.LOOK_UPS, gradient, bags), gradient, bags)


def asked_for_huge_pages(tensor):
    """Of the mapping behind a tensor's middle: whether that was advised. None where nothing says so."""
    middle, inside = tensor.data_ptr() + tensor.numel() * tensor.element_size() // 2, False
    for line in pathlib.Path("/proc/self/smaps").read_text(encoding="utf-8").splitlines():
        bounds = re.match("([0-9a-f]+)-([0-9a-f]+) ", line)
        if bounds:
            inside = int(bounds[1], 16) <= middle < int(bounds[2], 16)
        elif inside and line.startswith("VmFlags:"):
            return "hg" in line.split()
    return None


@unittest.skipUnless(pathlib.Path("/sys/kernel/mm/transparent_hugepage").exists(), "no huge pages to ask for")
@unittest.skipIf(os.environ.get("NUMPY_MADVISE_HUGEPAGE", "1") == "0", "numpy is told not to ask")
class HugePages(unittest.TestCase):
    def test_tables_of_the_careful_styles_ask_for_them(self):
        step = ctr_torch.Step("step_train model=dlrm rows=4000 batch=2")
        batches = ctr_torch.formula_data(step, step.steps)
        for style in (ctr_torch.Best, ctr_torch.Sparse):
            entrant = style(step, batches)
            for tensor in (entrant.table, entrant.table_squares):
                with self.subTest(style=style.__name__):
                    self.assertIn(asked_for_huge_pages(tensor), (True, None))

    def test_each_table_of_the_published_form_asks_for_them(self):
        step = ctr_torch.Step("step_train model=dlrm rows=70000 batch=2")
        authors = ctr_torch.Authors(step, ctr_torch.formula_data(step, step.steps))
        for own in authors.tables:
            self.assertIn(asked_for_huge_pages(own.detach()), (True, None))
            self.assertIn(asked_for_huge_pages(authors.optimiser.state[own]["sum"]), (True, None))


class Errors(unittest.TestCase):
    def error(self, wanted, found):
        return kernel_setup.Setup({"form": lambda: found}, lambda: wanted).error("form")

    def test_a_wrong_element_shows(self):
        wanted = numpy.array([[1.0, 2.0], [3.0, -4.0]])
        wrong = torch.tensor([[1.0, 2.0], [3.001, -4.0]])
        self.assertAlmostEqual(self.error(wanted, wrong), 0.001 / 4, places=6)

    def test_what_cannot_be_compared_is_infinitely_wrong(self):
        wanted = numpy.ones(3)
        for found in (numpy.ones(4), numpy.array([1.0, math.nan, 1.0]), (numpy.ones(3), numpy.ones(3))):
            self.assertEqual(self.error(wanted, found), math.inf)

    def test_whole_numbers_must_be_the_same(self):
        rows = numpy.array([5, 10131226])
        self.assertEqual(self.error(rows, torch.tensor([5, 10131226])), 0.0)
        self.assertEqual(self.error(rows, torch.tensor([5, 10131225])), math.inf)


class Draws(unittest.TestCase):
    def test_zipf_ranks_have_their_frequencies(self):
        rows, count = 1000, 200000
        drawn = kernel_setup.indices(numpy.random.default_rng(1), count, rows, "zipf:1.05")
        weights = numpy.arange(1, rows + 1) ** -1.05
        stride = kernel_setup.stride_of(rows)
        for rank in (1, 2, 10, 1000):
            share = weights[rank - 1] / weights.sum()
            found = numpy.count_nonzero(drawn == rank * stride % rows) / count
            self.assertLess(abs(found - share), 5.0 * math.sqrt(share / count))

    def test_strides_reach_every_row(self):
        for rows in (1, 2, 10, 1000, 99991):
            self.assertEqual(math.gcd(kernel_setup.stride_of(rows), rows), 1)

    def test_floats_are_on_both_sides_of_zero(self):
        values = kernel_setup.floats(numpy.random.default_rng(1), 10000)
        self.assertTrue(-1.0 <= values.min() < -0.99 and 0.99 < values.max() <= 1.0)

    def test_an_unknown_distribution_is_refused(self):
        with self.assertRaises(ValueError):
            kernel_setup.indices(numpy.random.default_rng(1), 1, 10, "pareto:2")


class Cases(unittest.TestCase):
    def test_two_gradients_are_left_out(self):
        self.assertEqual(list(kernels.cases_of("f32_grad_moments", "k=2 n=5", "hot")), [])
        self.assertEqual(len(list(kernels.cases_of("f32_grad_moments", "k=4 n=5", "hot"))), 1)

    def test_a_gradient_stands_alone_and_behind_its_groups(self):
        shape = "rows=20 dim=16 batch=30 bag=1"
        alone, both = kernels.cases_of("f32_embbag_grad", shape, "cold")
        self.assertEqual(alone.lines, (f"f32_embbag_grad {shape}",))
        self.assertEqual(both.lines, (f"u32_row_groups {shape}", f"f32_embbag_grad {shape}"))

    def test_tables_have_a_dense_counterpart_up_to_a_size(self):
        case, = kernels.cases_of("f32_row_moments", "tables=26 rows=100000 dim=16 lookups=512", "hot")
        self.assertEqual(case.dense, "f32_grad_moments k=4 n=41600000 theta=1")
        case, = kernels.cases_of("f32_row_moments", "rows=10000000 dim=16 lookups=512", "hot")
        self.assertIsNone(case.dense)


class Best(unittest.TestCase):
    CASE = kernels.Case("f32_row_moments", "rows=5 dim=1 lookups=1", "hot", (), "f32_grad_moments k=4 n=5")

    def rows(self, errors, seconds):
        rng = random.Random(1)
        seconds = {"ours": [1.0, 1.0, 4.0], **seconds}
        return {row["peer"]: row for row in kernels.rows_of(self.CASE, errors, seconds, "avx2", rng)}

    def test_ratios_are_of_the_same_round(self):
        row = self.rows({"form": 0.0}, {"form": [2.0, 3.0, 8.0]})["form"]
        self.assertEqual((row["ratio"], row["ci_low"], row["ci_high"]), (2.0, 2.0, 3.0))
        self.assertEqual((row["seconds_ours"], row["seconds_peer"], row["rounds"]), (1.0, 3.0, 3))

    def test_the_best_form_is_the_fastest_that_is_right(self):
        rows = self.rows({"wrong": 1e-3, "right": 1e-5, "slow": 0.0},
                         {"wrong": [1.0] * 3, "right": [2.0] * 3, "slow": [3.0] * 3})
        self.assertEqual({name: (row["best"], row["agrees"]) for name, row in rows.items()},
                         {"wrong": ("no", "no"), "right": ("yes", "yes"), "slow": ("no", "yes")})

    def test_our_own_dense_kernel_is_no_peer(self):
        rows = self.rows({"form": 0.0}, {kernels.OWN_DENSE: [2.0] * 3, "form": [3.0] * 3})
        self.assertEqual([name for name, row in rows.items() if row["best"] == "yes"], ["form"])


if __name__ == "__main__":
    torch.set_num_threads(1)
    unittest.main()
