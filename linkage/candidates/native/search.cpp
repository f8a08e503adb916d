#include "search.h"

#include <algorithm>
#include <bit>
#include <iterator>
#include <tuple>

#include "crew.h"

namespace waylink {

Search::Search(const std::vector<List>& lists, bool apart, double threshold, unsigned threads)
    : apart_(apart),
      distinct_(lists, apart),
      columns_(distinct_.filters, threads),
      rule_(distinct_.filters.bits(), threshold),
      space_{distinct_.filters, columns_, rule_, apart, distinct_.first_right,
             static_cast<unsigned>(std::bit_width(distinct_.filters.at.size()))} {}

std::vector<std::uint64_t> Search::distances(std::span<const std::uint32_t> left,
                                             std::span<const std::uint32_t> right) const {
  const Filters& filters = distinct_.filters;
  std::vector<std::uint64_t> counts(filters.bits() + 1);
  for (const std::uint32_t a : left) {
    for (const std::uint32_t b : right) {
      const Overlap both = overlap(filters.at[a], filters.at[b], filters.bytes);
      if (a != b) ++counts[both.sum - 2 * both.common];
    }
  }
  return counts;
}

std::vector<TableFound> Search::run(std::span<const std::uint32_t> positions, std::size_t tables, const Query& query,
                                    unsigned threads) {
  std::vector<TableFound> found(tables);
  memory_.resize(std::max(memory_.size(), tables));
  work_through(tables, threads, [&](std::size_t table) {
    found[table] = Join(space_, &positions[table * distinct_.filters.bits()], query, memory_[table]).run();
  });
  for (TableFound& one : found) {
    add(one.pairs);
    one.pairs = {};
  }
  return found;
}

void Search::add(const std::vector<std::uint64_t>& pairs) {
  std::vector<std::uint64_t> both;
  both.reserve(std::max(pairs_.size(), pairs.size()));
  std::set_union(pairs_.begin(), pairs_.end(), pairs.begin(), pairs.end(), std::back_inserter(both));
  pairs_ = std::move(both);
}

std::span<const std::uint32_t> Search::rows_of(std::size_t set) const {
  return {&distinct_.rows[distinct_.begin[set]], distinct_.begin[set + 1] - distinct_.begin[set]};
}

std::vector<Pair> Search::pairs() const {
  const Filters& filters = distinct_.filters;
  std::vector<Pair> found;
  const auto add = [&](std::uint32_t a, std::uint32_t b, double score) {
    found.push_back({score, std::min(a, b), std::max(a, b)});
  };
  for (const std::uint64_t pair : pairs_) {
    const std::size_t left = pair >> space_.shift, right = pair & ((std::uint64_t{1} << space_.shift) - 1);
    const Overlap both = overlap(filters.at[left], filters.at[right], filters.bytes);
    const double score = 2.0 * both.common / static_cast<double>(both.sum);
    for (const std::uint32_t a : rows_of(left))
      for (const std::uint32_t b : rows_of(right)) add(a, b, score);
  }
  for (std::size_t set = 0; set < filters.at.size() && !apart_; ++set) {
    const auto rows = rows_of(set);
    const Overlap self = overlap(filters.at[set], filters.at[set], filters.bytes);
    if (self.common < rule_.needed[self.sum]) continue;  // an empty filter: nothing is known about it
    for (std::size_t i = 0; i < rows.size(); ++i)
      for (std::size_t j = i + 1; j < rows.size(); ++j) add(rows[i], rows[j], 1.0);
  }
  std::sort(found.begin(), found.end(), [](const Pair& a, const Pair& b) {
    return std::tie(b.score, a.left, a.right) < std::tie(a.score, b.left, b.right);
  });
  return found;
}

}  // namespace waylink
