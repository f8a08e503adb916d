#include "records.h"

#include <cstring>

namespace waylink {

void Records::feed(std::string_view part, bool last) {
  // What is before the record that is being read is done with.
  const std::size_t done = spans_.empty() ? (in_ == In::kRecordStart ? at_ : begin_) : spans_.front().begin;
  buffer_.erase(0, done);
  at_ -= done;
  begin_ -= done;
  end_ -= done;
  for (Span& span : spans_) span = {span.begin - done, span.end - done};
  buffer_.append(part);
  last_ = last;
  broken_ = broken_ || buffer_.size() > kLongest + part.size();
}

bool Records::next(std::vector<std::string_view>& fields) {
  while (!whole_ && !broken_ && at_ < buffer_.size()) step();
  if (!whole_ && !broken_ && last_ && in_ != In::kRecordStart) {
    broken_ = in_ == In::kQuotes;
    end_field(0);
    end_record();
  }
  if (broken_ || !whole_) return false;
  fields.clear();
  for (const Span& span : spans_) fields.emplace_back(buffer_.data() + span.begin, span.end - span.begin);
  spans_.clear();
  whole_ = false;
  return true;
}

void Records::step() {
  const char sign = buffer_[at_];
  switch (in_) {
    case In::kRecordStart:
      if (after_return_ && sign == '\n') {
        after_return_ = false;
        ++at_;
        return;
      }
      after_return_ = false;
      begin_ = end_ = at_;
      if (ends_line(sign)) return end_record();
      in_ = In::kFieldStart;
      return;
    case In::kFieldStart:
      begin_ = end_ = at_;
      if (sign == '"') {
        begin_ = end_ = ++at_;
        in_ = In::kQuotes;
      } else {
        in_ = In::kField;
      }
      return;
    case In::kField:
      return in_field();
    case In::kQuotes:
      return in_quotes();
    case In::kQuoteInQuotes:
      return after_quote();
  }
}

// Outside quotes a quote is a sign like any other, as it is for Python's csv and for Excel.
void Records::in_field() {
  const char* data = buffer_.data();
  const std::size_t size = buffer_.size();
  std::size_t at = at_;
  while (at < size && data[at] != delimiter_ && !ends_line(data[at])) ++at;
  at_ = end_ = at;
  if (at == size) return;
  if (data[at] == delimiter_) return end_field(1);
  end_field(0);
  end_record();
}

void Records::in_quotes() {
  char* data = buffer_.data();
  const auto* quote = static_cast<const char*>(std::memchr(data + at_, '"', buffer_.size() - at_));
  const std::size_t bytes = (quote ? static_cast<std::size_t>(quote - data) : buffer_.size()) - at_;
  if (end_ != at_) std::memmove(data + end_, data + at_, bytes);
  end_ += bytes;
  at_ += bytes;
  if (!quote) return;
  ++at_;
  in_ = In::kQuoteInQuotes;
}

void Records::after_quote() {
  const char sign = buffer_[at_];
  if (sign == '"') {
    buffer_[end_++] = sign;
    ++at_;
    in_ = In::kQuotes;
  } else if (sign == delimiter_) {
    end_field(1);
  } else if (ends_line(sign)) {
    end_field(0);
    end_record();
  } else {
    broken_ = true;
  }
}

void Records::end_field(std::size_t bytes_after) {
  spans_.push_back({begin_, end_});
  at_ += bytes_after;
  begin_ = end_ = at_;
  in_ = In::kFieldStart;
}

// At the sign that ends the line, or at the end of the file.
void Records::end_record() {
  after_return_ = at_ < buffer_.size() && buffer_[at_] == '\r';
  at_ += at_ < buffer_.size();
  in_ = In::kRecordStart;
  whole_ = true;
}

}  // namespace waylink
