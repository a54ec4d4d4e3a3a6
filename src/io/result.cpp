// SPDX-License-Identifier: Apache-2.0
#include "src/io/result.hpp"

#include "src/io/result_parts.hpp"

namespace theria {

std::string write_result(const ResultFile& result, const std::string& path, bool overwrite) {
  hdf5::Writer file(path);
  write_provenance(file, result);
  write_deck(file, result);
  write_training(file, result.outcome);
  write_evaluation(file, result.outcome.evaluation);
  write_tensors(file, {.group = "/parameters/final", .meaning = "after the last outer step"},
                result.outcome.final_parameters);
  write_excluded(file, result.outcome.excluded);
  if (result.outcome.certificate) write_certificate(file, *result.outcome.certificate);
  if (result.outcome.record) write_record(file, *result.outcome.record);
  return file.commit(overwrite ? NameTaken::replace : NameTaken::number);
}

void write_deck(hdf5::Writer& file, const ResultFile& result) {
  file.text("/deck/raw", result.deck_raw, "the deck, byte for byte");
  file.text("/deck/effective", result.deck_effective, "the deck that ran, every default filled in");
  file.text("/deck/path", result.deck_path, "the deck's file as the command line names it");
  file.text("/deck/overrides", result.overrides, "values that the command line set, one a line");
}

}  // namespace theria
