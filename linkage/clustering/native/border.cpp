// Where Python comes in: shapes, dtypes and ranges are checked here, the GIL is dropped, nothing is computed.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <functional>
#include <utility>
#include <vector>

#include "array_of.h"
#include "average.h"
#include "greedy.h"
#include "supervise.h"

namespace nb = nanobind;
using waylink::array_of;

namespace {

template <class T>
using Column = nb::ndarray<const T, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
using Numbers = Column<std::int64_t>;

waylink::Pairs pairs_of(const Numbers& left, const Numbers& right) {
  if (left.shape(0) != right.shape(0)) throw nb::value_error("columns have different lengths");
  if (left.shape(0) > waylink::kMostPairs) throw nb::value_error("too many pairs");
  return {left.data(), right.data(), left.shape(0)};
}

// An empty column of members says that nobody asks for them.
waylink::Records records_of(std::uint64_t count, const Numbers& member, bool asked) {
  if (count > waylink::kMostRecords) throw nb::value_error("too many records");
  if (member.shape(0) != (asked ? count : 0)) throw nb::value_error("members are wanted for every record, or for none");
  return {count, asked ? member.data() : nullptr};
}

// Without the GIL; an interrupt ends it, and so does whatever `told` raises, which is called about ten times a second.
// Python keeps the exception for this thread until it is thrown.
void supervised(const nb::callable& told, const std::function<void(const waylink::Stop&)>& work) {
  bool whole = false;
  {
    const nb::gil_scoped_release released;
    whole = waylink::supervise(work, [&told] {
      const nb::gil_scoped_acquire acquired;
      if (PyErr_CheckSignals() != 0) return true;
      try {
        told();
      } catch (nb::python_error& raised) {
        raised.restore();
        return true;
      }
      return false;
    });
  }
  if (!whole) throw nb::python_error();
}

nb::object greedy(const Numbers& left, const Numbers& right, std::uint64_t count, const Numbers& member,
                  double merge_threshold, bool deduplicated, const nb::callable& told) {
  const waylink::Pairs pairs = pairs_of(left, right);
  const waylink::Records records = records_of(count, member, deduplicated);
  if (!(merge_threshold >= 0.0 && merge_threshold <= 1.0))
    throw nb::value_error("the merge threshold must be between 0 and 1");
  std::vector<std::int64_t> label;
  supervised(told, [&](const waylink::Stop& stop) {
    label = waylink::greedy(pairs, records, {merge_threshold, deduplicated}, stop);
  });
  return array_of(std::move(label));
}

nb::object average(const Numbers& left, const Numbers& right, const Column<double>& score, std::uint64_t count,
                   const Numbers& member, double threshold, double missing_score, unsigned threads,
                   const nb::callable& told) {
  // (1) columns of one length, that fit the integers
  const waylink::Pairs pairs = pairs_of(left, right);
  if (score.shape(0) != pairs.count) throw nb::value_error("columns have different lengths");
  const bool one_per_member = member.shape(0) > 0;
  const waylink::Records records = records_of(count, member, one_per_member);
  // (2) two scores, and a missing pair that speaks against merging
  const waylink::AverageRule rule{waylink::fixed(threshold), waylink::fixed(missing_score), one_per_member};
  if (rule.missing_score >= rule.threshold) throw nb::value_error("the missing score must be under the threshold");
  std::vector<std::int64_t> label;
  supervised(told, [&](const waylink::Stop& stop) {
    label = waylink::average(pairs, score.data(), records, rule, threads, stop);
  });
  return array_of(std::move(label));
}

}  // namespace

NB_MODULE(_native, module) {
  module.doc() = "Solving and clustering: candidate pairs become groups.";
  module.def("greedy", &greedy, nb::arg("left").noconvert(), nb::arg("right").noconvert(), nb::arg("records"),
             nb::arg("member").noconvert(), nb::arg("merge_threshold"), nb::arg("deduplicated"),
             nb::arg("told"),
             "The lowest record of each record's group, by anonlink's probabilistic greedy solver.");
  module.def("average", &average, nb::arg("left").noconvert(), nb::arg("right").noconvert(),
             nb::arg("score").noconvert(), nb::arg("records"), nb::arg("member").noconvert(), nb::arg("threshold"),
             nb::arg("missing_score"), nb::arg("threads"), nb::arg("told"),
             "The lowest record of each record's group, by average linkage.");
}
