// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "src/models/layers/sequence.hpp"
#include "src/models/layout.hpp"

namespace theria {

/// The layers of the deck's model, whose parameters are added to the layout, and which give `outputs` numbers a
/// sequence. No buffers are made.
///
///     tiny_attention  [embedding] attention of the first token, head
///     transformer     embedding, positions, blocks of x + attention(norm(x)) and x + mlp(norm(x)), norm, readout, head
///     mlp             (linear, GELU) a layer, head; of all tokens' features at once
///     linear          one matrix, of all tokens' features at once
template <class Space, class Scalar>
Sequence<Space, Scalar> make_layers(const Deck& resolved, ParameterLayout& layout);

/// What the layers read: a row a token, or all of a sequence in one row.
Extents input_extents(const Deck& resolved, int sequences);

/// Numbers that the model gives for a sequence: logits of classes, or one prediction.
int outputs(const Deck& resolved);

/// Bytes of workspace that the layers' operators take, for `tasks` tasks of `sequences` sequences.
template <class Scalar>
std::size_t operator_workspace_bytes(const Deck& resolved, int tasks, int sequences);

}  // namespace theria
