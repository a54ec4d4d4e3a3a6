// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string_view>

#include "src/deck/deck.hpp"

namespace theria {

/// The deck's words for a choice, in the order of its enumerators.
template <typename Choice>
inline constexpr std::array<std::string_view, 0> words_of{};

template <>
inline constexpr std::array<std::string_view, 5> words_of<Precision>{
    "float64", "float32", "tfloat32", "bfloat16", "float16"};
template <>
inline constexpr std::array<std::string_view, 3> words_of<Backend>{"auto", "openmp", "cuda"};
template <>
inline constexpr std::array<std::string_view, 7> words_of<TaskKind>{
    "sequence_classification", "digits",    "file",           "sinusoid",
    "linear_regression",       "quadratic", "regression_file"};
template <>
inline constexpr std::array<std::string_view, 4> words_of<ModelKind>{
    "tiny_attention", "transformer", "mlp", "linear"};
template <>
inline constexpr std::array<std::string_view, 2> words_of<AttentionKind>{"softmax", "linear"};
template <>
inline constexpr std::array<std::string_view, 3> words_of<Readout>{"first", "last", "mean"};
template <>
inline constexpr std::array<std::string_view, 7> words_of<MetaMode>{
    "full", "first_order", "first_order_strict", "truncated", "hybrid", "reptile", "implicit"};
template <>
inline constexpr std::array<std::string_view, 2> words_of<Unconverged>{"error", "keep"};
template <>
inline constexpr std::array<std::string_view, 2> words_of<Diverged>{"error", "exclude"};
template <>
inline constexpr std::array<std::string_view, 3> words_of<Store>{"all", "sqrt", "budget"};
template <>
inline constexpr std::array<std::string_view, 2> words_of<Activations>{"keep", "recompute"};
template <>
inline constexpr std::array<std::string_view, 3> words_of<InnerOptimizer>{"sgd", "momentum",
                                                                          "adam"};
template <>
inline constexpr std::array<std::string_view, 2> words_of<InnerParameters>{"all", "head"};
template <>
inline constexpr std::array<std::string_view, 2> words_of<InnerRates>{"fixed", "learned"};
template <>
inline constexpr std::array<std::string_view, 3> words_of<EngineKind>{"auto", "episode", "general"};
template <>
inline constexpr std::array<std::string_view, 3> words_of<OuterOptimizer>{"sgd", "adam", "adamw"};
template <>
inline constexpr std::array<std::string_view, 2> words_of<Schedule>{"constant", "cosine"};

}  // namespace theria
