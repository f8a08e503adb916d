// Where Python comes in: shapes, dtypes and order are checked here, the GIL is dropped, nothing is computed.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <algorithm>
#include <vector>

#include "filters.h"
#include "grams.h"

namespace nb = nanobind;

namespace {

template <class T>
using Column = nb::ndarray<const T, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
template <class T>
using Filled = nb::ndarray<T, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
using Rows = nb::ndarray<std::uint8_t, nb::ndim<2>, nb::c_contig, nb::device::cpu>;

constexpr std::size_t kBlock = 1 << 14;  // texts looked at for one drop of the GIL

template <class T>
std::span<const T> span_of(const Column<T>& column) {
  return {column.data(), column.shape(0)};
}

// Some of the list's texts, and the references that keep them alive while the GIL is dropped.
struct Block {
  std::vector<nb::object> kept;
  std::vector<waylink::Text> texts;

  Block(const nb::list& all, std::size_t begin) {
    for (std::size_t i = begin; i < std::min(all.size(), begin + kBlock); ++i) {
      kept.push_back(nb::borrow(all[i]));
      PyObject* text = kept.back().ptr();
      if (!PyUnicode_Check(text)) throw nb::type_error("there is something that is no text");
      texts.push_back({PyUnicode_DATA(text), static_cast<std::size_t>(PyUnicode_GET_LENGTH(text)),
                       static_cast<unsigned>(PyUnicode_KIND(text))});
    }
  }
};

nb::object gram_text(const waylink::Grams& grams, std::size_t id) {
  const auto gram = grams.gram(id);
  const auto text = nb::steal(PyUnicode_FromKindAndData(PyUnicode_4BYTE_KIND, gram.data(), static_cast<Py_ssize_t>(gram.size())));
  if (!text.is_valid()) throw nb::python_error();
  const std::size_t position = grams.position(id);
  return position == 0 ? nb::object(text) : nb::object(nb::str("{} {}").format(position, text));
}

nb::list cut(const nb::list& texts, std::size_t n, bool positional, const Filled<waylink::GramId>& token) {
  if (n == 0) throw nb::value_error("n-grams of no letters are not made here");
  waylink::Grams grams(n, positional);
  waylink::GramId *out = token.data(), *const end = out + token.shape(0);
  for (std::size_t begin = 0; begin < texts.size(); begin += kBlock) {
    const Block block(texts, begin);
    const nb::gil_scoped_release released;
    for (const waylink::Text& text : block.texts) {
      const std::size_t count = grams.count_in(text.length);
      if (static_cast<std::size_t>(end - out) < count) throw nb::value_error("there is no room for all tokens");
      grams.cut(text, out);
      out += count;
    }
  }
  if (out != end) throw nb::value_error("there is room for more tokens");
  nb::list found;
  for (std::size_t id = 0; id < grams.size(); ++id) found.append(gram_text(grams, id));
  return found;
}

void most_bits(const Column<std::int64_t>& first, const Column<std::int32_t>& token, const Column<std::int32_t>& least,
               const Column<std::int32_t>& extra, const Filled<std::int32_t>& most) {
  const nb::gil_scoped_release released;
  waylink::most_bits({{}, span_of(first), span_of(token), span_of(least), span_of(extra), {}, {}},
                     {most.data(), most.shape(0)});
}

// The filters, and the arrays whose memory they read.
class Filling {
 public:
  Filling(std::size_t bits, unsigned folds) : filters_(bits, folds) {}

  void add(const Column<std::int32_t>& codes, const Column<std::int64_t>& first, const Column<std::int32_t>& token,
           const Column<std::int32_t>& least, const Column<std::int32_t>& extra, const Column<std::int64_t>& place,
           const Column<std::uint32_t>& positions) {
    {
      const nb::gil_scoped_release released;
      filters_.add({span_of(codes), span_of(first), span_of(token), span_of(least), span_of(extra), span_of(place),
                    span_of(positions)});
    }
    narrow_.insert(narrow_.end(), {codes, token, least, extra});
    wide_.insert(wide_.end(), {first, place});
    positions_.push_back(positions);
  }

  void write(const Column<std::int64_t>& to, const Rows& out) const {
    if (to.shape(0) != filters_.records()) throw nb::value_error("each record needs a row");
    if (out.shape(1) != filters_.folded_bytes()) throw nb::value_error("rows have another length");
    const nb::gil_scoped_release released;
    const auto rows = static_cast<std::int64_t>(out.shape(0));
    if (!std::all_of(to.data(), to.data() + to.shape(0), [rows](auto row) { return row >= 0 && row < rows; }))
      throw nb::value_error("there is no such row");
    filters_.write(to.data(), out.data());
  }

 private:
  waylink::Filters filters_;
  std::vector<Column<std::int32_t>> narrow_;
  std::vector<Column<std::int64_t>> wide_;
  std::vector<Column<std::uint32_t>> positions_;
};

}  // namespace

NB_MODULE(_native, module) {
  module.doc() = "Tokenising and bit-setting: texts become numbered n-grams, and tokens' positions become filters.";
  module.def("cut", &cut, nb::arg("texts"), nb::arg("n"), nb::arg("positional"), nb::arg("token").noconvert(),
             "Fills `token` with the numbers of the texts' n-grams; gives the n-grams by number.");
  module.def("most_bits", &most_bits, nb::arg("first").noconvert(), nb::arg("token").noconvert(),
             nb::arg("least").noconvert(), nb::arg("extra").noconvert(), nb::arg("most").noconvert(),
             "Fills `most` with the most bits that each distinct token sets anywhere.");
  nb::class_<Filling>(module, "Filters")
      .def(nb::init<std::size_t, unsigned>(), nb::arg("bits"), nb::arg("folds"))
      .def("add", &Filling::add, nb::arg("codes").noconvert(), nb::arg("first").noconvert(),
           nb::arg("token").noconvert(), nb::arg("least").noconvert(), nb::arg("extra").noconvert(),
           nb::arg("place").noconvert(), nb::arg("positions").noconvert(), "Takes one field in; checks its arrays.")
      .def("write", &Filling::write, nb::arg("to").noconvert(), nb::arg("out").noconvert(),
           "Writes the folded filters: record i's to row to[i] of `out`.");
}
