// Identical filters, put together: what follows sees each filter once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "filters.h"

namespace waylink {

// Rows are counted over all lists. A set is the rows of one filter; with `apart`, of one filter in one list.
struct Distinct {
  Distinct(const std::vector<List>& lists, bool apart);

  Filters filters;                   // one of each set, by first row
  std::vector<std::uint32_t> begin;  // [set] -> where its rows start, and one more
  std::vector<std::uint32_t> rows;   // by set, rising
  std::size_t first_right = 0;       // with `apart`: sets from here on are of the second list
};

}  // namespace waylink
