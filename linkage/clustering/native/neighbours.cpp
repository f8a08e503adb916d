#include "neighbours.h"

#include <numeric>

namespace waylink {
namespace {

// Where each record's neighbours start, and the end.
std::vector<std::uint32_t> starts_of(const Pairs& pairs, std::size_t records) {
  std::vector<std::uint32_t> start(records + 1);
  for (std::size_t i = 0; i < pairs.count; ++i) {
    const Record left = require_record(pairs.left[i], records), right = require_record(pairs.right[i], records);
    if (left >= right) throw std::invalid_argument("a pair does not have left < right");
    ++start[left];
    ++start[right];
  }
  std::exclusive_scan(start.begin(), start.end(), start.begin(), std::uint32_t{0});
  return start;
}

}  // namespace

// While it is filled, a record's start is where its next neighbour goes; in the end it is where the following record's
// start was, so all move up by one.
Neighbours::Neighbours(const Pairs& pairs, const double* score, std::size_t records)
    : start_(starts_of(pairs, records)), all_(2 * pairs.count) {
  for (std::size_t i = 0; i < pairs.count; ++i) {
    const auto left = static_cast<Record>(pairs.left[i]), right = static_cast<Record>(pairs.right[i]);
    const Score units = fixed(score[i]);
    all_[start_[left]++] = {right, units};
    all_[start_[right]++] = {left, units};
  }
  for (std::size_t record = records; record > 0; --record) start_[record] = start_[record - 1];
  start_[0] = 0;
}

}  // namespace waylink
