// The bits that are looked at first. The Hamming distance over some of the bits never exceeds the whole one, so a pair
// that is too far apart there is out: for most pairs a part of the bits is enough.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "prefix_bounds.h"
#include "records.h"
#include "rule.h"

namespace waylink {

// What looking costs, in cycles; where they were measured stands in dispatch.cpp.
struct Costs {
  double per_bit;       // of a prefix, a pair
  double per_pair;      // whatever the prefix
  double per_survivor;  // scoring a pair in full
};

// Which bits: those in which strangers differ most often come first, so a prefix of n bits says most.
struct Prefix {
  std::vector<std::uint64_t> mask;  // [word of a filter]
  std::size_t words;                // of a prefix
  double survivors;                 // share of the sampled pairs that must be scored in full
};

// The cheapest prefix, by a sample of pairs: longer ones cost more to look at, shorter ones let more pairs through.
Prefix choose_prefix(const Records& left, const Records& right, const Rule& rule, const Costs& costs);

// A list's prefixes and its shares of the distance bound.
struct Prefixes {
  Prefixes(const Records& records, const Prefix& prefix, const Rule& rule);

  Words bits;                        // [place][word of a prefix]
  std::vector<std::int16_t> bound;   // [place]: a candidate's distance is at most bound[left] + bound[right]
};

}  // namespace waylink
