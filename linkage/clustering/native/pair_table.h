// Values kept for pairs of groups: a flat hash table with linear probing (Knuth, TAOCP 3, 6.4, algorithms L and R).
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "big_vector.h"
#include "pairs.h"

namespace waylink {

__extension__ using Wide = unsigned __int128;

// The order of the two groups of a pair does not matter. References hold until the next insertion or removal.
template <class Value>
class PairTable {
 public:
  // Forgets everything and makes room for so many pairs.
  void reset(std::size_t pairs) {
    capacity_ = pairs + pairs / kSlack + kLeastRoom;
    count_ = 0;
    if (slots_.size() < capacity_) {
      slots_ = {};  // first, so that the old and the new one never stand side by side
      slots_.resize(capacity_);
    }
    std::fill_n(slots_.begin(), capacity_, Slot{});
  }

  Value* find(Record a, Record b) {
    Slot& slot = slots_[seek(Key(a, b))];
    return slot.key.empty() ? nullptr : &slot.value;
  }

  // The value of a pair, and whether it is new (then it is Value{}).
  std::pair<Value&, bool> at(Record a, Record b) {
    if (count_ + count_ / kSlack + kLeastRoom > capacity_) grow();
    const Key key(a, b);
    Slot& slot = slots_[seek(key)];
    const bool fresh = slot.key.empty();
    if (fresh) {
      slot.key = key;
      ++count_;
    }
    return {slot.value, fresh};
  }

  // Takes a pair out.
  std::optional<Value> take(Record a, Record b) {
    const std::size_t at = seek(Key(a, b));
    if (slots_[at].key.empty()) return std::nullopt;
    const Value value = slots_[at].value;
    close_gap(at);
    --count_;
    return value;
  }

  // Asks for the memory of a pair ahead of its use.
  void prefetch(Record a, Record b) const { __builtin_prefetch(&slots_[home(Key(a, b))]); }

 private:
  // A third more slots than pairs: about two and a half looks for a pair that is there, eight for one that is not.
  static constexpr std::size_t kSlack = 3;
  static constexpr std::size_t kLeastRoom = 4;  // there is always an empty slot, so that every search ends

  // Two halves, so that a slot is as narrow as its value allows.
  struct Key {
    Record low = kNone, high = kNone;

    Key() = default;
    Key(Record a, Record b) : low(std::min(a, b)), high(std::max(a, b)) {}
    bool empty() const { return low == kNone; }
    bool operator==(const Key&) const = default;
  };

  struct Slot {
    Key key;
    Value value{};
  };

  // Odd constants near 2^64 over the golden ratio, and of Pelle Evensen's rrmxmx: every bit of the key reaches the top.
  std::size_t home(const Key& key) const {
    std::uint64_t mixed = (std::uint64_t{key.low} << 32 | key.high) * 0x9E3779B97F4A7C15;
    mixed = (mixed ^ mixed >> 32) * 0x9FB21C651E98DF25;
    return static_cast<std::size_t>(Wide{mixed} * capacity_ >> 64);
  }

  std::size_t after(std::size_t at) const { return at + 1 == capacity_ ? 0 : at + 1; }
  std::size_t steps(std::size_t from, std::size_t to) const { return to >= from ? to - from : to + capacity_ - from; }

  // Where a key is, or where it would go.
  std::size_t seek(const Key& key) const {
    std::size_t at = home(key);
    while (slots_[at].key != key && !slots_[at].key.empty()) at = after(at);
    return at;
  }

  // Moves later slots up that were pushed away from their home, so that no search stops short at the gap.
  void close_gap(std::size_t gap) {
    for (std::size_t at = after(gap); !slots_[at].key.empty(); at = after(at)) {
      if (steps(home(slots_[at].key), at) < steps(gap, at)) continue;
      slots_[gap] = slots_[at];
      gap = at;
    }
    slots_[gap] = Slot{};
  }

  void grow() {
    BigVector<Slot> old(2 * capacity_);
    old.swap(slots_);
    old.resize(capacity_);
    capacity_ = slots_.size();
    for (const Slot& slot : old)
      if (!slot.key.empty()) slots_[seek(slot.key)] = slot;
  }

  BigVector<Slot> slots_ = BigVector<Slot>(kLeastRoom);
  std::size_t capacity_ = kLeastRoom, count_ = 0;
};

}  // namespace waylink
