// A list of filters as it comes in.
#pragma once

#include <cstddef>
#include <cstdint>

namespace waylink {

// uint8 (count, bytes), C order, most significant bit first.
struct List {
  const std::uint8_t* bits;
  std::size_t count, bytes;
};

}  // namespace waylink
