#include "grouping.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace waylink {
namespace {

constexpr std::uint64_t kBits = 64;  // of `About::members`

}  // namespace

Grouping::Grouping(const Records& records)
    : group_(records.count), next_(records.count), about_(records.count), member_(records.member) {
  std::iota(group_.begin(), group_.end(), Record{0});
  std::iota(next_.begin(), next_.end(), Record{0});
  for (std::size_t record = 0; record < records.count; ++record) {
    const auto member = member_ == nullptr ? std::uint64_t{0} : static_cast<std::uint64_t>(member_[record]);
    about_[record] = {std::uint64_t{1} << member % kBits, 1, static_cast<Record>(record), kNone};
    few_members_ = few_members_ && member < kBits;
  }
}

void Grouping::absorb(Record into, Record absorbed) {
  each(absorbed, [this, into](Record record) { group_[record] = into; });
  std::swap(next_[into], next_[absorbed]);  // two rings become one
  about_[into].size += about_[absorbed].size;
  about_[into].first = std::min(about_[into].first, about_[absorbed].first);
  about_[into].members |= about_[absorbed].members;
}

// The bits say no for certain. They may say yes wrongly where members are 64 apart, so that is looked up.
bool Grouping::share_member(Record a, Record b) const {
  if ((about_[a].members & about_[b].members) == 0) return false;
  if (few_members_) return true;
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
  for (std::size_t record = 0; record < group_.size(); ++record) label[record] = about_[group_[record]].first;
}

}  // namespace waylink
