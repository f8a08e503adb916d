#include "scan.h"

#include <algorithm>
#include <system_error>
#include <thread>

#include "score.h"

namespace waylink {
namespace {

// A unit of work is a block of pairs: kLeftRows records against a panel, which is laid out anew for each unit. The more
// left records share it the less that costs; the fewer there are the more evenly threads end.
constexpr std::size_t kLeftRows = 8192;
constexpr std::size_t kLeastLeftRows = 256;
constexpr std::size_t kWantedUnits = 64;

constexpr std::size_t kMostPanelRows = 2048, kPanelStep = 128;

std::size_t panel_rows_of(const Implementation& implementation, std::size_t words) {
  const std::size_t rows = implementation.panel_bytes / std::max<std::size_t>(implementation.bytes_per_word * words, 1);
  return std::clamp(rows / kPanelStep * kPanelStep, kPanelStep, kMostPanelRows);
}

std::size_t blocks_of(std::size_t count, std::size_t rows) { return (count + rows - 1) / rows; }

std::size_t left_rows_of(std::size_t count, std::size_t right_blocks) {
  const std::size_t blocks = std::max<std::size_t>(kWantedUnits / std::max<std::size_t>(right_blocks, 1), 1);
  return std::clamp(blocks_of(count, blocks) / kAmxRows * kAmxRows, kLeastLeftRows, kLeftRows);
}

// Of one list with another or, with `inside`, of a list with itself.
double pairs_between(std::size_t left, std::size_t right, bool inside) {
  const double rows = static_cast<double>(left);
  return inside ? rows * (rows - 1) / 2 : rows * static_cast<double>(right);
}

}  // namespace

// What one thread works with.
struct Scan::Worker {
  Aligned<std::byte> space;
  std::vector<Range> looks;
  std::vector<Hit> hits;
  double done = 0;
};

// Decides the pairs that a sieve lets pass.
class Near {
 public:
  // Of a block that starts at these places.
  Near(const Rule& rule, const Records& left, const Records& right, Places begin, bool inside, std::vector<Hit>& hits)
      : rule_(rule), left_(left), right_(right), begin_(begin), inside_(inside), hits_(hits) {}

  void decide(std::uint32_t left, std::uint32_t right) {
    const std::size_t a = begin_.left + left, b = begin_.right + right;
    if (inside_ && b <= a) return;
    const std::uint32_t sum = left_.popcount[a] + right_.popcount[b];
    const std::uint32_t common =
        common_ones(&left_.bits[a * left_.words], &right_.bits[b * right_.words], left_.words);
    if (common < rule_.needed[sum]) return;
    std::uint32_t rows[] = {left_.row[a], right_.row[b]};
    if (inside_ && rows[0] > rows[1]) std::swap(rows[0], rows[1]);
    hits_.push_back({rows[0], rows[1], dice(common, sum)});
  }

