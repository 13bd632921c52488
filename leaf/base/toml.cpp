#include <toml++/toml.h>

#include <algorithm>

#include "leaf/base/error.h"
#include "leaf/base/options.h"

namespace leaf {
namespace {

Json to_json(const toml::node& node, std::string_view name) {
  if (const auto* table = node.as_table()) {
    Json result = Json::object();
    for (const auto& [key, value] : *table) result[std::string(key.str())] = to_json(value, name);
    return result;
  }
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* integer = node.as_integer()) return integer->get();
  if (const auto* number = node.as_floating_point()) return number->get();
  if (const auto* flag = node.as_boolean()) return flag->get();
  const auto& begin = node.source().begin;
  fail_usage("{} line {}: a setting is a text, a number, true or false, not a list or a date", name, begin.line);
}

/// Where the quoted text that begins at `begin` has its last quote; the end of `text` when it has none.
size_t end_of_text(std::string_view text, size_t begin) {
  const auto quote = text.substr(begin, 1);
  const std::string triple(3, quote.front());
  const bool lines = text.substr(begin, 3) == triple;
  const std::string_view mark = lines ? std::string_view(triple) : quote;
  for (size_t i = begin + mark.size(); i < text.size(); ++i) {
    if (quote == "\"" && text[i] == '\\') {
      ++i;
    } else if (text.substr(i, mark.size()) == mark) {
      return i + mark.size() - 1;
    } else if (!lines && text[i] == '\n') {
      return i - 1;  // it is not closed, which the parser will say
    }
  }
  return text.size();
}

/// Throws Error where more than kMostDots dots join the words of one dotted key: the parser enters a table for each, and
/// recurses. It has a limit of its own for all other nesting.
void check_dots(std::string_view text, std::string_view name) {
  constexpr int kMostDots = 16;
  int dots = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"' || c == '\'') {
      i = end_of_text(text, i);
    } else if (c == '#') {
      i = std::min(text.find('\n', i), text.size());
    } else if (c == '.') {
      if (++dots > kMostDots)
        fail("{} line {}: a key has more than {} words; check the file", name,
             1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(i), '\n'), kMostDots + 1);
    }
    if (std::string_view("=,{}[]\n#").find(c) != std::string_view::npos) dots = 0;
  }
}

}  // namespace

Json parse_toml(std::string_view text, std::string_view name) {
  check_dots(text, name);
  try {
    return to_json(toml::parse(text), name);
  } catch (const toml::parse_error& error) {
    const auto& begin = error.source().begin;
    fail("{} line {} column {}: {}", name, begin.line, begin.column, error.description());
  }
}

}  // namespace leaf
