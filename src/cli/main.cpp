// SPDX-License-Identifier: Apache-2.0
#include "src/cli/program.hpp"

int main(int count, char** words) { return theria::program({words, words + count}); }
