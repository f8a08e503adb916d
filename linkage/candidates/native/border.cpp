// Where Python comes in: shapes, dtypes and order are checked here, the GIL is dropped, nothing is computed.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/vector.h>

#include <limits>
#include <optional>
#include <utility>

#include "array_of.h"
#include "search.h"

namespace nb = nanobind;
using waylink::array_of;

namespace {

using Bits = nb::ndarray<const std::uint8_t, nb::ndim<2>, nb::c_contig, nb::device::cpu>;
using Records = nb::ndarray<const std::uint32_t, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
using Positions = nb::ndarray<const std::uint32_t, nb::ndim<2>, nb::c_contig, nb::device::cpu>;

// Rows and sums of two popcounts are 32-bit numbers.
constexpr std::size_t kMostRows = std::numeric_limits<std::int32_t>::max();
constexpr std::size_t kMostBytes = std::size_t{1} << 24;

// A directory of 2^28 keys takes 1 GiB; two flips of 28 bits are 407 buckets.
constexpr unsigned kMostKeyBits = 28;
constexpr unsigned kMostRadius = 2;

std::vector<waylink::List> lists_of(const std::vector<Bits>& bits, bool apart) {
  std::vector<waylink::List> lists;
  std::size_t rows = 0;
  for (const Bits& one : bits) {
    lists.push_back({one.data(), one.shape(0), one.shape(1)});
    rows += one.shape(0);
    if (one.shape(1) != bits[0].shape(1)) throw nb::value_error("filters have different lengths");
    if (one.shape(1) > kMostBytes) throw nb::value_error("filters are too long");
  }
  if (rows > kMostRows) throw nb::value_error("too many rows");
  if (apart && bits.size() != 2) throw nb::value_error("there must be two lists");
  return lists;
}

// The search, and the arrays whose memory it reads.
class Borrowed {
 public:
  Borrowed(std::vector<Bits> bits, bool apart, double threshold, unsigned threads) : bits_(std::move(bits)) {
    if (!(threshold > 0.0 && threshold <= 1.0)) throw nb::value_error("the threshold must be over 0 and at most 1");
    const auto lists = lists_of(bits_, apart);
    const nb::gil_scoped_release released;
    search_.emplace(lists, apart, threshold, threads);
  }

  std::size_t records() const { return search_->distinct().filters.at.size(); }
  std::size_t first_right() const { return search_->distinct().first_right; }

  nb::object popcounts() const {
    const waylink::Filters& filters = search_->distinct().filters;
    std::vector<std::uint32_t> counts;
    for (const std::uint8_t* filter : filters.at) counts.push_back(waylink::overlap(filter, filter, filters.bytes).common);
    return array_of(std::move(counts));
  }

  nb::object distances(const Records& left, const Records& right) const {
    for (const Records* side : {&left, &right})
      for (std::size_t i = 0; i < side->size(); ++i)
        if (side->data()[i] >= records()) throw nb::value_error("there is no such record");
    return array_of(search_->distances({left.data(), left.size()}, {right.data(), right.size()}));
  }

  nb::list run(const Positions& positions, unsigned key_bits, unsigned radius, unsigned limit, std::size_t popular,
               unsigned threads) {
    const std::size_t bits = search_->distinct().filters.bits(), tables = positions.shape(0);
    if (positions.shape(1) != bits) throw nb::value_error("each table needs every position once");
    for (std::size_t i = 0; i < positions.size(); ++i)
      if (positions.data()[i] >= bits) throw nb::value_error("there is no such position");
    if (key_bits > kMostKeyBits || key_bits > bits) throw nb::value_error("too many key bits");
    if (radius > kMostRadius) throw nb::value_error("too wide a radius");
    if (popular < 2) throw nb::value_error("two records do not make a bucket popular");
    std::vector<waylink::TableFound> found;
    {
      const nb::gil_scoped_release released;
      found = search_->run({positions.data(), positions.size()}, tables, {key_bits, radius, limit, popular}, threads);
    }
    nb::list reports;
    for (waylink::TableFound& one : found)
      reports.append(nb::make_tuple(one.looked, one.scored, one.split, array_of(std::move(one.split_record)),
                                    array_of(std::move(one.split_agreed)), array_of(std::move(one.split_key)),
                                    array_of(std::move(one.split_radius))));
    return reports;
  }

  nb::tuple pairs() const {
    std::vector<std::uint32_t> left, right;
    std::vector<double> score;
    {
      const nb::gil_scoped_release released;
      const auto found = search_->pairs();
      for (const waylink::Pair& pair : found) {
        left.push_back(pair.left);
        right.push_back(pair.right);
        score.push_back(pair.score);
      }
    }
    return nb::make_tuple(array_of(std::move(left)), array_of(std::move(right)), array_of(std::move(score)));
  }

 private:
  std::vector<Bits> bits_;
  std::optional<waylink::Search> search_;
};

}  // namespace

NB_MODULE(_native, module) {
  module.doc() = "Bit-sampling search: pairs of near filters, by tables of sampled bits.";
  nb::class_<Borrowed>(module, "Search")
      .def(nb::init<std::vector<Bits>, bool, double, unsigned>(), nb::arg("lists"), nb::arg("apart"),
           nb::arg("threshold"), nb::arg("threads"))
      .def_prop_ro("records", &Borrowed::records, "Distinct filters; a record is one of them.")
      .def_prop_ro("first_right", &Borrowed::first_right, "With `apart`: the second list's first record.")
      .def("popcounts", &Borrowed::popcounts, "uint32 (records,): bits set.")
      .def("distances", &Borrowed::distances, nb::arg("left").noconvert(), nb::arg("right").noconvert(),
           "uint64 (bits + 1,): pairs of a left and another right record, by Hamming distance.")
      .def("run", &Borrowed::run, nb::arg("positions").noconvert(), nb::arg("key_bits"), nb::arg("radius"),
           nb::arg("limit"), nb::arg("popular"), nb::arg("threads"),
           "Searches a table for each row of positions; for each table (pairs looked at, pairs scored, buckets split, "
           "and of the records that this concerns: the record, bits that must agree, key bits after these, and how "
           "many of these may differ).")
      .def("pairs", &Borrowed::pairs, "Left and right rows and scores of all pairs found so far, by falling score, then left, then right.");
}
