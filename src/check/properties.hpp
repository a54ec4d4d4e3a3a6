// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "src/check/cases.hpp"
#include "src/check/compare.hpp"
#include "src/check/table.hpp"

namespace theria {

/// Every operator's results against the serial dense reference in long double, and a device's against
/// the host's.
void check_values(CheckTable& table, const SdpaCase& c, Precision precision, Backend backend);

/// Identities that need no reference: ⟨w, Jv⟩ = ⟨Jᵀw, v⟩; the symmetry of second derivatives on
/// (x, dO) together; zero tangents and cotangents; the same bits twice.
void check_identities(CheckTable& table, const SdpaCase& c, Precision precision, Backend backend);

/// Derivatives against differences, in float64: JVP and HVP against central differences of forward
/// and VJP, and the rates at which Taylor remainders vanish.
void check_differences(CheckTable& table, const SdpaCase& c, Backend backend);

/// The bar of values in tfloat32 and float16: four units of the 11 bits that factors of products keep, more where an error of S
/// is one of P; in bfloat16, whose S is exact: four roundings of factors to 8 bits, four times as much where scores exceed 10, so
/// that a row is nearly one key's and little is left of dP − δ. And a unit of what the type stores of inputs (o, to the
/// VJP) and results.
double narrow_bar(const SdpaCall& call);

/// apply_sdpa of the call as another operator, with some inputs replaced.
TensorSet apply_as(SdpaCall call, SdpaOperator operation, const TensorSet& replaced = {});

/// "sdpa.hvp" and the like.
std::string operation_name(SdpaOperator operation);

}  // namespace theria
