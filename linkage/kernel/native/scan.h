// All candidate pairs of two lists, by threads over tiles of left rows.
#pragma once

#include <cstdint>
#include <vector>

#include "dispatch.h"
#include "packed.h"

namespace waylink {

// Candidate pairs as columns, ordered by left row, then right row.
struct Found {
  std::vector<std::uint32_t> left, right;
  std::vector<double> score;
};

// Every pair with a Dice coefficient of at least `threshold`; with `inside`, both lists are one (or the right one
// starts with the left one) and only pairs left < right count. The number of threads changes nothing but the time.
Found scan(const Implementation& implementation, const List& left, const List& right, double threshold, bool inside,
           unsigned threads);

}  // namespace waylink
