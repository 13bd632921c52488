#include "leaf/data/source.h"

#include <algorithm>
#include <functional>

#include "leaf/base/error.h"
#include "leaf/base/text.h"
#include "leaf/pictures/codec.h"

namespace leaf {
namespace {

constexpr int kDeepest = 32;  // folders inside folders

/// A folder of another source.
class InnerSource : public Source {
 public:
  InnerSource(std::shared_ptr<const Source> outer, std::string folder)
      : Source(join_path(outer->name(), folder), ""), outer_(std::move(outer)), folder_(std::move(folder)) {}

  bool has_file(const std::string& path) const override { return outer_->has_file(at(path)); }
  bool has_folder(const std::string& path) const override { return outer_->has_folder(at(path)); }
  std::vector<Entry> entries(const std::string& folder) const override { return outer_->entries(at(folder)); }
  std::vector<LeftOut> left_out(const std::string& folder) const override {
    auto result = outer_->left_out(at(folder));
    const auto prefix = folder_.empty() ? 0 : folder_.size() + 1;
    for (auto& each : result) each.name.erase(0, prefix);
    return result;
  }
  std::string read(const std::string& path) const override { return outer_->read(at(path)); }
  std::string stamp(const std::string& path) const override { return outer_->stamp(at(path)); }
  std::string whole_stamp() const override { return outer_->whole_stamp(); }

 private:
  std::string at(const std::string& path) const {
    try {
      return join_path(folder_, inner_path(path));
    } catch (const Error&) {
      return path;  // refused by the outer source in turn
    }
  }

  std::shared_ptr<const Source> outer_;
  std::string folder_;
};

std::vector<std::string> names_of(const std::vector<Entry>& entries, bool folders) {
  std::vector<std::string> result;
  for (const auto& entry : entries) {
    if (entry.folder == folders && (folders || is_image_name(entry.name))) result.push_back(entry.name);
  }
  return result;
}

/// Calls `each` for a folder and all below it, folder by folder, with what is in it.
using Visit = std::function<void(const std::string& folder, const std::vector<Entry>& entries)>;
void for_each_folder(const Source& source, const std::string& folder, const Visit& each, int depth = 0) {
  if (depth > kDeepest)
    fail("{}: folders more than {} deep, perhaps a link to a folder above; put the pictures less deep", printable(folder),
         kDeepest);
  const auto entries = source.entries(folder);
  each(folder, entries);
  for (const auto& name : names_of(entries, true)) for_each_folder(source, join_path(folder, name), each, depth + 1);
}

}  // namespace

std::vector<std::string> Source::pictures(const std::string& folder) const { return names_of(entries(folder), false); }

std::vector<std::string> Source::folders(const std::string& folder) const { return names_of(entries(folder), true); }

std::vector<std::string> Source::pictures_below(const std::string& folder) const {
  std::vector<std::string> result;
  for_each_folder(*this, folder, [&](const std::string& inner, const std::vector<Entry>& entries) {
    for (const auto& name : names_of(entries, false)) result.push_back(join_path(inner, name));
  });
  return result;
}

std::vector<LeftOut> Source::others_below(const std::string& folder) const {
  std::vector<LeftOut> result;
  for_each_folder(*this, folder, [&](const std::string& inner, const std::vector<Entry>& entries) {
    for (const auto& entry : entries) {
      if (!entry.folder && !is_image_name(entry.name))
        result.push_back({join_path(inner, entry.name), "no picture of a kind that is read"});
    }
    for (auto& each : left_out(inner)) result.push_back(std::move(each));
  });
  return result;
}

std::shared_ptr<const Source> source_below(std::shared_ptr<const Source> source, const std::string& folder) {
  return std::make_shared<InnerSource>(std::move(source), inner_path(folder));
}

bool is_hidden_name(std::string_view name) { return name.starts_with('.') || name == "__MACOSX"; }

std::string join_path(const std::string& folder, const std::string& name) {
  return folder.empty() ? name : name.empty() ? folder : folder + "/" + name;
}

std::string inner_path(std::string_view path) {
  if (path.find('\0') != std::string_view::npos) fail("the path {} holds a NUL character", printable(path));
  if (path.starts_with('/')) fail("the path {} is absolute; give it relative to the data set's folder", printable(path));
  std::string result;
  for (const auto& part : split_words(path, '/')) {
    if (part.empty() || part == ".") continue;
    if (part == "..") fail("the path {} leads out of the data set's folder", printable(path));
    result = join_path(result, part);
  }
  return result;
}

}  // namespace leaf
