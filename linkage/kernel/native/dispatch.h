// The implementations there are, and which of them this processor runs.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "prefix.h"
#include "sieve.h"

namespace waylink {

struct Implementation {
  std::string_view name;
  Sieve sieve;
  SpaceNeeded space;
  std::uint32_t tile_rows;       // left records of a tile, see Block::looks
  std::uint32_t bytes_per_word;  // of a right record's prefix, as the sieve lays it out
  std::size_t panel_bytes;       // of right records laid out at once: what stays in a core's second-level cache
  Costs costs;
};

// Those this processor runs, slowest first. Never empty.
const std::vector<Implementation>& available();

// One of them by name; nullptr where this processor does not run it, or nobody does.
const Implementation* find_implementation(std::string_view name);

}  // namespace waylink
