// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace theria {

/// What a device does at best, measured, not looked up.
struct Peak {
  double gflops;       // multiply-adds of registers, counted as two
  double gigabytes_s;  // copied, 256 MiB at a time, read and written
};

/// Of all threads of the space, in this type; takes some tenths of a second and 512 MiB.
template <class Space, class Scalar>
Peak measure_peak();

}  // namespace theria
