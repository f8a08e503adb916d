#include "scan.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>

namespace waylink {

struct Hit {
  std::uint32_t left, right;
  double score;
};

// What one thread found; the hits of a tile stand side by side.
class Hits {
 public:
  std::vector<Hit> all;
};

void add_hit(Hits& hits, std::uint32_t left, std::uint32_t right, double score) {
  hits.all.push_back({left, right, score});
}

namespace {

// The hits of one tile, inside those of the thread that did it.
struct Segment {
  const Hits* hits = nullptr;
  std::size_t begin = 0, end = 0;
};

class Scan {
 public:
  Scan(const Implementation& implementation, const List& left, const List& right, double threshold, bool inside)
      : scan_tile_(implementation.scan_tile),
        rule_(left.bytes * 8, threshold),
        left_(left),
        right_(right, implementation.lanes, rule_),
        words_(words_of(left.bytes)),
        left_count_(left.count),
        right_count_(right.count),
        inside_(inside),
        segments_((left.count + kTileRows - 1) / kTileRows) {}

  Found run(unsigned threads) {
    std::vector<Hits> hits(std::clamp<std::size_t>(threads, 1, std::max<std::size_t>(segments_.size(), 1)));
    {
      std::vector<std::jthread> crew;
      crew.reserve(hits.size() - 1);
      try {
        for (std::size_t i = 1; i < hits.size(); ++i) crew.emplace_back([this, &own = hits[i]] { work(own); });
      } catch (const std::system_error&) {
        // The system gives no more threads: those that run, and this one, do all the tiles.
      }
      work(hits[0]);
    }
    if (failure_) std::rethrow_exception(failure_);
    return collect();
  }

 private:
  // Takes tiles until none is left. An exception ends the work of all and is kept for the caller's thread.
  void work(Hits& hits) noexcept {
    try {
      for (std::size_t tile = next_++; tile < segments_.size(); tile = next_++) {
        const std::size_t begin = hits.all.size();
        for (std::size_t panel = 0; panel < right_.count; ++panel) scan_tile_(view(tile, panel), hits);
        std::sort(hits.all.begin() + static_cast<std::ptrdiff_t>(begin), hits.all.end(),
                  [](const Hit& a, const Hit& b) { return a.left != b.left ? a.left < b.left : a.right < b.right; });
        segments_[tile] = {&hits, begin, hits.all.size()};
      }
    } catch (...) {
      next_ = segments_.size();
      const std::lock_guard<std::mutex> lock(failing_);
      if (!failure_) failure_ = std::current_exception();
    }
  }

  Tile view(std::size_t tile, std::size_t panel) const {
    const std::size_t first = panel * kPanelRows;
    return {
        .left_bits = left_.bits.data(),
        .left_popcount = left_.popcount.data(),
        .left_begin = static_cast<std::uint32_t>(tile * kTileRows),
        .left_end = static_cast<std::uint32_t>(std::min((tile + 1) * kTileRows, left_count_)),
        .right_bits = right_.bits.data() + first * words_,
        .right_popcount = right_.popcount.data() + first,
        .right_row = right_.row.data() + first,
        .right_slack = right_.slack.data() + first,
        .right_end = static_cast<std::uint32_t>(std::min(first + kPanelRows, right_count_)),
        .groups = right_.groups,
        .words = words_,
        .needed = rule_.needed.data(),
        .shortest = rule_.shortest.data(),
        .longest = rule_.longest.data(),
        .slack = rule_.slack.data(),
        .inside = inside_,
    };
  }

  // In the order of the tiles, whoever did them.
  Found collect() const {
    Found found;
    std::size_t total = 0;
    for (const Segment& segment : segments_) total += segment.end - segment.begin;
    found.left.reserve(total);
    found.right.reserve(total);
    found.score.reserve(total);
    for (const Segment& segment : segments_) {
      for (std::size_t i = segment.begin; i < segment.end; ++i) {
        const Hit& hit = segment.hits->all[i];
        found.left.push_back(hit.left);
        found.right.push_back(hit.right);
        found.score.push_back(hit.score);
      }
    }
    return found;
  }

  ScanTile scan_tile_;
  Rule rule_;
  Rows left_;
  Panels right_;
  std::size_t words_, left_count_, right_count_;
  bool inside_;
  std::vector<Segment> segments_;
  std::atomic<std::size_t> next_{0};
  std::mutex failing_;
  std::exception_ptr failure_;
};

}  // namespace

Found scan(const Implementation& implementation, const List& left, const List& right, double threshold, bool inside,
           unsigned threads) {
  return Scan(implementation, left, right, threshold, inside).run(threads);
}

}  // namespace waylink
