// The two lists as the tiles read them: 64-bit words, padded with zeros, popcounts beside them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <new>
#include <vector>

#include "rule.h"

namespace waylink {

// Words between two looks at the bound: 256 bits. Fewer look too often, more look too late.
inline constexpr std::size_t kChunkWords = 4;

// Left rows of a tile: the work a thread takes at once. A panel is fetched once for all of them.
inline constexpr std::size_t kTileRows = 64;

// Right rows of a panel: 16 KiB at 1024 bits, half of a usual L1 data cache.
inline constexpr std::size_t kPanelRows = 128;

// A list of filters as it comes in: uint8 (count, bytes), C order.
struct List {
  const std::uint8_t* bits;
  std::size_t count, bytes;
};

// An allocator of whole cache lines: no vector load straddles two of them.
template <class T>
struct LineAllocator {
  using value_type = T;
  static constexpr std::align_val_t line{64};

  LineAllocator() = default;
  template <class U>
  LineAllocator(const LineAllocator<U>&) {}
  T* allocate(std::size_t count) { return static_cast<T*>(::operator new(count * sizeof(T), line)); }
  void deallocate(T* memory, std::size_t) { ::operator delete(memory, line); }
  bool operator==(const LineAllocator&) const { return true; }
};

using Words = std::vector<std::uint64_t, LineAllocator<std::uint64_t>>;

// Words of a filter of so many bytes, up to whole chunks.
std::size_t words_of(std::size_t bytes);

// The left list.
struct Rows {
  explicit Rows(const List& list);

  Words bits;                           // [row][word]
  std::vector<std::uint32_t> popcount;  // [row]
};

// The right list, in panels of kPanelRows consecutive rows. Inside a panel the rows are ordered by popcount, so that
// the length bound leaves one run of it, and stand in groups of `lanes` rows, one row a vector lane.
struct Panels {
  Panels(const List& list, std::size_t lanes, const Rule& rule);

  static constexpr std::uint32_t no_popcount = std::numeric_limits<std::uint32_t>::max();  // lanes without a row
  static constexpr std::int64_t no_slack = -(std::int64_t{1} << 40);                       // so that they never pass

  std::size_t count, groups;            // panels, and groups of a panel
  Words bits;                           // [panel][group][word][lane]
  std::vector<std::uint32_t> popcount;  // [panel][group][lane]
  std::vector<std::uint32_t> row;       // [panel][group][lane]
  std::vector<std::int64_t, LineAllocator<std::int64_t>> slack;  // [panel][group][lane]
};

}  // namespace waylink
