// One table: records that agree in some sampled bits meet, and those that are near enough are scored.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "columns.h"
#include "filters.h"
#include "rule.h"
#include "table.h"

namespace waylink {

// What is searched, the same for every table.
struct Space {
  const Filters& filters;
  const Columns& columns;
  const Rule& rule;
  bool apart;                // only pairs of a record before `first_right` and one from there on
  std::size_t first_right;   // (with `apart`)
  unsigned shift;            // a pair as one number: left << shift | right, left < right
};

// How a table is searched; see README.md.
struct Query {
  unsigned key_bits;    // sampled bits that name a bucket
  unsigned radius;      // buckets meet whose keys differ in at most so many bits
  unsigned limit;       // records are scored whose words differ in at most so many bits; after a split by `agreed` bits
                        // this times bits / (bits - agreed), rounded up
  std::size_t popular;  // a bucket with more records is split by further bits
};

// What one table found and did.
struct TableFound {
  std::vector<std::uint64_t> pairs;        // rising, each once
  std::uint64_t looked = 0, scored = 0;    // pairs of words, pairs of filters
  std::uint64_t split = 0;                 // buckets
  // Records whose chance of being found was not the planned one, as they stood in a bucket that was split, or next to
  // one that was too popular to meet; each once. Per record:
  std::vector<std::uint32_t> split_record;
  std::vector<std::uint32_t> split_agreed;  // sampled bits in which another record had to agree with it,
  std::vector<std::uint32_t> split_key;     // the key bits after these,
  std::vector<std::uint32_t> split_radius;  // and in how many of them it was free to differ
};

class Join {
 public:
  // positions: all of the filter's, in the order in which they are sampled. `table` lends its memory.
  Join(const Space& space, const std::uint32_t* positions, const Query& query, Table& table);

  TableFound run() &&;

 private:
  std::size_t word_bits(std::size_t offset) const;
  void join(const Table& table, std::size_t offset);
  void split(const Table& table, Range range, std::size_t offset);
  void note(const Table& table, Range range, std::size_t offset, unsigned radius);
  bool meet_all(const Table& table, Range range, const std::vector<std::uint32_t>& masks, bool crowded);
  bool is_dense(const Table& table, Range left, Range right) const;
  void meet(const Table& table, Range left, Range right, bool same);
  void look(const Table& table, std::size_t place, Range others);
  void score();

  const Space& space_;
  const std::uint32_t* positions_;
  const Query& query_;
  unsigned limit_;  // of the words being looked at
  Table& table_;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> near_;  // to be scored
  TableFound found_;
};

}  // namespace waylink
