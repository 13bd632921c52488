#include "leaf/data/open.h"

#include <algorithm>

#include "leaf/base/error.h"
#include "leaf/base/limits.h"
#include "leaf/base/text.h"

namespace leaf {
namespace {

namespace fs = std::filesystem;

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
    std::vector<Entry> result;
    for (const auto& found : names(folder)) {
      if (is_hidden_name(found.name) || (found.link && leads_out(folder, found.name))) continue;
      result.push_back({found.name, found.link ? has_folder(join_path(folder, found.name)) : found.folder});
    }
    return result;
  }

  std::vector<LeftOut> left_out(const std::string& folder) const override {
    std::vector<LeftOut> result;
    for (const auto& found : names(folder)) {
      const bool hidden = is_hidden_name(found.name);
      if (hidden || (found.link && leads_out(folder, found.name)))
        result.push_back({join_path(folder, found.name), hidden ? "hidden" : kLeadsOut});
    }
    return result;
  }

  std::string read(const std::string& path) const override {
    return read_file(inside(path), static_cast<uint64_t>(limits().archive.file_bytes));
  }

  std::string stamp(const std::string& path) const override { return file_stamp(inside(path)); }
  std::string whole_stamp() const override { return ""; }

 private:
  /// What a folder says of a name in it; what is behind a link is not looked at.
  struct Found {
    std::string name;
    bool link, folder;
  };

  /// What is directly inside a folder, sorted by name.
  std::vector<Found> names(const std::string& folder) const {
    std::error_code code;
    fs::directory_iterator iterator(inside(folder), code);
    std::vector<Found> result;
    for (; !code && iterator != fs::directory_iterator(); iterator.increment(code)) {
      std::error_code none;
      const bool link = iterator->is_symlink(none);
      result.push_back({iterator->path().filename().string(), link, !link && iterator->is_directory(none)});
    }
    if (code) fail("cannot read the folder {}: {}", printable((fs::path(name()) / folder).string()), code.message());
    std::sort(result.begin(), result.end(), [](const Found& a, const Found& b) { return a.name < b.name; });
    return result;
  }

  bool leads_out(const std::string& folder, const std::string& link) const {
    try {
      inside(join_path(folder, link));
      return false;
    } catch (const Error&) {
      return true;  // or around in a circle
    }
  }

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

/// Whether the name ends like an archive that is read, in any case of letters.
bool is_archive_name(const fs::path& path) {
  const std::string name = lower(path.filename().string());
  constexpr const char* kEnds[] = {".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".zip"};
  return std::any_of(std::begin(kEnds), std::end(kEnds), [&](const char* end) { return name.ends_with(end); });
}

}  // namespace

std::shared_ptr<const Source> open_source(const fs::path& path, const ArchiveLimits& most) {
  std::error_code code;
  const auto status = fs::status(path, code);
  const std::string name = printable(path.string());
  if (status.type() == fs::file_type::not_found) fail("{} does not exist; check the path", name);
  if (status.type() == fs::file_type::directory) return std::make_shared<FolderSource>(path, name, "");
  if (status.type() != fs::file_type::regular)
    fail("{} is neither a folder nor a file{}", name, code ? ": " + code.message() : "");
  if (is_archive_name(path)) return open_archive(path, most);
  const auto folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  return std::make_shared<FolderSource>(folder, printable(folder.string()), path.filename().string());
}

}  // namespace leaf
