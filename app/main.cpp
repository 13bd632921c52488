#include <fmt/format.h>
#include <stdlib.h>

#include <algorithm>
#include <exception>
#include <filesystem>
#include <functional>
#include <sstream>

#include "app/arguments.h"
#include "app/run.h"
#include "leaf/base/error.h"
#include "leaf/base/limits.h"
#include "leaf/base/processor.h"
#include "leaf/base/stop.h"
#include "leaf/base/terminal.h"
#include "leaf/base/text.h"

namespace leaf::app {
namespace {

constexpr int kFailed = 1, kWrongUsage = 2;

/// Keeps to the instructions of a level, LEAF and what it calls: the libraries of `leaf-tensor` read their variables when they
/// are loaded. A variable that the user has set stands.
void limit_instructions(std::string_view level) {
  leaf::limit_instructions(parse_instructions(level));
  for (const auto& [variable, value] : limiting_variables()) ::setenv(variable.c_str(), value.c_str(), 0);
}

/// What a file may cost.
void change_limits(std::string_view text) { set_limits(parse_limits(text)); }

/// Gives what the environment says under a name, if anything, to `heed`; false, and told, where that is wrong.
bool heeded(const char* name, void (*heed)(std::string_view)) {
  const char* const text = ::getenv(name);
  if (text == nullptr || *text == '\0') return true;
  try {
    heed(text);
    return true;
  } catch (const UsageError& error) {
    remark("leaf: {}: {}\n", name, error.what());
    return false;
  }
}

/// The flags of the command that was being parsed, for suggestions.
std::vector<std::string> flags(const CLI::App& app) {
  std::vector<std::string> names;
  for (const auto* command : app.get_subcommands()) {
    for (const auto* option : command->get_options()) names.push_back("--" + option->get_single_name());
  }
  return names;
}

/// What was wrong in one line, with the nearest command or flag.
std::string usage_text(const CLI::App& app, const CLI::ParseError& error, int argc, char** argv) {
  std::string text = error.what();
  for (auto& c : text) c = c == '\n' ? ' ' : c;
  if (app.get_subcommands().empty() && argc > 1) {
    std::vector<std::string> commands;
    for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; })) commands.push_back(command->get_name());
    return fmt::format("unknown command \"{}\"{}; known: {}", printable(argv[1]), did_you_mean(argv[1], commands),
                       join(commands));
  }
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) {
    for (int i = 1; i < argc; ++i) {
      const std::string_view given(argv[i]);
      const std::string word(given.substr(0, given.find('=')));
      const auto known = flags(app);
      const bool unknown = word.starts_with("--") && std::find(known.begin(), known.end(), word) == known.end();
      if (unknown)
        return fmt::format("unknown option {}{}; see leaf {} --help", printable(word), did_you_mean(word, known),
                           app.get_subcommands().front()->get_name());
    }
  }
  return fmt::format("{}; see {} --help", text,
                     app.get_subcommands().empty() ? "leaf" : "leaf " + app.get_subcommands().front()->get_name());
}

/// The exit code of what is done, or of how it failed; a failure is told in one line.
int finish(const std::function<void()>& work) {
  try {
    work();
    return 0;
  } catch (const NobodyReads&) {
    return 0;
  } catch (const Stopped& stopped) {
    remark("leaf: {}\n", stopped.what());
    return 128 + stopped.signal();  // as a shell says of a process that a signal has ended
  } catch (const UsageError& error) {
    remark("leaf: {}\n", error.what());
    return kWrongUsage;
  } catch (const Error& error) {
    remark("leaf: {}\n", error.what());
  } catch (const std::filesystem::filesystem_error& error) {  // no permission, a full disk, a link to itself
    remark("leaf: {}: {}; check the path, its permissions and the space that is left\n", printable(error.path1().string()),
           error.code().message());
  } catch (const std::exception& error) {
    const std::string text = error.what();
    remark("leaf: internal error, please report it: {}\n", text.substr(0, text.find('\n')));
  }
  return kFailed;
}

int main(int argc, char** argv) {
  fail_instead_of_signals();
  if (!heeded("LEAF_MAX_ISA", limit_instructions) || !heeded("LEAF_LIMITS", change_limits)) return kWrongUsage;
  CLI::App app;
  Arguments arguments;
  declare(app, arguments);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {  // --help, --version
    std::ostringstream text;
    app.exit(success, text, text);
    return finish([&] { write_output(text.str()); });
  } catch (const CLI::ParseError& error) {
    remark("leaf: {}\n", usage_text(app, error, argc, argv));
    return kWrongUsage;
  }
  arguments.command = app.get_subcommands().front()->get_name();
  return finish([&] { run(arguments, argv); });
}

}  // namespace
}  // namespace leaf::app

int main(int argc, char** argv) { return leaf::app::main(argc, argv); }
