#include "columns.h"

#include <algorithm>

namespace waylink {
namespace {

// The white space of Unicode, as Python's str.strip knows it. `bytes` is how many of UTF-8's it has; 0 for other signs.
std::size_t white_space(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  const unsigned first = byte(0);
  if ((first >= 0x09 && first <= 0x0d) || (first >= 0x1c && first <= 0x20)) return 1;
  if (first == 0xc2) return byte(1) == 0x85 || byte(1) == 0xa0 ? 2 : 0;  // U+0085, U+00A0
  const unsigned sign = (first & 0x0f) << 12 | (byte(1) & 0x3f) << 6 | (byte(2) & 0x3f);
  if (first < 0xe0 || first > 0xef) return 0;
  const bool white = sign == 0x1680 || (sign >= 0x2000 && sign <= 0x200a) || sign == 0x2028 || sign == 0x2029 ||
                     sign == 0x202f || sign == 0x205f || sign == 0x3000;
  return white ? 3 : 0;
}

// Bytes of a ragged row that are looked at to know the foot of a report.
constexpr std::size_t kTelling = 64;

bool blank(std::string_view text) {
  while (!text.empty()) {
    const std::size_t bytes = white_space(text);
    if (bytes == 0) return false;
    text.remove_prefix(bytes);
  }
  return true;
}

}  // namespace

Part Columns::feed(std::string_view bytes, bool last) {
  Part part;
  part.codes.resize(width());
  records_.feed(bytes, last);
  while (records_.next(fields_)) {
    if (++row_ > skip_ && !std::all_of(fields_.begin(), fields_.end(), blank)) take(part);
  }
  for (std::size_t column = 0; column < width(); ++column) {
    part.codes[column].reserve(cells_[column].size());
    values_[column].number(cells_[column], part.codes[column]);
    cells_[column].clear();
  }
  return part;
}

void Columns::take(Part& part) {
  const auto filled = std::find_if_not(fields_.rbegin(), fields_.rend(), blank);
  const auto past_last = static_cast<std::size_t>(fields_.rend() - filled);
  if (fields_.size() < least_ || past_last > width()) {
    const auto first = std::find_if_not(fields_.begin(), fields_.end(), blank);
    part.ragged.push_back({row_, fields_.size(), std::string(first->substr(0, kTelling))});
    return;
  }
  fields_.resize(width());
  part.rows.push_back(row_);
  for (std::size_t column = 0; column < width(); ++column) cells_[column].push_back(fields_[column]);
}

}  // namespace waylink
