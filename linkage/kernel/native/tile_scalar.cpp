// One pair at a time with 64-bit words: any processor (on x86-64 compiled for POPCNT).
#include "tile.h"

namespace waylink {
namespace {

struct Scalar {
  static constexpr std::size_t lanes = 1;

  static std::uint64_t zero() { return 0; }

  static std::uint64_t add_chunk(std::uint64_t sum, const std::uint64_t* left, const std::uint64_t* right) {
    for (std::size_t word = 0; word < kChunkWords; ++word)
      sum += static_cast<std::uint64_t>(__builtin_popcountll(left[word] ^ right[word]));
    return sum;
  }

  static unsigned within(std::uint64_t sum, std::int64_t left, const std::int64_t* right) {
    return static_cast<std::int64_t>(sum) <= left + *right;
  }

  static void store(std::uint64_t sum, std::uint64_t* distance) { *distance = sum; }
};

}  // namespace

void scan_tile_scalar(const Tile& tile, Hits& hits) { scan_tile<Scalar>(tile, hits); }

}  // namespace waylink
