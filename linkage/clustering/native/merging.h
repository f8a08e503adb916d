// Average linkage of one component, exactly: the best pair of groups, again and again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "big_vector.h"
#include "components.h"
#include "grouping.h"
#include "neighbours.h"
#include "pair_table.h"
#include "supervise.h"

namespace waylink {

// Everything is counted over the score of a missing pair: a pair's excess is its score minus that, so missing pairs
// count 0 and an average is the missing score + sum of excesses / number of record pairs.
struct AverageRule {
  Score threshold, missing_score;  // missing_score < threshold: `Merging` says what for
  bool one_per_member;

  std::int64_t least() const { return excess(threshold); }
  std::int64_t excess(Score score) const { return std::int64_t{score} - std::int64_t{missing_score}; }
};

// Two groups as they were when queued: by first record, with sum of excesses and number of record pairs.
//
// The excess fits (2^31 units times 2^31 candidate pairs), the pairs fit (2^32 records), and products of the two fit
// 128 bits: averages are compared as fractions, without rounding.
struct Queued {
  std::int64_t excess;
  std::uint64_t pairs;
  Record a, b;  // a < b

  bool reaches(std::int64_t least) const;
  bool operator==(const Queued&) const = default;
};

// Whether `one` comes before `other`: higher average, then lower first record, then lower second.
bool better(const Queued& one, const Queued& other);

// What a component needs; kept from one to the next so that small ones cost no allocation.
//
// Averages only fall: a merged group's average with a third is at most the better one of its parts' (Lance and Williams
// 1967), and a missing part counts less than the threshold. So what was queued is never too low. What comes out and is
// out of date goes back with its present average; what comes out up to date is the best pair there is.
class Merging {
 public:
  Merging(const Neighbours& neighbours, const Components& components, const AverageRule& rule, Grouping& groups)
      : neighbours_(neighbours), components_(components), rule_(rule), groups_(groups) {}

  // Throws std::invalid_argument for a pair that is given twice, and Stopped.
  void run(std::size_t component, const Stop& stop);

 private:
  // A pair of records as it comes in: half the size of Queued.
  struct Single {
    Score excess;
    Record a, b;
  };

  // Between two groups. `stamp` marks the one queued entry that counts; 0: none was ever good enough.
  struct Edge {
    std::int64_t excess;
    std::uint32_t stamp;
  };

  static Queued widen(const Single& single) { return {single.excess, 1, single.a, single.b}; }
  static std::uint32_t stamp_of(const Queued& queued);

  std::size_t count_pairs(std::span<const Record> records) const;
  void load(std::span<const Record> records, const Stop& stop);
  bool next(Queued& best);
  void settle(const Queued& best);
  Queued present(Record a, Record b, const Edge& edge) const;
  void queue(const Queued& queued, Edge& edge);
  void make_room();
  bool counts(const Queued& queued);
  void merge(Record a, Record b);
  void move(Record other, Record absorbed, Record into);

  const Neighbours& neighbours_;
  const Components& components_;
  const AverageRule rule_;
  Grouping& groups_;
  PairTable<Edge> edges_;
  BigVector<Single> singles_;  // pairs of records, best last
  BigVector<Queued> heap_;     // pairs of groups, queued on the way
  std::vector<Record> moving_;   // the records of a group while it is absorbed
};

}  // namespace waylink
