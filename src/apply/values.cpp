// SPDX-License-Identifier: Apache-2.0
#include "src/apply/values.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "src/apply/operators.hpp"
#include "src/io/fault.hpp"

namespace theria {

namespace {

/// Which rows see which keys, before any bias.
class Visibility {
 public:
  /// The extents of b, i and j have to be known.
  Visibility(const SdpaCall& call, const CallExtents& extents)
      : m_call(call), m_b(extents.at("b")), m_i(extents.at("i")), m_j(extents.at("j")) {}

  /// Row i sees keys 0 .. seen(b, i)-1: j < key_lengths[b] and, causal, j <= i + Tk - Tq.
  std::int64_t seen(std::size_t b, std::size_t i) const {
    const auto keys = static_cast<std::int64_t>(m_j);
    const auto rows = static_cast<std::int64_t>(m_i);
    const auto length = m_call.key_lengths ? (*m_call.key_lengths)[b] : keys;
    const auto reach = m_call.causal ? static_cast<std::int64_t>(i) + 1 + keys - rows : keys;
    return std::max(std::int64_t{0}, std::min(length, reach));
  }

  bool row_is_read(std::size_t b, std::size_t i) const { return seen(b, i) > 0; }

  /// The last row sees every key below the length, causal or not.
  bool key_is_read(std::size_t b, std::size_t j) const {
    return m_i > 0 && static_cast<std::int64_t>(j) < seen(b, m_i - 1);
  }

  /// Row i sees key j in entry b, or in any of them for a bias of `entries` = 1 for all.
  bool bias_is_read(std::size_t entries, std::size_t b, std::size_t i, std::size_t j) const {
    const auto key = static_cast<std::int64_t>(j);
    if (entries == m_b) return key < seen(b, i);
    for (std::size_t any = 0; any < m_b; ++any) {
      if (key < seen(any, i)) return true;
    }
    return false;
  }

 private:
  const SdpaCall& m_call;
  std::size_t m_b, m_i, m_j;
};

/// A file's tensor, as the call's precision stores it.
struct Given {
  const std::string &file, &name;
  const Tensor& tensor;
  Precision precision;

  [[noreturn]] void refuse(std::size_t flat, double value, const char* accepted) const {
    fault(file, fmt::format("/{}{} is {} in {}; accepted: {}", name, index_text(tensor.shape, flat),
                            number_text(value), word_of(precision), accepted));
  }
};

/// Rows of (b,h,i,·) or keys of (b,h,j,·).
template <class T>
void check_rows(const Given& given, const std::vector<T>& values, const Visibility& visibility) {
  const bool by_key = axes_of(given.name)->axes[2] == "j";
  const auto& shape = given.tensor.shape;
  const auto rows = shape[2], width = shape[3];
  for (std::size_t flat = 0; flat < values.size(); ++flat) {
    if (std::isfinite(values[flat])) continue;
    const auto row = flat / width % rows;
    const auto b = flat / width / rows / shape[1];
    const bool read = by_key ? visibility.key_is_read(b, row) : visibility.row_is_read(b, row);
    if (read) given.refuse(flat, values[flat], "finite numbers where they are read");
  }
}

template <class T>
void check_bias(const Given& given, const std::vector<T>& values, const std::vector<T>& bias,
                const Visibility& visibility) {
  constexpr T masked = -std::numeric_limits<T>::infinity();
  const auto read = [&](std::size_t flat) {
    const auto& shape = given.tensor.shape;
    const auto rows = shape[2], keys = shape[3];
    return visibility.bias_is_read(shape[0], flat / keys / rows / shape[1], flat / keys % rows,
                                   flat % keys);
  };
  for (std::size_t flat = 0; flat < values.size(); ++flat) {
    if (std::isfinite(values[flat]) || bias[flat] == masked || !read(flat)) continue;
    given.refuse(flat, values[flat],
                 given.name == "bias" ? "finite numbers and -inf, which masks, where they are read"
                                      : "finite numbers where they are read");
  }
}

}  // namespace

void check_values(const SdpaCall& call, const CallExtents& extents, const std::string& file,
                  InputFaults& faults) {
  const bool known = extents.contains("b") && extents.contains("i") && extents.contains("j");
  if (!known) return;
  const Visibility visibility(call, extents);
  for (const auto& entry : call.inputs) {
    const auto& [name, tensor] = entry;
    const Given given{file, name, tensor, call.precision};
    const bool is_bias = name == "bias" || name == "bias_dot";
    const auto check = [&]<class T>(const std::vector<T>& values) {
      if (is_bias) {
        const auto& bias = std::get<std::vector<T>>(call.inputs.at("bias").values);
        check_bias(given, values, bias, visibility);
      } else {
        check_rows(given, values, visibility);
      }
    };
    faults.passes([&] { std::visit(check, entry.second.values); });
  }
}

}  // namespace theria
