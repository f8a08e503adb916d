// Average linkage of the whole candidate graph: component by component, by threads.
#pragma once

#include <cstdint>
#include <vector>

#include "merging.h"
#include "pairs.h"
#include "supervise.h"

namespace waylink {

// int64 (records,): the lowest record of each record's group. The number of threads changes nothing but the time.
std::vector<std::int64_t> average(const Pairs& pairs, const double* score, const Records& records,
                                  const AverageRule& rule, unsigned threads, const Stop& stop);

}  // namespace waylink
