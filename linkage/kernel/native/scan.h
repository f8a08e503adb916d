// All candidate pairs of two lists, a part at a time, by threads over blocks of pairs.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <mutex>
#include <optional>
#include <vector>

#include "dispatch.h"
#include "prefix.h"
#include "records.h"
#include "rule.h"

namespace waylink {

struct Hit {
  std::uint32_t left, right;
  double score;
};

// A left record and a right one, by their places.
struct Places {
  std::size_t left, right;
};

// Pairs with a Dice coefficient of at least a threshold, each once. The lists are packed when it is made, and may go.
// What is found does not depend on the number of threads nor on how it is taken.
class Scan {
 public:
  // Every left record with every right one; without a right list, the pairs inside the left one, left < right.
  Scan(const Implementation& implementation, const List& left, const List* right, double threshold);

  // Candidate pairs of the next blocks, in no order: stops after about so many record pairs, or when so many candidates
  // are there. A block of pairs goes whole, so there may be a few million candidates more. Nothing can be taken after
  // an exception.
  std::vector<Hit> take(double most_pairs, std::size_t most_hits, unsigned threads);

  double pairs() const { return pairs_; }  // of records, in all
  double done() const { return done_; }    // of them
  bool finished() const { return next_ >= units(); }
  std::size_t prefix_bits() const { return prefix_.words * 64; }
  double survivors() const { return prefix_.survivors; }

 private:
  struct Worker;

  const Records& right() const { return right_ ? *right_ : left_; }
  const Prefixes& right_prefixes() const { return right_prefixes_ ? *right_prefixes_ : left_prefixes_; }
  std::size_t units() const { return left_blocks_ * right_blocks_; }
  void work(Worker& worker, double most_pairs, std::size_t most_hits) noexcept;
  void do_unit(std::size_t unit, Worker& worker) const;
  Places begin_of(std::size_t unit) const;
  double pairs_of(std::size_t unit) const;
  void set_looks(Block& block, std::size_t left, std::size_t right, std::vector<Range>& looks) const;

  const Implementation& implementation_;
  Rule rule_;
  Records left_;
  std::optional<Records> right_;
  Prefix prefix_;
  Prefixes left_prefixes_;
  std::optional<Prefixes> right_prefixes_;
  std::size_t right_rows_, right_blocks_, left_rows_, left_blocks_;
  double pairs_, done_ = 0;
  std::atomic<std::size_t> next_{0}, found_{0};
  std::atomic<double> taken_{0};
  std::mutex failing_;
  std::exception_ptr failure_;
};

}  // namespace waylink
