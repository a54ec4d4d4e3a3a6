#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Attention and its derivatives in PyTorch and JAX, timed as `theria bench sdpa` times theria.

One JSON object a line: impl op shape causal precision device ms ms_lower ms_upper tflops error extra_bytes,
or `refused` with the reason. VJP takes the forward's results as given; HVP is the tangent of the VJP, with
the tangent of the cotangent, and gives the VJP too. Errors are against float64 of the same library, over
the first and the last head. Needs torch and/or jax; runs on the GPU if there is one, else on the CPU.

  python sdpa_peers.py --preset x2k large --precision float32 --json peers.jsonl
"""

import argparse
import contextlib
import json
import math
import os
import statistics
import sys
import time

os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")

PRESETS = {"small": (4, 4, 128, 128, 64), "medium": (8, 8, 256, 256, 64), "large": (2, 16, 1024, 1024, 64),
           "x2k": (4, 16, 2048, 2048, 64), "x4k": (2, 16, 4096, 4096, 128)}
PRODUCTS = {"forward": 2, "vjp": 5, "jvp": 6, "hvp": 15}
OPERATORS = list(PRODUCTS)
PRECISIONS = ["float64", "float32", "tfloat32", "bfloat16", "float16"]


def measure(call, wait, seconds):
    """Median and quartiles of one call in ms: groups of calls, one group a sample, as in `theria bench`."""
    def group(calls):
        start = time.perf_counter()
        for _ in range(calls):
            call()
        wait()
        return time.perf_counter() - start

    for _ in range(3):
        once = group(1)
    calls = max(1, int(0.004 / max(once, 1e-7)))
    samples, spent = [], 0.0
    while len(samples) < 7 or (spent < seconds and len(samples) < 50):
        took = group(calls)
        samples.append(1e3 * took / calls)
        spent += took
        if spent > 10 * seconds and len(samples) >= 3:
            break
    lower, median, upper = (statistics.quantiles(samples, n=4, method="inclusive") if len(samples) > 1
                            else samples * 3)
    return median, lower, upper


class Torch:
    """Fused kernels by name, the dense formula, and the dense formula compiled."""

    def __init__(self):
        import torch
        self.torch = torch
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        self.name = torch.cuda.get_device_name() if self.device == "cuda" else "cpu"
        self.implementations = ["torch_dense", "torch_compile", "torch_sdpa"]
        if self.device == "cuda":
            self.implementations += ["torch_flash", "torch_flash_deterministic", "torch_efficient", "torch_cudnn"]

    def wait(self):
        if self.device == "cuda":
            self.torch.cuda.synchronize()

    def tensors(self, shape, precision):
        torch = self.torch
        b, h, tq, tk, d = shape
        dtype = {"tfloat32": torch.float32}.get(precision) or getattr(torch, precision)
        torch.backends.cuda.matmul.allow_tf32 = precision == "tfloat32"
        torch.manual_seed(0)
        return [torch.randn(b, h, t, d, device=self.device, dtype=torch.float64).to(dtype)
                for t in (tq, tk, tk, tq) * 2]  # q k v d_o and their tangents

    def function(self, implementation, causal):
        torch = self.torch
        if implementation in ("torch_dense", "torch_compile"):
            def dense(q, k, v):
                s = (q @ k.transpose(-1, -2)) / math.sqrt(q.shape[-1])
                if causal:
                    tq, tk = s.shape[-2:]
                    keep = torch.ones(tq, tk, dtype=torch.bool, device=s.device).tril(tk - tq)
                    s = s.masked_fill(~keep, -math.inf)
                return torch.softmax(s, -1) @ v
            return dense
        return lambda q, k, v: torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=causal)

    def scope(self, implementation):
        """In which scaled_dot_product_attention is this implementation; entered once, not in what is timed."""
        from torch.nn.attention import SDPBackend, sdpa_kernel
        backend = {"torch_flash": SDPBackend.FLASH_ATTENTION, "torch_flash_deterministic": SDPBackend.FLASH_ATTENTION,
                   "torch_cudnn": SDPBackend.CUDNN_ATTENTION,
                   "torch_efficient": SDPBackend.EFFICIENT_ATTENTION}.get(implementation)
        return sdpa_kernel([backend]) if backend else contextlib.nullcontext()

    def operator(self, implementation, op, causal, tensors):
        """A call without arguments that returns the operator's results."""
        from torch.func import jvp, vjp
        torch = self.torch
        f = self.function(implementation, causal)
        q, k, v, d_o, *dot = tensors
        compiled = torch.compile if implementation == "torch_compile" else (lambda g: g)
        torch.use_deterministic_algorithms(False)
        if op == "forward":
            g = compiled(f)
            return lambda: g(q, k, v)
        if op == "vjp" and implementation != "torch_compile":
            leaves = [x.detach().requires_grad_() for x in (q, k, v)]
            o = f(*leaves)

            def backward():
                torch.use_deterministic_algorithms(implementation == "torch_flash_deterministic")
                return torch.autograd.grad(o, leaves, d_o, retain_graph=True)
            return backward
        if implementation == "torch_flash_deterministic":
            raise RuntimeError("differs in its VJP alone; see torch_flash")

        def gradient(q, k, v, d_o):
            return vjp(f, q, k, v)[1](d_o)
        if op == "vjp":
            raise RuntimeError("timed with its forward only; see torch_dense")
        if op == "jvp":
            g = compiled(lambda *x: jvp(f, x[:3], x[3:]))
            return lambda: g(q, k, v, *dot[:3])
        g = compiled(lambda *x: jvp(gradient, x[:4], x[4:]))
        return lambda: g(*tensors)

    def extra_bytes(self, call):
        if self.device != "cuda":
            return None
        torch = self.torch
        torch.cuda.reset_peak_memory_stats()
        before = torch.cuda.memory_allocated()
        results = self.flat(call())
        self.wait()
        own = sum(x.numel() * x.element_size() for x in results)
        return max(0, torch.cuda.max_memory_allocated() - before - own)

    def flat(self, results):
        if self.torch.is_tensor(results):
            return [results]
        return [x for part in results for x in self.flat(part)]

    def heads(self, results):
        return [x.detach()[s, t].double().cpu().numpy() for x in self.flat(results)
                for s, t in ((0, 0), (-1, -1))]

    def one_head(self, tensors):
        return [[x[s:s + 1 or None, t:t + 1 or None].double() for x in tensors] for s, t in ((0, 0), (-1, -1))]

    def exact(self, op, causal, tensors):
        each = [self.flat(self.operator("torch_dense", op, causal, head)()) for head in self.one_head(tensors)]
        return [x.detach()[0, 0].cpu().numpy() for pair in zip(*each) for x in pair]


