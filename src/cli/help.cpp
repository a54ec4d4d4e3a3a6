// SPDX-License-Identifier: Apache-2.0
#include "src/cli/help.hpp"

#include <fmt/format.h>

#include "src/core/build_info.hpp"

namespace theria::help {

const char* const program =
    "theria differentiates attention twice, exactly, in linear memory, and runs meta-learning on "
    "top.\n"
    "A deck (YAML) says what to run, an HDF5 file holds what came out.";

const char* const program_end =
    R"(Examples:
  theria run inputs/quickstart.yaml            learn to learn handwritten digits
  theria run deck.yaml --set inner.steps=20    the same deck with one key changed
  theria schema                                every key a deck may have
  theria info quickstart.h5                    what a result file holds
  theria check                                 are the derivatives right on this machine?

Words that start with --kokkos- go to Kokkos, as in --kokkos-num-threads=4.
Exit codes: 0 done, 1 the run failed or a check was missed, 2 the command line, the deck or an
input file is wrong, 3 the output could not be written.)";

const char* const run =
    R"(The deck is read strictly: every fault in it is reported at once, with line and column, before
anything is computed. The result file appears when the run has finished, whole or not at all.

Examples:
  theria run inputs/quickstart.yaml
  theria run deck.yaml --set inner.steps=20 --set seed=7 --output long.h5
  theria run deck.yaml --set inner.steps=20 seed=7          the same overrides
  theria run deck.yaml --dry-run                            the plan, its memory, the full deck
  theria run deck.yaml --dry-run --for cuda                 the plan as a GPU would run it
  OMP_NUM_THREADS=8 theria run deck.yaml --backend openmp   the same numbers on any thread count)";

const char* const check =
    R"(Runs the contract table: values against a serial reference, derivatives against differences and
against each other, symmetry, masks, repeatability. One line a property, with the worst error
over all cases and the bar it must stay below. Exit code 1 if any is missed.

Examples:
  theria check
  theria check --backend cuda
  theria check --accuracy       relative RMSE of every operator in every type, with outliers)";

const char* const apply =
    R"(Data sets of the input: q (b,h,tq,d), k (b,h,tk,d), v (b,h,tk,dv); where wanted bias (b|1,h|1,tq,tk)
and key_lengths (b); and for the derivatives
  sdpa.forward   nothing more                       -> o lse
  sdpa.vjp       d_o                                -> d_q d_k d_v [d_bias]
  sdpa.jvp       q_dot k_dot v_dot bias_dot         -> o lse o_dot lse_dot
  sdpa.hvp       d_o and the tangents, d_o_dot too  -> vjp's, and each with _dot
  sdpa.jvp_vjp   d_o_dot and the tangents, d_o too  -> cotangents of jvp's inputs
A missing tangent is zero; of sdpa.jvp_vjp a missing d_o is.

Examples:
  theria apply sdpa.forward --input in.h5 --output out.h5
  theria apply sdpa.hvp --input in.h5 --output out.h5 --precision float32 --causal --scale 0.125)";

const char* const bench =
    R"(Examples:
  theria bench sdpa --help     which operators and shapes
  theria bench meta --help     how many tasks and steps)";

const char* const bench_sdpa =
    R"(Runs operators on numbers from N(0, 1), many times, and prints for each the median time with its
quartiles, the rate of useful operations, products useful and executed, memory beyond the arguments,
and the error of the very run that was timed, against float64. --preset, --shape, --op and
--precision take several words.

  preset   B   H    Tq    Tk    D
  small    4   4   128   128   64
  medium   8   8   256   256   64
  large    2  16  1024  1024   64
  x2k      4  16  2048  2048   64
  x4k      2  16  4096  4096  128

Examples:
  theria bench sdpa
  theria bench sdpa --preset large x2k --precision float64 float32 --json speed.jsonl
  theria bench sdpa --shape 1,12,131072,131072,64 --op hvp --causal --backend cuda)";

const char* const bench_meta =
    R"(Computes the meta-gradient of drawn sequence_classification tasks (16 support and 16 query
sequences, 5 classes, inner rate 0.4) many times and prints the median time with its quartiles, the
time of the first, tasks a second, the rate of operations, its share and that of the bytes of what the
device does at best, memory beyond the episodes, and the error of the very run that was timed, against
float64. With --deck it is the meta-gradient of that deck, of whatever task and model, all tasks at
once; options stand for the deck's keys. A task that diverges ends it. --tasks, --steps, --mode and
--precision take several words.

Examples:
  theria bench meta
  theria bench meta --tasks 16 256 4096 --steps 1 5 20 --mode full first_order --json meta.jsonl
  theria bench meta --engine general --precision float64
  theria bench meta --deck inputs/transformer.yaml --tasks 1 8)";

const char* const info =
    R"(Examples:
  theria info                  version, compiler, Kokkos, backends and their devices
  theria info quickstart.h5    what ran, where, when, and what came out)";

const char* const schema =
    R"(Examples:
  theria schema                every key of a deck
  theria schema --markdown     the same as a table for documents)";

std::string version() {
  const BuildInfo& build = build_info();
  const std::string hash = build.git_hash.substr(0, 12);
  return fmt::format("theria {} (git {}{})", build.version, hash,
                     build.git_dirty ? ", modified" : "");
}

}  // namespace theria::help
