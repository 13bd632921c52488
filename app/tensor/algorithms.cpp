#include "leaf/ssl/algorithms.h"

#include <fmt/format.h>

#include "app/tensor/commands.h"
#include "leaf/base/terminal.h"
#include "leaf/base/text.h"
#include "leaf/config/resolve.h"
#include "leaf/data/csv.h"

namespace leaf::app {
namespace {

/// "1 weak + 2 strong", "none"
std::string views_text(const ViewCount& views) {
  std::vector<std::string> parts;
  const auto add = [&](int64_t count, const char* kind) {
    if (count > 0) parts.push_back(fmt::format("{} {}", count, kind));
  };
  add(views.weak, "weak");
  add(views.strong, "strong");
  add(views.labeled_strong, "strong labeled");
  return parts.empty() ? "none" : join(parts, " + ");
}

Json as_json(const std::string& name) {
  const auto& about = algorithms().at(name).description;
  const auto& views = about.views;
  return {{"name", name},
          {"title", about.title},
          {"citation", about.citation},
          {"views", {{"weak", views.weak}, {"strong", views.strong}, {"labeled_strong", views.labeled_strong}}},
          {"self_supervised", about.self_supervised},
          {"levels",
           {{"semantic", !about.self_supervised}, {"instance", !about.self_supervised}, {"category", !about.category.empty()}}},
          {"category", about.category.empty() ? "refused: " + about.no_category : about.category},
          {"state", state_names(name)},
          {"presets", about.presets},
          {"options", resolve_options(name, Json::object(), Json::object())}};
}

void print_table(const std::vector<std::string>& names) {
  print("{:<17} {:<33} {:<9} {:<9} {:<9} {}\n", "algorithm", "views of an unlabeled face", "semantic", "instance", "category",
        "title");
  for (const auto& name : names) {
    const auto& about = algorithms().at(name).description;
    const auto* level = about.self_supervised ? "-" : "yes";
    print("{:<17} {:<33} {:<9} {:<9} {:<9} {}\n", name, views_text(about.views), level, level,
          about.category.empty() ? "-" : "yes", about.title);
  }
  print(
      "\nsemantic, instance, category: LEAF's levels, plugged in with --levels; leaf itself has all three.\n"
      "Without any of them, and for `leaf pretrain` instead of `leaf train`: the self-supervised ones, which use no labels.\n"
      "`leaf algorithms NAME` explains one: source, options, where the category level stands or why it cannot.\n");
}

void print_one(const std::string& name) {
  const auto& about = algorithms().at(name).description;
  print("{}: {}\n{}\n{}views of an unlabeled face: {}\n", name, about.title, about.citation,
        about.self_supervised ? "self-supervised: for leaf pretrain\n" : "", views_text(about.views));
  print("category level: {}\n", about.category.empty() ? "none, " + about.no_category : "on " + about.category);
  const auto state = state_names(name);
  print("remembers: {}\n", state.empty() ? "nothing" : join(state));
  for (const auto& [key, value] : about.presets.items()) print("unless set otherwise: {} = {}\n", key, value.dump());
  print("\n{}", options_help(name));
}

}  // namespace

void print_algorithms(const std::string& name, const std::string& format) {
  const auto names = name.empty() ? algorithms().names() : std::vector<std::string>{name};
  if (format == "text") return name.empty() ? print_table(names) : print_one(name);
  if (format == "json") {
    Json all = Json::array();
    for (const auto& each : names) all.push_back(as_json(each));
    write_output(json_text(all));
    return;
  }
  print("name,weak,strong,labeled_strong,category,title,citation,self_supervised\n");
  for (const auto& each : names) {
    const auto row = as_json(each);
    print("{},{},{},{},{},{},{},{}\n", each, row["views"]["weak"].dump(), row["views"]["strong"].dump(),
          row["views"]["labeled_strong"].dump(), csv_field(row["category"].get<std::string>()),
          csv_field(row["title"].get<std::string>()), csv_field(row["citation"].get<std::string>()),
          row["self_supervised"].dump());
  }
}

void print_options() {
  Config config;
  config.method = "paper";
  write_output(resolve(std::move(config))->to_toml());
}

}  // namespace leaf::app