 private:
  const Rule& rule_;
  const Records &left_, &right_;
  Places begin_;
  bool inside_;
  std::vector<Hit>& hits_;
};

void add_near(Near& near, std::uint32_t left, std::uint32_t right) { near.decide(left, right); }

Scan::Scan(const Implementation& implementation, const List& left, const List* right, double threshold)
    : implementation_(implementation),
      rule_(left.bytes * 8, threshold),
      left_(left),
      right_(right ? std::optional<Records>(*right) : std::nullopt),
      prefix_(choose_prefix(left_, this->right(), rule_, implementation.costs)),
      left_prefixes_(left_, prefix_, rule_),
      right_prefixes_(right ? std::optional<Prefixes>(std::in_place, *right_, prefix_, rule_) : std::nullopt),
      right_rows_(panel_rows_of(implementation, prefix_.words)),
      right_blocks_(blocks_of(this->right().count, right_rows_)),
      left_rows_(left_rows_of(left_.count, right_blocks_)),
      left_blocks_(blocks_of(left_.count, left_rows_)) {
  pairs_ = pairs_between(left.count, right ? right->count : left.count, !right);
  done_ = pairs_ - pairs_between(left_.count, this->right().count, !right);  // a pair with an empty filter needs no look
}

std::vector<Hit> Scan::take(double most_pairs, std::size_t most_hits, unsigned threads) {
  if (failure_) std::rethrow_exception(failure_);
  found_ = 0, taken_ = 0;
  std::vector<Worker> workers(std::clamp<std::size_t>(threads, 1, std::max<std::size_t>(units() - next_, 1)));
  {
    std::vector<std::jthread> crew;
    crew.reserve(workers.size() - 1);
    try {
      for (std::size_t i = 1; i < workers.size(); ++i)
        crew.emplace_back([this, &own = workers[i], most_pairs, most_hits] { work(own, most_pairs, most_hits); });
    } catch (const std::system_error&) {
      // The system gives no more threads: those that run, and this one, do all the work.
    }
    work(workers[0], most_pairs, most_hits);
  }
  if (failure_) std::rethrow_exception(failure_);
  std::vector<Hit> hits = std::move(workers[0].hits);
  for (std::size_t i = 1; i < workers.size(); ++i)
    hits.insert(hits.end(), workers[i].hits.begin(), workers[i].hits.end());
  for (const Worker& worker : workers) done_ += worker.done;
  if (finished()) done_ = pairs_;
  return hits;
}

// Takes units until there are none or it is enough. An exception ends the work of all and is kept for the caller.
void Scan::work(Worker& worker, double most_pairs, std::size_t most_hits) noexcept {
  try {
    worker.space.resize(implementation_.space(prefix_.words, right_rows_));
    while (taken_ < most_pairs && found_ < most_hits) {
      const std::size_t unit = next_++;
      if (unit >= units()) break;
      const std::size_t before = worker.hits.size();
      do_unit(unit, worker);
      const double pairs = pairs_of(unit);
      found_ += worker.hits.size() - before;
      taken_ += pairs;
      worker.done += pairs;
    }
  } catch (...) {
    next_ = units();
    const std::lock_guard<std::mutex> lock(failing_);
    if (!failure_) failure_ = std::current_exception();
  }
}

void Scan::do_unit(std::size_t unit, Worker& worker) const {
  const auto [left, other] = begin_of(unit);
  const std::size_t words = prefix_.words;
  Block block{.left_bits = left_prefixes_.bits.data() + left * words,
              .left_bound = left_prefixes_.bound.data() + left,
              .left_count = static_cast<std::uint32_t>(std::min(left_rows_, left_.count - left)),
              .right_bits = right_prefixes().bits.data() + other * words,
              .right_bound = right_prefixes().bound.data() + other,
              .right_count = static_cast<std::uint32_t>(std::min(right_rows_, right().count - other)),
              .words = words,
              .looks = nullptr};
  set_looks(block, left, other, worker.looks);
  if (worker.looks.empty()) return;
  Near near(rule_, left_, right(), {left, other}, !right_, worker.hits);
  implementation_.sieve(block, worker.space.data(), near);
}

// The right records that each tile has to look at: those whose popcounts the length bound allows and, inside one list,
// those that come later. `looks` stays empty where there are none for any tile.
void Scan::set_looks(Block& block, std::size_t left, std::size_t right, std::vector<Range>& looks) const {
  const auto first = this->right().popcount.begin() + static_cast<std::ptrdiff_t>(right);
  const auto last = first + block.right_count;
  looks.clear();
  bool any = false;
  for (std::uint32_t row = 0; row < block.left_count; row += implementation_.tile_rows) {
    const std::size_t end = std::min(row + implementation_.tile_rows, block.left_count) - 1;
    const std::uint32_t least = rule_.shortest[left_.popcount[left + row]];
    const std::uint32_t most = rule_.longest[left_.popcount[left + end]];
    Range look{static_cast<std::uint32_t>(std::lower_bound(first, last, least) - first),
               static_cast<std::uint32_t>(std::upper_bound(first, last, most) - first)};
    if (!right_ && left + row + 1 > right)
      look.begin = std::max(look.begin, static_cast<std::uint32_t>(std::min<std::size_t>(left + row + 1 - right, block.right_count)));
    any |= look.begin < look.end;
    looks.push_back(look);
  }
  if (!any) looks.clear();
  block.looks = looks.data();
}

Places Scan::begin_of(std::size_t unit) const {
  return {unit / right_blocks_ * left_rows_, unit % right_blocks_ * right_rows_};
}

double Scan::pairs_of(std::size_t unit) const {
  const auto [left, other] = begin_of(unit);
  const std::size_t rows = std::min(left_rows_, left_.count - left), columns = std::min(right_rows_, right().count - other);
  if (right_) return static_cast<double>(rows) * static_cast<double>(columns);
  double pairs = 0;
  for (std::size_t place = left; place < left + rows; ++place)
    pairs += static_cast<double>(other + columns - std::clamp(place + 1, other, other + columns));
  return pairs;
}

}  // namespace waylink
