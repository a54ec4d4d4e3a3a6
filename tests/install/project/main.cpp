// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include "src/core/build_info.hpp"

int main() { std::cout << "theria " << theria::build_info().version << '\n'; }
