#include <toml++/toml.h>

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

}  // namespace

Json parse_toml(std::string_view text, std::string_view name) {
  try {
    return to_json(toml::parse(text), name);
  } catch (const toml::parse_error& error) {
    const auto& begin = error.source().begin;
    fail("{} line {} column {}: {}", name, begin.line, begin.column, error.description());
  }
}

}  // namespace leaf
