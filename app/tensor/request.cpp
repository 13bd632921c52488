#include "app/tensor/request.h"

#include <algorithm>

#include "leaf/base/bytes.h"
#include "leaf/base/error.h"
#include "leaf/base/text.h"
#include "leaf/config/resolve.h"

namespace leaf::app {
namespace {

/// The levels that are named are used, the others are not; "none" names none.
void set_levels(const std::string& words, Config& config) {
  const auto& known = level_names();
  const auto used = words == "none" ? std::vector<std::string>{} : split_words(words, ',');
  const auto among = [](const std::vector<std::string>& levels, const std::string& level) {
    return std::find(levels.begin(), levels.end(), level) != levels.end();
  };
  for (const auto& level : used) {
    if (!among(known, level)) {
      fail_usage("--levels: unknown level \"{}\"{}; known: {}, none", printable(level), did_you_mean(level, known), join(known));
    }
  }
  for (const auto& level : known) config.set(level_option(level), Json(among(used, level)), "--levels");
}

}  // namespace

Config request_of(const ConfigArguments& words) {
  auto config = request_by(words.method);
  if (!words.config_file.empty()) config.read_toml(read_file(words.config_file, 1 << 20), words.config_file);
  if (!words.source.empty()) config.data.source = words.source;
  for (const auto& [key, text] : words.shortcuts) config.set(key, std::string_view(text));
  if (!words.levels.empty()) set_levels(words.levels, config);
  for (const auto& assignment : words.assignments) {
    const auto equals = assignment.find('=');
    if (equals == std::string::npos) fail_usage("--set needs KEY=VALUE, not \"{}\"", printable(assignment));
    config.set(trim(std::string_view(assignment).substr(0, equals)), trim(std::string_view(assignment).substr(equals + 1)),
               "--set");
  }
  return config;
}

}  // namespace leaf::app
