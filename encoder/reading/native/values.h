// The distinct values of a column, numbered in the order in which they come.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace waylink {

class Values {
 public:
  Values() : slots_(kFirstSlots) {}

  // Appends the values' numbers; a new one's is the next.
  void number(const std::vector<std::string_view>& texts, std::vector<std::int32_t>& numbers);

  std::size_t size() const { return ends_.size(); }
  std::string_view text(std::size_t number) const {
    const std::size_t begin = number == 0 ? 0 : ends_[number - 1];
    return {bytes_.data() + begin, ends_[number] - begin};
  }

 private:
  static constexpr std::size_t kFirstSlots = 64;  // a power of two, like every later size
  static constexpr std::size_t kAhead = 32;       // values whose memory is called for before the first is needed

  void call_for_memory(const std::uint64_t* signs, std::size_t count) const;
  std::int32_t number_of(std::string_view text, std::uint64_t sign);
  void grow();

  std::string bytes_;               // the values one after the other,
  std::vector<std::size_t> ends_;   // and where each ends
  std::vector<std::uint64_t> slots_;  // half digest, half number + 1; 0 for a free one
};

}  // namespace waylink
