#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "leaf/base/bytes.h"
#include "leaf/data/record.h"

namespace leaf {

/// A file or folder directly inside a folder of a source.
struct Entry {
  std::string name;  ///< without the folder
  bool folder = false;
};

/// The files of a data set: a folder, or an archive that is read as if it were one (tar, tar.gz, tar.bz2, tar.xz, zip).
/// Paths are relative to it, with '/' between folders. Nothing outside is ever read: absolute paths, `..` and links that lead
/// out are refused. All functions may be called from several threads.
class Source {
 public:
  virtual ~Source() = default;

  /// Where it is, for messages.
  const std::string& name() const { return name_; }
  /// The file that was named when a path to a plain file was opened: "list.csv"; the source is then its folder. Else "".
  const std::string& file() const { return file_; }

  /// Whether a regular file, or a folder, is at the path; false for a path that leads out.
  virtual bool has_file(const std::string& path) const = 0;
  virtual bool has_folder(const std::string& path) const = 0;
  /// What is directly inside a folder ("" is the source itself), sorted by name, hidden ones left out.
  /// Throws Error when there is no such folder.
  virtual std::vector<Entry> entries(const std::string& folder) const = 0;
  /// What is directly inside a folder and left out of entries(): hidden files, and links that lead out.
  virtual std::vector<LeftOut> left_out(const std::string& /*folder*/) const { return {}; }
  /// The content of a file. Throws Error that names it: no such file, leads out, unreadable.
  virtual std::string read(const std::string& path) const = 0;
  /// Changes when the file changes: its size and time, or those of the archive it is in.
  virtual std::string stamp(const std::string& path) const = 0;
  /// Not empty where one stamp stands for all files (an archive), so that a cache is found without unpacking.
  virtual std::string whole_stamp() const = 0;

  /// The names of the pictures / of the folders directly inside a folder, sorted.
  std::vector<std::string> pictures(const std::string& folder) const;
  std::vector<std::string> folders(const std::string& folder) const;
  /// The paths of all pictures in a folder and below it, relative to the source, folder by folder, sorted.
  std::vector<std::string> pictures_below(const std::string& folder) const;
  /// The files in a folder and below it that are no pictures, and those that are left out, with the reason.
  std::vector<LeftOut> others_below(const std::string& folder) const;

 protected:
  Source(std::string name, std::string file) : name_(std::move(name)), file_(std::move(file)) {}

 private:
  std::string name_, file_;
};

/// The same source seen from one of its folders.
std::shared_ptr<const Source> source_below(std::shared_ptr<const Source> source, const std::string& folder);

/// Why a link is left out.
inline constexpr const char* kLeadsOut = "a link that leads out of the folder or nowhere";

/// Whether a file is no part of a data set, whatever it is called: ".name" and macOS's "__MACOSX".
bool is_hidden_name(std::string_view name);

/// `folder/name`, or `name` when the folder is "".
std::string join_path(const std::string& folder, const std::string& name);

/// The path without "." and doubled or trailing '/'. Throws Error for an absolute path, one with "..", and one with a NUL.
std::string inner_path(std::string_view path);

}  // namespace leaf
