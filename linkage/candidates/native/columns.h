// The filters turned over: one column a bit position, so that a few positions of all records are quick to read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "filters.h"

namespace waylink {

// Sampled bits of a record that a table reads: as many as a word holds.
inline constexpr std::size_t kWordBits = 64;

class Columns {
 public:
  Columns(const Filters& filters, unsigned threads);

  // words[record]: its bits at up to 64 positions, the first position highest; unused low bits are zero.
  // A position is bit (position % 8), lowest first, of byte (position / 8).
  void read(const std::uint32_t* positions, std::size_t count, std::vector<std::uint64_t>& words) const;

 private:
  void turn(const Filters& filters, std::size_t line);

  std::size_t records_, stride_;     // stride_: words from one column to the next
  std::vector<std::uint64_t> bits_;  // [position][record / 64], bit record % 64
};

// The same word for one record, from its filter.
std::uint64_t read_word(const std::uint8_t* filter, const std::uint32_t* positions, std::size_t count);

}  // namespace waylink
