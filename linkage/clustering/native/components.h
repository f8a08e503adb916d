// Parts of the candidate graph that cannot merge with each other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "neighbours.h"

namespace waylink {

// Records joined by chains of pairs at or over a threshold; records without such a pair are in none.
class Components {
 public:
  Components(const Neighbours& neighbours, Score threshold);

  std::size_t count() const { return start_.size() - 1; }
  std::span<const Record> records(std::size_t component) const {
    return {order_.data() + start_[component], order_.data() + start_[component + 1]};
  }

  // Whether two records, of which the first is in a component, are in the same one.
  bool together(Record record, Record other) const { return of_[record] == of_[other]; }

 private:
  void visit(const Neighbours& neighbours, Score threshold, Record first);

  std::vector<std::uint32_t> of_;  // by record; kNone: in none
  std::vector<Record> order_;      // component after component
  std::vector<std::size_t> start_{0};
};

}  // namespace waylink
