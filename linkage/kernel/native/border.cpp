// Where Python comes in: shapes, dtypes and order are checked here, the GIL is dropped, nothing is computed.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/string.h>

#include <limits>
#include <string>
#include <utility>

#include "scan.h"

namespace nb = nanobind;

namespace {

using Bits = nb::ndarray<const std::uint8_t, nb::ndim<2>, nb::c_contig, nb::device::cpu>;

// Sums of two popcounts are 32-bit numbers, and so are rows.
constexpr std::size_t kMostBytes = std::size_t{1} << 24;
constexpr std::size_t kMostRows = std::numeric_limits<std::uint32_t>::max() - waylink::kPanelRows;

waylink::List list_of(const Bits& bits) {
  if (bits.shape(0) > kMostRows) throw nb::value_error("too many rows");
  if (bits.shape(1) > kMostBytes) throw nb::value_error("filters are too long");
  return {bits.data(), bits.shape(0), bits.shape(1)};
}

// A vector as a NumPy array that owns it.
template <class T>
nb::object array_of(std::vector<T>&& column) {
  auto* kept = new std::vector<T>(std::move(column));
  nb::capsule owner(kept, [](void* memory) noexcept { delete static_cast<std::vector<T>*>(memory); });
  return nb::cast(nb::ndarray<nb::numpy, T, nb::ndim<1>>(kept->data(), {kept->size()}, owner));
}

nb::tuple scan(const std::string& name, const Bits& left, const Bits& right, double threshold, bool inside,
               unsigned threads) {
  // (1) an implementation that this processor runs
  const waylink::Implementation* implementation = waylink::find_implementation(name);
  if (implementation == nullptr) throw nb::value_error("no such implementation on this processor");
  // (2) two lists of one filter length, that fit the integers
  const waylink::List lists[] = {list_of(left), list_of(right)};
  if (lists[0].bytes != lists[1].bytes) throw nb::value_error("filters have different lengths");
  // (3) a list against itself: its rows lead the right list
  if (inside && lists[0].count > lists[1].count) throw nb::value_error("the right list must start with the left one");
  // (4) a threshold that no pair of empty filters reaches
  if (!(threshold > 0.0 && threshold <= 1.0)) throw nb::value_error("the threshold must be over 0 and at most 1");
  waylink::Found found;
  {
    const nb::gil_scoped_release released;
    found = waylink::scan(*implementation, lists[0], lists[1], threshold, inside, threads);
  }
  return nb::make_tuple(array_of(std::move(found.left)), array_of(std::move(found.right)),
                        array_of(std::move(found.score)));
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
  module.def("scan", &scan, nb::arg("implementation"), nb::arg("left").noconvert(), nb::arg("right").noconvert(),
             nb::arg("threshold"), nb::arg("inside"), nb::arg("threads"),
             "Rows and scores of all candidate pairs, by left row, then right row.");
}
