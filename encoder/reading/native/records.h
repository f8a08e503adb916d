// CSV's grammar: bytes in, records out. What Python's csv module reads in strict mode, this reads alike.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace waylink {

class Records {
 public:
  explicit Records(char delimiter) : delimiter_(delimiter) {}

  // Takes the file's next bytes (UTF-8); `last` with the final ones. Views handed out before are void.
  void feed(std::string_view part, bool last);

  // Finds the next record; its fields without their quotes, none for an empty line. False where the rest of a record
  // has not come yet, after the last record, and where quotes are broken.
  bool next(std::vector<std::string_view>& fields);

  // Whether a record's quotes do not close, or close in the middle of a field.
  bool broken() const { return broken_; }

 private:
  enum class In { kRecordStart, kFieldStart, kField, kQuotes, kQuoteInQuotes };
  struct Span {
    std::size_t begin, end;
  };

  void step();
  void in_field();
  void in_quotes();
  void after_quote();
  void end_field(std::size_t bytes_after);
  void end_record();
  static bool ends_line(char sign) { return sign == '\n' || sign == '\r'; }

  // No record is longer: quotes that do not close would otherwise hold the rest of the file in memory.
  static constexpr std::size_t kLongest = std::size_t{1} << 28;

  char delimiter_;
  std::string buffer_;       // from the start of the record that is being read; quotes are taken out in place
  std::size_t at_ = 0;       // the next byte to look at
  std::size_t begin_ = 0;    // the field's first byte in the buffer,
  std::size_t end_ = 0;      // and one past its last that is kept
  std::vector<Span> spans_;  // the record's fields so far
  In in_ = In::kRecordStart;
  bool after_return_ = false;  // a newline right after a carriage return belongs to it
  bool whole_ = false, last_ = false, broken_ = false;
};

}  // namespace waylink
