#include "leaf/data/source.h"

#include <sys/stat.h>

#include <algorithm>

#include "leaf/base/error.h"
#include "leaf/base/text.h"
#include "leaf/data/archive.h"
#include "leaf/faces/codec.h"

namespace leaf {
namespace {

namespace fs = std::filesystem;

constexpr int kDeepest = 32;  // folders inside folders

bool is_below(const fs::path& path, const fs::path& root) {
  return std::mismatch(root.begin(), root.end(), path.begin(), path.end()).first == root.end();
}

/// A folder on disk. Links are followed only to what is inside it.
class FolderSource : public Source {
 public:
  FolderSource(const fs::path& root, std::string name, std::string file) : Source(std::move(name), std::move(file)) {
    std::error_code code;
    root_ = fs::canonical(root, code);
    if (code) fail("cannot read the folder {}: {}", this->name(), code.message());
  }

  bool has_file(const std::string& path) const override { return is(path, fs::file_type::regular); }
  bool has_folder(const std::string& path) const override { return is(path, fs::file_type::directory); }

  std::vector<Entry> entries(const std::string& folder) const override {
    std::error_code code;
    fs::directory_iterator iterator(inside(folder), code);
    if (code) fail("cannot read the folder {}: {}", printable((fs::path(name()) / folder).string()), code.message());
    std::vector<Entry> result;
    for (; iterator != fs::directory_iterator(); iterator.increment(code)) {
      if (code) fail("cannot read the folder {}: {}", printable((fs::path(name()) / folder).string()), code.message());
      const std::string entry = iterator->path().filename().string();
      if (entry.starts_with('.')) continue;
      const bool link = iterator->is_symlink(code);
      result.push_back({entry, link ? has_folder(join_path(folder, entry)) : iterator->is_directory(code)});
    }
    std::sort(result.begin(), result.end(), [](const Entry& a, const Entry& b) { return a.name < b.name; });
    return result;
  }

  std::string read(const std::string& path) const override { return read_file(inside(path)); }

  std::string stamp(const std::string& path) const override {
    struct stat status {};
    if (::stat(inside(path).c_str(), &status) != 0) return "missing";
    return fmt::format("{}:{}.{:09}", status.st_size, status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
  }
  std::string whole_stamp() const override { return ""; }

 private:
  bool is(const std::string& path, fs::file_type type) const {
    try {
      std::error_code code;
      return fs::status(inside(path), code).type() == type;
    } catch (const Error&) {
      return false;  // it leads out, so nothing is there
    }
  }

  /// The real path, once it is sure to be inside.
  fs::path inside(const std::string& path) const {
    std::error_code code;
    const fs::path real = fs::weakly_canonical(root_ / inner_path(path), code);
    if (code) fail("cannot follow {}: {}", printable(path), code.message());
    if (!is_below(real, root_)) fail("{} leads out of {}; put the files themselves there", printable(path), printable(name()));
    return real;
  }

  fs::path root_;
};

/// A folder of another source.
class InnerSource : public Source {
 public:
  InnerSource(std::shared_ptr<const Source> outer, std::string folder)
      : Source(join_path(outer->name(), folder), ""), outer_(std::move(outer)), folder_(std::move(folder)) {}

  bool has_file(const std::string& path) const override { return outer_->has_file(at(path)); }
  bool has_folder(const std::string& path) const override { return outer_->has_folder(at(path)); }
  std::vector<Entry> entries(const std::string& folder) const override { return outer_->entries(at(folder)); }
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

void collect_pictures(const Source& source, const std::string& folder, int depth, std::vector<std::string>& result) {
  if (depth > kDeepest) fail("{}: folders more than {} deep, perhaps a link to a folder above; put the pictures less deep", printable(folder), kDeepest);
  const auto entries = source.entries(folder);
  for (const auto& name : names_of(entries, false)) result.push_back(join_path(folder, name));
  for (const auto& name : names_of(entries, true)) collect_pictures(source, join_path(folder, name), depth + 1, result);
}

}  // namespace

std::vector<std::string> Source::pictures(const std::string& folder) const { return names_of(entries(folder), false); }

std::vector<std::string> Source::folders(const std::string& folder) const { return names_of(entries(folder), true); }

std::vector<std::string> Source::pictures_below(const std::string& folder) const {
  std::vector<std::string> result;
  collect_pictures(*this, folder, 0, result);
  return result;
}

std::shared_ptr<const Source> open_source(const fs::path& path, const ArchiveLimits& limits) {
  std::error_code code;
  const auto status = fs::status(path, code);
  const std::string name = printable(path.string());
  if (status.type() == fs::file_type::not_found) fail("{} does not exist; check the path", name);
  if (status.type() == fs::file_type::directory) return std::make_shared<FolderSource>(path, name, "");
  if (status.type() != fs::file_type::regular) fail("{} is neither a folder nor a file{}", name, code ? ": " + code.message() : "");
  if (is_archive_name(path)) return open_archive(path, limits);
  const auto folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  return std::make_shared<FolderSource>(folder, printable(folder.string()), path.filename().string());
}

std::shared_ptr<const Source> source_below(std::shared_ptr<const Source> source, const std::string& folder) {
  return std::make_shared<InnerSource>(std::move(source), inner_path(folder));
}

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
