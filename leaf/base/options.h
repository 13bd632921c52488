#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "leaf/base/json.h"

namespace leaf {

/// One named option: where its value lives, what it means and what it may be.
struct Option {
  std::string key;   ///< dotted: "model.semantic.experts"
  std::string help;  ///< one line, with unit and range
  std::variant<bool*, int64_t*, double*, std::string*> value;
  std::vector<std::string> allowed;   ///< for a text: the values that it may have; empty = any
  double low = -1e300, high = 1e300;  ///< for a number: the allowed range, inclusive
};

/// The options of some structs, in order. It is built by one `describe(Options&, Struct&)` for each struct, which is
/// the only place that names a field; reading, writing, printing, help and errors all follow from it.
class Options {
 public:
  /// Enters or leaves a section: keys that follow get its name in front.
  void enter(const std::string& section);
  void leave();

  void add(const std::string& name, bool& value, const std::string& help);
  void add(const std::string& name, int64_t& value, const std::string& help, double low = -1e300, double high = 1e300);
  void add(const std::string& name, double& value, const std::string& help, double low = -1e300, double high = 1e300);
  void add(const std::string& name, std::string& value, const std::string& help, std::vector<std::string> allowed = {});

  /// Sets a field from text, as in `--set key=value`. Throws UsageError: unknown key (with the nearest), wrong type, out of
  /// range, not allowed. `where` is put in front, e.g. "config.toml line 3".
  void set(std::string_view key, std::string_view text, std::string_view where = "");
  /// The same from a value that has a type.
  void set(std::string_view key, const Json& value, std::string_view where = "");

  /// All values, nested by section.
  Json to_json() const;
  /// Sets every leaf of a nested object.
  void from_json(const Json& values, std::string_view where = "");
  /// The values as TOML, each with its help as a comment; read again by `parse_toml`.
  std::string to_toml(bool comments = true) const;

  const std::vector<Option>& all() const { return options_; }

 private:
  Option& append(const std::string& name, const std::string& help);
  const Option& find(std::string_view key, std::string_view where) const;

  std::vector<Option> options_;
  std::vector<std::string> sections_;
};

/// Calls `visit` with the dotted key and the value of each leaf of a nested object, in order.
void for_each_leaf(const Json& values, const std::function<void(const std::string& key, const Json& value)>& visit);

/// The first leaf of `wanted` that `found` has not, or has with another value (null = has not).
struct Difference {
  std::string key;
  Json found, wanted;
};
std::optional<Difference> first_difference(const Json& found, const Json& wanted, const std::set<std::string>& ignored = {});

/// Throws std::logic_error: code met a value that describe() does not allow, which nobody who sets options can give.
[[noreturn]] void not_allowed(std::string_view key, std::string_view value);

/// The value of an option as JSON.
Json value_of(const Option& option);

/// A TOML document as nested JSON. Throws Error naming `name`, line and column. (The one door to toml++.)
Json parse_toml(std::string_view text, std::string_view name);

}  // namespace leaf