class Jax:
    """The dense formula under jit, the fastest route to these derivatives in JAX."""

    implementations = ["jax"]

    def __init__(self):
        import jax
        jax.config.update("jax_enable_x64", True)
        self.jax = jax
        self.name = jax.devices()[0].device_kind

    def scope(self, _):
        return contextlib.nullcontext()

    def wait(self):
        self.jax.block_until_ready(self.last)

    def tensors(self, shape, precision):
        np = self.jax.numpy
        b, h, tq, tk, d = shape
        self.precision = {"tfloat32": "tensorfloat32"}.get(precision, "highest")
        dtype = np.float32 if precision == "tfloat32" else getattr(np, precision)
        keys = self.jax.random.split(self.jax.random.PRNGKey(0), 8)
        return [self.jax.random.normal(key, (b, h, t, d), np.float64).astype(dtype)
                for key, t in zip(keys, (tq, tk, tk, tq) * 2)]

    def function(self, op, causal):
        jax, np, precision = self.jax, self.jax.numpy, self.precision

        def attention(q, k, v):
            wide = np.promote_types(q.dtype, np.float32)
            s = np.einsum("bhid,bhjd->bhij", q, k, precision=precision, preferred_element_type=wide)
            s = s / math.sqrt(q.shape[-1])
            if causal:
                tq, tk = s.shape[-2:]
                s = np.where(np.tril(np.ones((tq, tk), bool), tk - tq), s, -np.inf)
            p = jax.nn.softmax(s, -1).astype(q.dtype)
            return np.einsum("bhij,bhjd->bhid", p, v, precision=precision)

        def gradient(q, k, v, d_o):
            return jax.vjp(attention, q, k, v)[1](d_o)
        return {"forward": lambda q, k, v, d_o, *dot: attention(q, k, v),
                "vjp": lambda q, k, v, d_o, *dot: gradient(q, k, v, d_o),
                "jvp": lambda q, k, v, d_o, *dot: jax.jvp(attention, (q, k, v), dot[:3]),
                "hvp": lambda *x: jax.jvp(gradient, x[:4], x[4:])}[op]

    def operator(self, implementation, op, causal, tensors):
        compiled = self.jax.jit(self.function(op, causal))

        def call():
            self.last = compiled(*tensors)
            return self.last
        return call

    def extra_bytes(self, call):
        return None  # its allocator keeps what it once had

    def heads(self, results):
        import numpy
        return [numpy.asarray(x[s, t], dtype=numpy.float64) for x in self.jax.tree_util.tree_leaves(results)
                for s, t in ((0, 0), (-1, -1))]

    def exact(self, op, causal, tensors):
        import numpy
        np, kept = self.jax.numpy, self.precision
        self.precision = "highest"
        each = []
        for s, t in ((0, 0), (-1, -1)):
            head = [x[s, t][None, None].astype(np.float64) for x in tensors]
            results = self.function(op, causal)(*head)
            each.append([numpy.asarray(x)[0, 0] for x in self.jax.tree_util.tree_leaves(results)])
        self.precision = kept
        return [x for pair in zip(*each) for x in pair]


