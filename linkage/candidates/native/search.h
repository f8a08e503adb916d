// A whole search: tables, one after the other or side by side, and the pairs that any of them found.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "columns.h"
#include "distinct.h"
#include "join.h"
#include "rule.h"

namespace waylink {

// Rows are counted over all lists, left < right.
struct Pair {
  double score;
  std::uint32_t left, right;
};

class Search {
 public:
  // With `apart` there are two lists, and only pairs of a row of each; else all pairs of all rows.
  Search(const std::vector<List>& lists, bool apart, double threshold, unsigned threads);

  const Distinct& distinct() const { return distinct_; }

  // How far records are apart: [Hamming distance] -> pairs of one of the left and another one of the right ones.
  std::vector<std::uint64_t> distances(std::span<const std::uint32_t> left, std::span<const std::uint32_t> right) const;

  // Searches some tables side by side; their pairs are kept, the rest of what they found is given back (no pairs).
  std::vector<TableFound> run(std::span<const std::uint32_t> positions, std::size_t tables, const Query& query,
                              unsigned threads);

  // All pairs of rows that were found so far, by falling score, then left, then right.
  std::vector<Pair> pairs() const;

 private:
  void add(const std::vector<std::uint64_t>& pairs);
  std::span<const std::uint32_t> rows_of(std::size_t set) const;

  bool apart_;
  Distinct distinct_;
  Columns columns_;
  Rule rule_;
  Space space_;
  std::vector<Table> memory_;
  std::vector<std::uint64_t> pairs_;  // of sets, rising, each once
};

}  // namespace waylink
