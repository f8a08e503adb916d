// The greedy solver of anonlink 0.15.3 and its probabilistic form: candidate pairs, in the order given, become groups.
#pragma once

#include <cstdint>
#include <vector>

#include "pairs.h"
#include "supervise.h"

namespace waylink {

struct GreedyRule {
  double merge_threshold;  // share of the record pairs of two groups that must have come by before they merge
  bool deduplicated;       // never put two records of one member into a group
};

// int64 (records,): the lowest record of each record's group. A pair of a record with itself says nothing; a pair that
// comes twice counts twice, as at anonlink.
std::vector<std::int64_t> greedy(const Pairs& pairs, const Records& records, const GreedyRule& rule, const Stop& stop);

}  // namespace waylink
