// The numbers that distances over a prefix are compared with.
#pragma once

#include <cstddef>
#include <cstdint>

namespace waylink {

// Prefixes are whole words. Distances over them are kept in 16 bits, beside bounds of at most kMostBound.
inline constexpr std::size_t kMostPrefixWords = 128;
inline constexpr std::int16_t kMostBound = 16000;  // more than any distance over a prefix: everything passes
inline constexpr std::int16_t kNobody = -16384;    // the bound of a place without a record: nothing passes
static_assert(kMostPrefixWords * 64 < kMostBound, "the largest bound must let everything pass");
static_assert(kMostPrefixWords * 64 - kNobody < 32768, "a distance minus a bound must fit 16 bits");

}  // namespace waylink
