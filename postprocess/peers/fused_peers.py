#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The published fused kernels of higher derivatives of attention, timed as sdpa_peers.py times its peers, with its lines.

flash_hog (JAX Pallas, bfloat16): forward; forward_vjp; forward_vjp_hvp, its whole pipeline, where the Hessian-vector
product is the VJP of the VJP. theria does the last as `--op forward` and `--op hvp`, whose times are to be added.
jvp_flash_attention (Triton): jvp. Their "float32" has products of tf32, their errors say.

  pip install flash-hog==0.6.0 jvp_flash_attention==0.14.0     # beside JAX 0.11 and PyTorch 2.11
  python fused_peers.py --preset x2k --json fused.jsonl
"""

import argparse
import sys

import sdpa_peers

sdpa_peers.PRODUCTS |= {"forward_vjp": 7, "forward_vjp_hvp": 17}


class FlashHog(sdpa_peers.Jax):
    """(batch, tokens, heads, features) throughout."""

    implementations = ["flash_hog"]
    precisions = ["bfloat16"]
    operators = ["forward", "forward_vjp", "forward_vjp_hvp"]

    def __init__(self):
        super().__init__()
        import jax._src.cudnn.fused_attention_stablehlo as fused
        from jax.experimental import pallas
        # flash-hog 0.6 imports a name that JAX 0.11 lacks, and takes pallas.dot to sum in float32, as it did.
        if not hasattr(fused, "_dot_product_attention_bwd_lower"):
            fused._dot_product_attention_bwd_lower = None
        pallas.dot = lambda a, b: self.jax.lax.dot(a, b, preferred_element_type=self.jax.numpy.float32)
        from flash_hog.jax import attention
        self.attention = attention.dot_product_attention
        self.jax.config.update("jax_enable_x64", False)  # its kernels count in 32 bits

    def tensors(self, shape, precision):
        np = self.jax.numpy
        b, h, tq, tk, d = shape
        keys = self.jax.random.split(self.jax.random.PRNGKey(0), 7)
        return [self.jax.random.normal(key, (b, t, h, d), np.float32).astype(getattr(np, precision))
                for key, t in zip(keys, (tq, tk, tk, tq, tq, tk, tk))]  # q k v d_o and the tangents of q k v

    def pipeline(self, attention, op):
        jax = self.jax

        def gradient(q, k, v, d_o):
            return jax.vjp(attention, q, k, v)[1](d_o)

        def both(q, k, v, d_o, *dot):
            first, pull = jax.vjp(gradient, q, k, v, d_o)
            return first, pull(dot)
        return {"forward": lambda q, k, v, *_: attention(q, k, v),
                "forward_vjp": lambda q, k, v, d_o, *_: gradient(q, k, v, d_o),
                "forward_vjp_hvp": both}[op]

    def operator(self, implementation, op, causal, tensors):
        compiled = self.jax.jit(self.pipeline(lambda q, k, v: self.attention(q, k, v, is_causal=causal), op))

        def call():
            self.last = compiled(*tensors)
            return self.last
        return call

    def heads(self, results):
        import numpy
        return [numpy.asarray(x[s, :, t], dtype=numpy.float64) for x in self.jax.tree_util.tree_leaves(results)
                for s, t in ((0, 0), (-1, -1))]

    def exact(self, op, causal, tensors):
        """The dense formula in float64."""
        import numpy
        jax, np = self.jax, self.jax.numpy

        def dense(q, k, v):
            s = np.einsum("bihd,bjhd->bhij", q, k, precision="highest") / q.shape[-1] ** 0.5
            if causal:
                tq, tk = s.shape[-2:]
                s = np.where(np.tril(np.ones((tq, tk), bool), tk - tq), s, -np.inf)
            return np.einsum("bhij,bjhd->bihd", jax.nn.softmax(s, -1), v, precision="highest")
        each = []
        jax.config.update("jax_enable_x64", True)
        try:
            for s, t in ((0, 0), (-1, -1)):
                head = [np.asarray(numpy.asarray(x[s, :, t], dtype=numpy.float64))[None, :, None] for x in tensors]
                results = self.pipeline(dense, op)(*head)
                each.append([numpy.asarray(x)[0, :, 0] for x in jax.tree_util.tree_leaves(results)])
        finally:
            jax.config.update("jax_enable_x64", False)
        return [x for pair in zip(*each) for x in pair]


class JvpFlash(sdpa_peers.Torch):
    precisions = ["float32", "bfloat16"]
    operators = ["jvp"]

    def __init__(self):
        super().__init__()
        from jvp_flash_attention.jvp_attention import JVPAttn
        self.attention = JVPAttn.fwd_dual
        self.implementations = ["jvp_flash_attention"]

    def operator(self, implementation, op, causal, tensors):
        if implementation != "jvp_flash_attention":
            return super().operator(implementation, op, causal, tensors)
        import torch.autograd.forward_ad as forward
        pairs = list(zip(tensors[:3], tensors[4:7]))

        def call():
            with forward.dual_level():
                duals = [forward.make_dual(x, dot) for x, dot in pairs]
                return tuple(forward.unpack_dual(self.attention(*duals, causal=causal)))
        return call


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--preset", nargs="+", default=["x2k"], choices=sdpa_peers.PRESETS)
    parser.add_argument("--library", nargs="+", default=["flash_hog", "jvp_flash"], choices=["flash_hog", "jvp_flash"])
    sdpa_peers.add_arguments(parser)
    options = parser.parse_args()
    made = ({"flash_hog": FlashHog, "jvp_flash": JvpFlash}[name]() for name in options.library)
    sdpa_peers.write_cells(((library, name, precision, op) for library in made for name in options.preset
                            for precision in library.precisions for op in library.operators), options)
    return 0


if __name__ == "__main__":
    sys.exit(main())
