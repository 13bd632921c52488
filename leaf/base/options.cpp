#include "leaf/base/options.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <stdexcept>

#include "leaf/base/error.h"
#include "leaf/base/text.h"

namespace leaf {
namespace {

std::string prefixed(std::string_view where) { return where.empty() ? "" : fmt::format("{}: ", where); }

[[noreturn]] void fail_value(const Option& option, const std::string& expected, const std::string& found,
                             std::string_view where) {
  fail_usage("{}{} must be {}, not {}", prefixed(where), option.key, expected, found);
}

std::string range_text(const Option& option) {
  const bool low = option.low > -1e299, high = option.high < 1e299;
  if (low && high) return fmt::format(" from {:g} to {:g}", option.low, option.high);
  if (low) return fmt::format(" of at least {:g}", option.low);
  return high ? fmt::format(" of at most {:g}", option.high) : "";
}

void check_range(const Option& option, double value, const std::string& noun, std::string_view where) {
  const bool inside = value >= option.low && value <= option.high;  // false for NaN
  if (!inside) fail_value(option, noun + range_text(option), fmt::format("{:g}", value), where);
}

std::string toml_text(const std::string& text) { return Json(text).dump(-1, ' ', true); }

std::string toml_value(const Option& option) {
  if (const auto* text = std::get_if<std::string*>(&option.value)) return toml_text(**text);
  return value_of(option).dump();
}

Json from_text(const Option& option, std::string_view text) {
  if (std::holds_alternative<bool*>(option.value)) {
    const auto word = lower(text);
    if (word == "true" || word == "yes" || word == "on" || word == "1") return true;
    if (word == "false" || word == "no" || word == "off" || word == "0") return false;
  } else if (std::holds_alternative<int64_t*>(option.value)) {
    if (const auto number = to_integer(text)) return *number;
  } else if (std::holds_alternative<double*>(option.value)) {
    if (const auto number = to_number(text)) return *number;
  }
  return std::string(text);
}

}  // namespace

void Options::enter(const std::string& section) { sections_.push_back(section); }
void Options::leave() { sections_.pop_back(); }

Option& Options::append(const std::string& name, const std::string& help) {
  auto& option = options_.emplace_back();
  for (const auto& section : sections_) option.key += section + ".";
  option.key += name;
  option.help = help;
  return option;
}

void Options::add(const std::string& name, bool& value, const std::string& help) { append(name, help).value = &value; }

void Options::add(const std::string& name, int64_t& value, const std::string& help, double low, double high) {
  auto& option = append(name, help);
  option.value = &value;
  option.low = low;
  option.high = high;
}

void Options::add(const std::string& name, double& value, const std::string& help, double low, double high) {
  auto& option = append(name, help);
  option.value = &value;
  option.low = low;
  option.high = high;
}

void Options::add(const std::string& name, std::string& value, const std::string& help, std::vector<std::string> allowed) {
  auto& option = append(name, help);
  option.value = &value;
  option.allowed = std::move(allowed);
}

const Option& Options::find(std::string_view key, std::string_view where) const {
  std::vector<std::string> keys;
  for (const auto& option : options_) {
    if (option.key == key) return option;
    keys.push_back(option.key);
  }
  fail_usage("{}unknown option \"{}\"{}", prefixed(where), printable(key), did_you_mean(key, keys));
}

void Options::set(std::string_view key, std::string_view text, std::string_view where) {
  set(key, from_text(find(key, where), text), where);
}

void Options::set(std::string_view key, const Json& value, std::string_view where) {
  const auto& option = find(key, where);
  if (auto* const* flag = std::get_if<bool*>(&option.value)) {
    if (!value.is_boolean()) fail_value(option, "true or false", value.dump(), where);
    **flag = value.get<bool>();
  } else if (auto* const* integer = std::get_if<int64_t*>(&option.value)) {
    if (!value.is_number_integer()) fail_value(option, "an integer" + range_text(option), value.dump(), where);
    check_range(option, value.get<double>(), "an integer", where);
    **integer = value.get<int64_t>();
  } else if (auto* const* number = std::get_if<double*>(&option.value)) {
    if (!value.is_number()) fail_value(option, "a number" + range_text(option), value.dump(), where);
    check_range(option, value.get<double>(), "a number", where);
    **number = value.get<double>();
  } else {
    if (!value.is_string()) fail_value(option, "a text", value.dump(), where);
    const auto text = value.get<std::string>();
    const auto& allowed = option.allowed;
    if (!allowed.empty() && std::find(allowed.begin(), allowed.end(), text) == allowed.end()) {
      fail_value(option, "one of " + join(allowed), fmt::format("\"{}\"{}", printable(text), did_you_mean(text, allowed)), where);
    }
    *std::get<std::string*>(option.value) = text;
  }
}

void not_allowed(std::string_view key, std::string_view value) {
  throw std::logic_error(fmt::format("{} is \"{}\", which is not one of its values", key, value));
}

Json value_of(const Option& option) {
  return std::visit([](const auto* value) { return Json(*value); }, option.value);
}

Json Options::to_json() const {
  Json result = Json::object();
  for (const auto& option : options_) {
    Json* place = &result;
    for (const auto& word : split_words(option.key, '.')) place = &(*place)[word];
    *place = value_of(option);
  }
  return result;
}

void for_each_leaf(const Json& values, const std::function<void(const std::string& key, const Json& value)>& visit) {
  for (const auto& [name, value] : values.items()) {
    if (value.is_object()) {
      for_each_leaf(value, [&, &outer = name](const std::string& key, const Json& leaf) { visit(outer + "." + key, leaf); });
    } else {
      visit(name, value);
    }
  }
}

std::optional<Difference> first_difference(const Json& found, const Json& wanted, const std::set<std::string>& ignored) {
  std::map<std::string, Json> there;
  for_each_leaf(found, [&](const std::string& key, const Json& value) { there[key] = value; });
  std::optional<Difference> first;
  for_each_leaf(wanted, [&](const std::string& key, const Json& value) {
    if (!first && !ignored.contains(key) && there[key] != value) first = {key, there[key], value};
  });
  return first;
}

void Options::from_json(const Json& values, std::string_view where) {
  for_each_leaf(values, [&](const std::string& key, const Json& value) { set(key, value, where); });
}

std::string Options::to_toml(bool comments) const {
  std::string text, section;
  for (const auto& option : options_) {
    const auto dot = option.key.rfind('.');
    const auto owner = dot == std::string::npos ? "" : option.key.substr(0, dot);
    if (owner != section) {
      section = owner;
      text += fmt::format("{}[{}]\n", text.empty() ? "" : "\n", section);
    }
    if (comments) {
      const auto allowed = option.allowed.empty() ? "" : fmt::format(" ({})", join(option.allowed, " | "));
      text += fmt::format("# {}{}\n", option.help, allowed);
    }
    text += fmt::format("{} = {}\n", option.key.substr(dot == std::string::npos ? 0 : dot + 1), toml_value(option));
  }
  return text;
}

}  // namespace leaf
