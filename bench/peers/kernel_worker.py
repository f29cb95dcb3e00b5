#!/usr/bin/env python3
"""The peer process of kernels.py: makes inputs, checks forms, times them; one thread.

Reads requests, one JSON object a line, and answers each with one:
  {"make": kernel, "shape": "name=value ...", "sets": n}   {"errors": {form: relative error}}
  {"time": form, "seconds": s}                             {"seconds": CPU seconds of one call}
The first line it writes says which versions answer. Set i of the inputs is drawn from seed i + 1;
calls take the sets in turn, as bench_kernels does. Needs python3-torch and python3-numpy.
"""
import gc
import json
import math
import re
import sys
import time

import numpy
import torch

import embedding_forms
import interaction_forms
import moments_forms
from kernel_setup import Shape

MAKERS = {
    "f32_embbag": embedding_forms.pooled,
    "f32_embbag_tables": embedding_forms.pooled,
    "f32_embbag_grad": embedding_forms.grouped_gradient,
    "u32_row_groups+f32_embbag_grad": embedding_forms.whole_gradient,
    "f32_row_sgd": embedding_forms.row_sgd,
    "f32_dot_interaction": interaction_forms.dot,
    "f32_dot_interaction_grad": interaction_forms.dot_grad,
    "f32_grad_moments": moments_forms.grad_moments,
    "f32_row_moments": moments_forms.row_moments,
}


def inference(form):
    return torch.inference_mode(not getattr(form, "by_autograd", False))


class Case:
    """The sets of one case's inputs, and how many calls of each form a timing takes."""

    def __init__(self, kernel, shape, sets):
        self.setups = [MAKERS[kernel](shape, 1 + index) for index in range(sets)]
        self.calls, self.known = {}, {}  # by form: calls of a timing, seconds of a call
        self.turn = 0

    def errors(self):
        setup, found = self.setups[0], {}
        for name, form in setup.forms.items():
            with inference(form):
                found[name] = setup.error(name)
        return found

    def elapsed(self, name, calls):
        forms = [setup.forms[name] for setup in self.setups]
        first, self.turn = self.turn, (self.turn + calls) % len(forms)
        with inference(forms[0]):
            start = time.process_time()
            for call in range(first, first + calls):
                forms[call % len(forms)]()
            return time.process_time() - start

    def seconds(self, name, least):
        """Of a call, over a timing of `least` seconds or more, after a discarded call; a form known to
        take ten times as long warms up in the call that is timed."""
        if self.known.get(name, 0.0) < 10.0 * least:
            self.elapsed(name, 1)
        calls = self.calls.get(name, 1)
        while (spent := self.elapsed(name, calls)) < 0.8 * least:
            wanted = 1.1 * calls * least / spent if spent > 0 else math.inf
            calls = math.ceil(min(100 * calls, max(calls + 1, wanted)))
        self.calls[name], self.known[name] = calls, spent / calls
        return spent / calls


def answers(requests):
    case = None
    for request in map(json.loads, requests):
        if "make" in request:
            case = None  # the last case's memory goes first
            case = Case(request["make"], Shape.of(request["shape"]), request["sets"])
            yield {"errors": case.errors()}
        else:
            yield {"seconds": case.seconds(request["time"], request["seconds"])}


def versions():
    capability = re.search(r"CPU capability usage: (\S+)", torch.__config__.show())
    return {"torch": torch.__version__, "torch_vectors": capability.group(1) if capability else "unknown",
            "numpy": numpy.__version__}


def main():
    torch.set_num_threads(1)
    gc.disable()
    print(json.dumps(versions()), flush=True)
    for answer in answers(sys.stdin):
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
