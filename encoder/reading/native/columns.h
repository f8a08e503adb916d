// A CSV file's records as columns of numbers: which of its distinct values each record has.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "records.h"
#include "values.h"

namespace waylink {

// What the records of one part of a file have: codes[column][i] is the value's number of the record in row rows[i].
struct Part {
  std::vector<std::int64_t> rows;
  std::vector<std::vector<std::int32_t>> codes;
  // A row that has not the header's number of cells: how many it has, and the first that is not blank.
  struct Ragged {
    std::int64_t row;
    std::size_t cells;
    std::string first;
  };
  std::vector<Ragged> ragged;
};

class Columns {
 public:
  // A record has `width` cells; the last ones may be missing where it has at least `least`: those that have a name.
  // `skip` records are passed over: the header, and what stands above it.
  Columns(char delimiter, std::size_t width, std::size_t least, std::int64_t skip)
      : records_(delimiter), least_(least), skip_(skip), values_(width), cells_(width) {}

  // Takes the file's next bytes. Records without any text are counted and passed over; cells past the last column are
  // passed over where they are blank.
  Part feed(std::string_view part, bool last);

  std::size_t width() const { return values_.size(); }
  const Values& values(std::size_t column) const { return values_[column]; }
  // The row of the record whose quotes are broken; 0 for none.
  std::int64_t broken_row() const { return records_.broken() ? row_ + 1 : 0; }

 private:
  void take(Part& part);

  Records records_;
  std::size_t least_;
  std::int64_t skip_;
  std::int64_t row_ = 0;  // of the last record, counted from 1
  std::vector<Values> values_;
  std::vector<std::string_view> fields_;              // of a record,
  std::vector<std::vector<std::string_view>> cells_;  // and of a part, by column; views into `records_`
};

}  // namespace waylink
