// Candidate pairs as they come in: columns of record numbers, checked when they are read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <stdexcept>

namespace waylink {

// A record's number over all members; groups are named by one of their records.
using Record = std::uint32_t;

// The last number is kept free to say "none"; twice the number of pairs must fit 32 bits.
inline constexpr Record kNone = std::numeric_limits<Record>::max();
inline constexpr std::size_t kMostRecords = kNone;
inline constexpr std::size_t kMostPairs = kNone / 2;

// int64 columns of one length, C order.
struct Pairs {
  const std::int64_t *left, *right;
  std::size_t count;
};

// int64 (records,): whose each record is; null where nobody asks.
struct Records {
  std::size_t count;
  const std::int64_t* member;
};

// A record number, if it is one.
inline Record require_record(std::int64_t number, std::size_t records) {
  if (number < 0 || static_cast<std::uint64_t>(number) >= records)
    throw std::invalid_argument("a pair names a record that does not exist");
  return static_cast<Record>(number);
}

}  // namespace waylink
