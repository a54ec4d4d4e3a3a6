// SPDX-License-Identifier: Apache-2.0
#include "src/check/table.hpp"

#include <algorithm>

namespace theria {

void CheckTable::add(const Line& line, double error, double bar, const std::string& where) {
  auto row = std::find_if(m_rows.begin(), m_rows.end(), [&](const CheckRow& r) {
    return r.operation == line.operation && r.property == line.property &&
           r.precision == line.precision;
  });
  if (row == m_rows.end()) {
    m_rows.push_back({line.operation, line.property, line.precision, 1, error, bar, where});
    return;
  }
  ++row->cases;
  // error / bar > worst / row.bar without dividing by a bar of zero; a NaN always takes over.
  if (!(error * row->bar <= row->worst * bar) || (bar == 0 && error > row->worst)) {
    row->worst = error;
    row->bar = bar;
    row->worst_case = where;
  }
}

}  // namespace theria
