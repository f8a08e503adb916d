// Where Python comes in: shapes, dtypes and order are checked here, the GIL is dropped, nothing is computed.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/unique_ptr.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "array_of.h"
#include "scan.h"

namespace nb = nanobind;
using waylink::array_of;

namespace {

using Bits = nb::ndarray<const std::uint8_t, nb::ndim<2>, nb::c_contig, nb::device::cpu>;

// Sums of two popcounts are 32-bit numbers, and so are rows.
constexpr std::size_t kMostBytes = std::size_t{1} << 24;
constexpr std::size_t kMostRows = std::numeric_limits<std::uint32_t>::max() / 2;

waylink::List list_of(const Bits& bits) {
  if (bits.shape(0) > kMostRows) throw nb::value_error("too many rows");
  if (bits.shape(1) > kMostBytes) throw nb::value_error("filters are too long");
  return {bits.data(), bits.shape(0), bits.shape(1)};
}

struct Columns {
  std::vector<std::uint32_t> left, right;
  std::vector<double> score;

  explicit Columns(const std::vector<waylink::Hit>& hits) {
    left.reserve(hits.size()), right.reserve(hits.size()), score.reserve(hits.size());
    for (const waylink::Hit& hit : hits) left.push_back(hit.left), right.push_back(hit.right), score.push_back(hit.score);
  }
};

bool best_first(const waylink::Hit& a, const waylink::Hit& b) {
  if (a.score != b.score) return a.score > b.score;
  return a.left != b.left ? a.left < b.left : a.right < b.right;
}

std::unique_ptr<waylink::Scan> make_scan(const std::string& name, const Bits& left, const std::optional<Bits>& right,
                                         double threshold) {
  // (1) an implementation that this processor runs
  const waylink::Implementation* implementation = waylink::find_implementation(name);
  if (implementation == nullptr) throw nb::value_error("no such implementation on this processor");
  // (2) one list, or two of one filter length, that fit the integers
  const waylink::List list = list_of(left), other = right ? list_of(*right) : list;
  if (list.bytes != other.bytes) throw nb::value_error("filters have different lengths");
  // (3) a threshold that no pair of empty filters reaches
  if (!(threshold > 0.0 && threshold <= 1.0)) throw nb::value_error("the threshold must be over 0 and at most 1");
  const nb::gil_scoped_release released;
  return std::make_unique<waylink::Scan>(*implementation, list, right ? &other : nullptr, threshold);
}

nb::tuple take(waylink::Scan& scan, double most_pairs, std::size_t most_hits, unsigned threads) {
  std::optional<Columns> columns;
  {
    const nb::gil_scoped_release released;
    std::vector<waylink::Hit> hits = scan.take(most_pairs, most_hits, threads);
    std::sort(hits.begin(), hits.end(), best_first);
    columns.emplace(hits);
  }
  return nb::make_tuple(array_of(std::move(columns->left)), array_of(std::move(columns->right)),
                        array_of(std::move(columns->score)));
}

nb::tuple available() {
  nb::list names;
  for (const auto& implementation : waylink::available())
    names.append(nb::str(implementation.name.data(), implementation.name.size()));
  return nb::tuple(names);
}

}  // namespace

NB_MODULE(_native, module) {
  module.doc() = "The comparing kernel: candidate pairs of two lists of filters.";
  module.def("available", &available, "Names of the implementations this processor runs, slowest first.");
  nb::class_<waylink::Scan>(module, "Scan", "A scan of two lists, or of one with itself, taken in parts.")
      .def(nb::new_(&make_scan), nb::arg("implementation"), nb::arg("left").noconvert(),
           nb::arg("right").noconvert().none(), nb::arg("threshold"))
      .def("take", &take, nb::arg("most_pairs"), nb::arg("most_hits"), nb::arg("threads"),
           "Rows and scores of the next candidate pairs, by falling score, then left row, then right row.")
      .def_prop_ro("pairs", &waylink::Scan::pairs, "Pairs of records, in all.")
      .def_prop_ro("done", &waylink::Scan::done, "Pairs of records compared so far.")
      .def_prop_ro("finished", &waylink::Scan::finished, "Whether all are.")
      .def_prop_ro("prefix_bits", &waylink::Scan::prefix_bits, "Bits that are looked at first.")
      .def_prop_ro("survivors", &waylink::Scan::survivors, "Share of the sampled pairs that these do not rule out.");
}
