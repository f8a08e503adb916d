#include "prefix.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <numeric>

namespace waylink {
namespace {

constexpr std::size_t kFrequencyRows = 4096;  // rows that say how often a bit is set: to within a hundredth
constexpr std::size_t kSampleRows = 512;      // rows a side that say how many pairs pass: shares down to 1 in 10^5
constexpr std::size_t kSampleShare = 64;      // and no more than this part of all pairs, so that small lists stay quick

// `wanted` places, evenly over all. They are in order of popcount, so every length of filter has its part.
std::vector<std::size_t> spread(std::size_t count, std::size_t wanted) {
  std::vector<std::size_t> places(std::min(count, wanted));
  for (std::size_t i = 0; i < places.size(); ++i) places[i] = i * count / places.size();
  return places;
}

// Share of records with each bit set.
std::vector<double> frequencies(const Records& records) {
  std::vector<double> share(records.words * 64);
  const auto places = spread(records.count, kFrequencyRows);
  for (const std::size_t place : places)
    for (std::size_t bit = 0; bit < share.size(); ++bit)
      share[bit] += static_cast<double>(records.bits[place * records.words + bit / 64] >> (bit % 64) & 1);
  for (double& one : share) one /= static_cast<double>(std::max<std::size_t>(places.size(), 1));
  return share;
}

// All bits, those first in which two strangers differ most often.
std::vector<std::size_t> telling_order(const Records& left, const Records& right) {
  const std::vector<double> a = frequencies(left), b = frequencies(right);
  std::vector<std::size_t> order(a.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto differ = [&](std::size_t bit) { return a[bit] * (1 - b[bit]) + b[bit] * (1 - a[bit]); };
  std::stable_sort(order.begin(), order.end(), [&](std::size_t x, std::size_t y) { return differ(x) > differ(y); });
  return order;
}

// A sampled list with its bits in telling order.
struct Sample {
  Sample(const Records& records, const std::vector<std::size_t>& order, std::size_t rows, const Rule& rule) {
    for (const std::size_t place : spread(records.count, rows)) {
      const std::uint64_t* from = &records.bits[place * records.words];
      std::vector<std::uint64_t> to(records.words);
      for (std::size_t bit = 0; bit < order.size(); ++bit)
        to[bit / 64] |= (from[order[bit] / 64] >> (order[bit] % 64) & 1) << (bit % 64);
      bits.push_back(std::move(to));
      popcount.push_back(records.popcount[place]);
      slack.push_back(rule.slack[records.popcount[place]]);
    }
  }

  std::vector<std::vector<std::uint64_t>> bits;
  std::vector<std::uint32_t> popcount;
  std::vector<std::int64_t> slack;
};

// [words of a prefix] -> share of the sampled pairs that pass it.
std::vector<double> shares_passing(const Sample& left, const Sample& right, std::size_t words, const Rule& rule) {
  std::vector<double> passing(words + 1);
  for (std::size_t i = 0; i < left.bits.size(); ++i) {
    for (std::size_t j = 0; j < right.bits.size(); ++j) {
      if (right.popcount[j] < rule.shortest[left.popcount[i]] || right.popcount[j] > rule.longest[left.popcount[i]])
        continue;  // the length bound keeps it from being looked at
      const std::int64_t most = left.slack[i] + right.slack[j];
      std::int64_t distance = 0;
      for (std::size_t word = 0; word < words && distance <= most; ++word) {
        passing[word] += 1;
        distance += std::popcount(left.bits[i][word] ^ right.bits[j][word]);
      }
      if (distance <= most) passing[words] += 1;
    }
  }
  const double pairs = static_cast<double>(std::max<std::size_t>(left.bits.size() * right.bits.size(), 1));
  for (double& share : passing) share /= pairs;
  return passing;
}

std::size_t sample_rows(const Records& left, const Records& right) {
  const double pairs = static_cast<double>(left.count) * static_cast<double>(right.count);
  return std::clamp<std::size_t>(static_cast<std::size_t>(std::sqrt(pairs / kSampleShare)), 1, kSampleRows);
}

// The bits of a word under a mask, moved together at the low end (Warren, Hacker's Delight, 2nd ed., 7-4, "compress"):
// the steps depend on the mask alone, so they are worked out once.
class Compress {
 public:
  explicit Compress(std::uint64_t mask) : mask_(mask) {
    std::uint64_t to_move = ~mask << 1;
    for (std::size_t step = 0; step < moves_.size(); ++step) {
      std::uint64_t parity = to_move;
      for (unsigned shift = 1; shift < 64; shift *= 2) parity ^= parity << shift;
      moves_[step] = parity & mask;
      mask = (mask ^ moves_[step]) | (moves_[step] >> (1u << step));
      to_move &= ~parity;
    }
  }

  std::uint64_t operator()(std::uint64_t word) const {
    word &= mask_;
    for (std::size_t step = 0; step < moves_.size(); ++step) {
      const std::uint64_t moved = word & moves_[step];
      word = (word ^ moved) | (moved >> (1u << step));
    }
    return word;
  }

  unsigned size() const { return static_cast<unsigned>(std::popcount(mask_)); }

 private:
  std::uint64_t mask_;
  std::array<std::uint64_t, 6> moves_{};
};

// Bits of different words one after the other.
class Appender {
 public:
  explicit Appender(std::uint64_t* to) : to_(to) {}

  void add(std::uint64_t bits, unsigned size) {
    if (size == 0) return;
    to_[used_ / 64] |= bits << (used_ % 64);
    if (used_ % 64 + size > 64) to_[used_ / 64 + 1] |= bits >> (64 - used_ % 64);
    used_ += size;
  }

 private:
  std::uint64_t* to_;
  std::size_t used_ = 0;
};

}  // namespace

Prefix choose_prefix(const Records& left, const Records& right, const Rule& rule, const Costs& costs) {
  const std::size_t words = left.words, longest = std::min(words, kMostPrefixWords), rows = sample_rows(left, right);
  const std::vector<std::size_t> order = telling_order(left, right);
  const std::vector<double> passing =
      shares_passing(Sample(left, order, rows, rule), Sample(right, order, rows, rule), longest, rule);
  const auto cost = [&](std::size_t n) {
    return costs.per_pair + costs.per_bit * 64 * static_cast<double>(n) + costs.per_survivor * passing[n];
  };
  Prefix chosen{std::vector<std::uint64_t>(words), std::min<std::size_t>(longest, 1), 0.0};
  for (std::size_t n = 1; n <= longest; ++n)
    if (cost(n) < cost(chosen.words)) chosen.words = n;
  chosen.survivors = passing[chosen.words];
  for (std::size_t i = 0; i < chosen.words * 64; ++i) chosen.mask[order[i] / 64] |= std::uint64_t{1} << (order[i] % 64);
  return chosen;
}

Prefixes::Prefixes(const Records& records, const Prefix& prefix, const Rule& rule)
    : bits(records.count * prefix.words), bound(records.count) {
  const std::vector<Compress> compress(prefix.mask.begin(), prefix.mask.end());
  for (std::size_t place = 0; place < records.count; ++place) {
    Appender to(bits.data() + place * prefix.words);
    for (std::size_t word = 0; word < records.words; ++word)
      to.add(compress[word](records.bits[place * records.words + word]), compress[word].size());
    bound[place] = static_cast<std::int16_t>(std::min<std::int64_t>(rule.slack[records.popcount[place]], kMostBound));
  }
}

}  // namespace waylink
