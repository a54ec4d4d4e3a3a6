// SPDX-License-Identifier: Apache-2.0
#include "src/deck/words.hpp"

namespace theria {
namespace {

template <typename Choice>
std::string_view word(Choice value) {
  return words_of<Choice>[static_cast<std::size_t>(value)];
}

}  // namespace

std::string_view word_of(Precision value) { return word(value); }
std::string_view word_of(Backend value) { return word(value); }
std::string_view word_of(TaskKind value) { return word(value); }
std::string_view word_of(ModelKind value) { return word(value); }
std::string_view word_of(AttentionKind value) { return word(value); }
std::string_view word_of(Readout value) { return word(value); }
std::string_view word_of(MetaMode value) { return word(value); }
std::string_view word_of(InnerOptimizer value) { return word(value); }
std::string_view word_of(InnerParameters value) { return word(value); }
std::string_view word_of(InnerRates value) { return word(value); }
std::string_view word_of(Unconverged value) { return word(value); }
std::string_view word_of(Diverged value) { return word(value); }
std::string_view word_of(Store value) { return word(value); }
std::string_view word_of(Activations value) { return word(value); }
std::string_view word_of(EngineKind value) { return word(value); }
std::string_view word_of(OuterOptimizer value) { return word(value); }
std::string_view word_of(Schedule value) { return word(value); }

}  // namespace theria
