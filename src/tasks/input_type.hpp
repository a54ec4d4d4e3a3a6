// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace theria {

/// What the inputs x of episodes are rounded to, once their source has made them: nothing less than the computation's
/// type; tfloat32, in a float; bfloat16, of which two bytes are kept.
enum class InputType { full, tfloat32, bfloat16 };

}  // namespace theria
