// 32 right records at a time with NEON: exclusive or and CNT, which counts the ones of bytes.
#include <arm_neon.h>

#include "planes.h"

namespace waylink {
namespace {

struct Neon {
  using Vec = uint8x16_t;
  using Left = std::uint8_t;
  static constexpr std::size_t kLanes = 16, kSymbolBits = 8, kSegment = 31, kRows = kNeonRows, kVectors = 2,
                               kMaskStep = 8;

  static Left left(std::uint8_t symbol) { return symbol; }
  static Vec prepare(Left symbol) { return vdupq_n_u8(symbol); }
  static Vec zero() { return vdupq_n_u8(0); }
  static Vec load(const std::uint8_t* from) { return vld1q_u8(from); }
  static Vec add(Vec sum, Vec left, Vec right) { return vaddq_u8(sum, vcntq_u8(veorq_u8(left, right))); }

  static Vec low16(Vec bytes) { return vreinterpretq_u8_u16(vmovl_u8(vget_low_u8(bytes))); }
  static Vec high16(Vec bytes) { return vreinterpretq_u8_u16(vmovl_u8(vget_high_u8(bytes))); }
  static constexpr std::size_t place(std::size_t half, std::size_t lane) { return half * (kLanes / 2) + lane; }

  static int16x8_t as16(Vec v) { return vreinterpretq_s16_u8(v); }
  static Vec of16(int16x8_t v) { return vreinterpretq_u8_s16(v); }
  static Vec set16(std::int16_t value) { return of16(vdupq_n_s16(value)); }
  static Vec add16(Vec a, Vec b) { return of16(vaddq_s16(as16(a), as16(b))); }
  static Vec min16(Vec a, Vec b) { return of16(vminq_s16(as16(a), as16(b))); }

  static std::uint64_t within(Vec sums, const std::int16_t* bounds) {
    const uint8x8_t near = vmovn_u16(vcleq_s16(as16(sums), vld1q_s16(bounds)));
    return vget_lane_u64(vreinterpret_u64_u8(near), 0) & 0x0101010101010101u;
  }
  static bool any_within(Vec sums, const std::int16_t* bounds) { return within(sums, bounds) != 0; }
};

}  // namespace

void sieve_neon(const Block& block, std::byte* space, Near& near) { sieve_planes<Neon>(block, space, near); }

std::size_t space_neon(std::size_t words, std::size_t right_count) { return Planes<Neon>::space(words, right_count); }

}  // namespace waylink
