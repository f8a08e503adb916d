// A text as Python holds it: code points of one, two or four bytes each (PEP 393), read in place.
#pragma once

#include <cstddef>
#include <cstdint>

namespace waylink {

struct Text {
  const void* data;
  std::size_t length;  // in code points
  unsigned width;      // bytes a code point: 1, 2 or 4
};

// Writes the text's code points to `out`.
inline void widen(const Text& text, char32_t* out) {
  const auto copy = [&](const auto* from) {
    for (std::size_t i = 0; i < text.length; ++i) out[i] = from[i];
  };
  if (text.width == 1) return copy(static_cast<const std::uint8_t*>(text.data));
  if (text.width == 2) return copy(static_cast<const std::uint16_t*>(text.data));
  copy(static_cast<const char32_t*>(text.data));
}

}  // namespace waylink
