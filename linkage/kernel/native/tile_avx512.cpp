// Eight pairs at a time with AVX-512F and VPOPCNTDQ.
//
// Not run yet: it was written on a machine without AVX-512, where it was compiled and seen to use VPOPCNTQ. The
// logic around it (tile.h) is the one that the other two files run. The tests take it in by themselves on a machine
// that has it, and every linkage run checks a sample of its pairs against anonlink (linkage/candidates/selfcheck.py).
#include <immintrin.h>

#include "tile.h"

namespace waylink {
namespace {

struct Avx512 {
  static constexpr std::size_t lanes = 8;

  static __m512i zero() { return _mm512_setzero_si512(); }

  static __m512i add_chunk(__m512i sum, const std::uint64_t* left, const std::uint64_t* right) {
    for (std::size_t word = 0; word < kChunkWords; ++word) {
      const __m512i one = _mm512_set1_epi64(static_cast<long long>(left[word]));
      const __m512i eight = _mm512_load_si512(right + word * lanes);
      sum = _mm512_add_epi64(sum, _mm512_popcnt_epi64(_mm512_xor_si512(one, eight)));
    }
    return sum;
  }

  static unsigned within(__m512i sum, std::int64_t left, const std::int64_t* right) {
    const __m512i slack = _mm512_add_epi64(_mm512_load_si512(right), _mm512_set1_epi64(left));
    return _mm512_cmple_epi64_mask(sum, slack);
  }

  static void store(__m512i sum, std::uint64_t* distance) { _mm512_store_si512(distance, sum); }
};

}  // namespace

void scan_tile_avx512(const Tile& tile, Hits& hits) { scan_tile<Avx512>(tile, hits); }

}  // namespace waylink
