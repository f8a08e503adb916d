// The implementations there are, and which of them this processor runs.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "tile.h"

namespace waylink {

struct Implementation {
  std::string_view name;
  std::size_t lanes;  // right rows side by side in a panel
  ScanTile scan_tile;
};

// Those this processor runs, slowest first. Never empty.
const std::vector<Implementation>& available();

// One of them by name; nullptr where this processor does not run it, or nobody does.
const Implementation* find_implementation(std::string_view name);

}  // namespace waylink
