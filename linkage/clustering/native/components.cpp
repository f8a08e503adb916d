#include "components.h"

#include <algorithm>

namespace waylink {

Components::Components(const Neighbours& neighbours, Score threshold) : of_(neighbours.records(), kNone) {
  for (std::size_t record = 0; record < of_.size(); ++record)
    if (of_[record] == kNone) visit(neighbours, threshold, static_cast<Record>(record));
}

// Breadth first; what is found is its own queue.
void Components::visit(const Neighbours& neighbours, Score threshold, Record first) {
  const auto strong = [threshold](const Neighbour& neighbour) { return neighbour.score >= threshold; };
  const auto all = neighbours.of(first);
  if (std::none_of(all.begin(), all.end(), strong)) return;
  const auto number = static_cast<std::uint32_t>(count());
  of_[first] = number;
  order_.push_back(first);
  for (std::size_t at = start_.back(); at < order_.size(); ++at) {
    for (const Neighbour& neighbour : neighbours.of(order_[at])) {
      if (!strong(neighbour) || of_[neighbour.record] != kNone) continue;
      of_[neighbour.record] = number;
      order_.push_back(neighbour.record);
    }
  }
  start_.push_back(order_.size());
}

}  // namespace waylink