def pairs(shape, causal):
    tq, tk = shape[2:4]
    return sum(min(max(i + tk - tq + 1, 0), tk) for i in range(tq)) if causal else tq * tk


def cell(library, implementation, op, name, precision, causal, seconds):
    with library.scope(implementation):
        return measured(library, implementation, op, name, precision, causal, seconds)


def measured(library, implementation, op, name, precision, causal, seconds):
    shape = PRESETS[name]
    row = {"impl": implementation, "op": op, "shape": shape, "causal": causal, "precision": precision,
           "device": library.name}
    try:
        tensors = library.tensors(shape, precision)
        call = library.operator(implementation, op, causal, tensors)
        results = call()
        library.wait()
        found, exact = library.heads(results), library.exact(op, causal, tensors)
        row["error"] = float(f"{max(abs(x - y).max() / abs(y).max() for x, y in zip(found, exact)):.3e}")
        del results, found, exact
        median, lower, upper = measure(call, library.wait, seconds)
        row["extra_bytes"] = library.extra_bytes(call)
        flops = PRODUCTS[op] * 2 * shape[0] * shape[1] * pairs(shape, causal) * shape[4]
        row |= {"ms": round(median, 5), "ms_lower": round(lower, 5), "ms_upper": round(upper, 5),
                "tflops": round(flops / median * 1e-9, 3)}
    except Exception as error:  # a peer that can't is a result, too
        row["refused"] = str(error).strip().splitlines()[0][:160] if str(error).strip() else repr(error)
    return row


def add_arguments(parser):
    """What every script of peers takes."""
    parser.add_argument("--causal", action="store_true")
    parser.add_argument("--seconds", type=float, default=0.3, help="how long to measure a cell")
    parser.add_argument("--json", help="also write the lines to this file")


def write_cells(cells, options):
    """Measures (library, preset, precision, op) with every implementation of the library; a line each."""
    out = open(options.json, "w", encoding="utf-8") if options.json else None
    for library, name, precision, op in cells:
        for implementation in library.implementations:
            line = json.dumps(cell(library, implementation, op, name, precision, options.causal, options.seconds))
            print(line, flush=True)
            if out:
                out.write(line + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--preset", nargs="+", default=["large"], choices=PRESETS)
    parser.add_argument("--op", nargs="+", default=OPERATORS, choices=OPERATORS)
    parser.add_argument("--precision", nargs="+", default=["float32"], choices=PRECISIONS)
    parser.add_argument("--library", nargs="+", default=["torch", "jax"], choices=["torch", "jax"])
    add_arguments(parser)
    options = parser.parse_args()
    libraries = [{"torch": Torch, "jax": Jax}[name]() for name in options.library]
    write_cells(((library, name, precision, op) for library in libraries for name in options.preset
                 for precision in options.precision for op in options.op), options)
    return 0


if __name__ == "__main__":
    sys.exit(main())
