// Where Python comes in: arguments are checked here, the GIL is dropped, nothing is computed.
#include <nanobind/nanobind.h>

#include <utility>

#include "array_of.h"
#include "columns.h"

namespace nb = nanobind;
using waylink::array_of;

namespace {

class Csv {
 public:
  Csv(const nb::bytes& delimiter, std::size_t width, std::size_t least, std::int64_t skip)
      : columns_(one(delimiter), width, least, skip) {
    if (least > width) throw nb::value_error("no record needs more cells than there are columns");
  }

  nb::tuple feed(const nb::bytes& bytes, bool last) {
    waylink::Part part;
    {
      const std::string_view view(bytes.c_str(), bytes.size());
      const nb::gil_scoped_release released;
      part = columns_.feed(view, last);
    }
    nb::list codes;
    for (auto& column : part.codes) codes.append(array_of(std::move(column)));
    nb::list ragged;
    for (const auto& row : part.ragged) ragged.append(nb::make_tuple(row.row, row.cells, text_of(row.first)));
    return nb::make_tuple(array_of(std::move(part.rows)), codes, ragged);
  }

  nb::list texts(std::size_t column) const {
    if (column >= columns_.width()) throw nb::index_error("there is no such column");
    const waylink::Values& values = columns_.values(column);
    nb::list texts;
    for (std::size_t number = 0; number < values.size(); ++number) {
      const std::string_view text = values.text(number);
      texts.append(nb::str(text.data(), text.size()));
    }
    return texts;
  }

  std::int64_t broken_row() const { return columns_.broken_row(); }

 private:
  // A text that is cut may end in the middle of a sign.
  static nb::object text_of(std::string_view text) {
    return nb::steal(PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), "ignore"));
  }

  static char one(const nb::bytes& delimiter) {
    if (delimiter.size() != 1) throw nb::value_error("the delimiter is one byte");
    return delimiter.c_str()[0];
  }

  waylink::Columns columns_;
};

}  // namespace

NB_MODULE(_native, module) {
  nb::class_<Csv>(module, "Csv")
      .def(nb::init<const nb::bytes&, std::size_t, std::size_t, std::int64_t>(), nb::arg("delimiter"),
           nb::arg("width"), nb::arg("least"), nb::arg("skip"))
      .def("feed", &Csv::feed, nb::arg("part"), nb::arg("last"))
      .def("texts", &Csv::texts, nb::arg("column"))
      .def_prop_ro("broken_row", &Csv::broken_row);
}
