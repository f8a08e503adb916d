#include "grouping.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace waylink {

Grouping::Grouping(const Records& records)
    : group_(records.count), next_(records.count), size_(records.count, 1), first_(records.count),
      member_(records.member) {
  std::iota(group_.begin(), group_.end(), Record{0});
  std::iota(next_.begin(), next_.end(), Record{0});
  std::iota(first_.begin(), first_.end(), Record{0});
  if (member_ == nullptr) return;
  members_.resize(records.count);
  for (std::size_t record = 0; record < records.count; ++record)
    members_[record] = std::uint64_t{1} << (static_cast<std::uint64_t>(member_[record]) % 64);
}

void Grouping::absorb(Record into, Record absorbed) {
  each(absorbed, [this, into](Record record) { group_[record] = into; });
  std::swap(next_[into], next_[absorbed]);  // two rings become one
  size_[into] += size_[absorbed];
  first_[into] = std::min(first_[into], first_[absorbed]);
  if (member_ != nullptr) members_[into] |= members_[absorbed];
}

// The bits say no for certain. They say yes wrongly where two members are 64 apart, so that is looked up.
bool Grouping::share_member(Record a, Record b) const {
  if ((members_[a] & members_[b]) == 0) return false;
  if (size_[a] > size_[b]) std::swap(a, b);
  bool found = false;
  each(a, [&](Record record) { found = found || find_member(member_[record], b); });
  return found;
}

bool Grouping::find_member(std::int64_t member, Record group) const {
  bool found = false;
  each(group, [&](Record record) { found = found || member_[record] == member; });
  return found;
}

void Grouping::write_first(std::int64_t* label) const {
  for (std::size_t record = 0; record < group_.size(); ++record) label[record] = first_[group_[record]];
}

}  // namespace waylink
