#include "leaf/base/bytes.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <cerrno>
#include <cstring>

#include "leaf/base/error.h"

namespace leaf {
namespace {

constexpr std::string_view kPartial = ".partial";  ///< how the name of a file ends that is being written

[[noreturn]] void fail_system(std::string_view action, const std::filesystem::path& path) {
  const int code = errno;
  const char* advice = code == ENOSPC || code == EDQUOT || code == EFBIG ? "; free some space or choose another folder"
                       : code == EACCES || code == EROFS                 ? "; check the permissions"
                       : code == ENOENT                                  ? "; check the path"
                                                                         : "";
  fail("cannot {} {}: {}{}", action, path.string(), std::strerror(code), advice);
}

uint64_t regular_size(int descriptor, const std::filesystem::path& path) {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) fail_system("inspect", path);
  if (!S_ISREG(status.st_mode)) fail("cannot read {}: it is not a regular file", path.string());
  return static_cast<uint64_t>(status.st_size);
}

void write_bytes(const Descriptor& file, std::span<const uint8_t> bytes, const std::filesystem::path& path) {
  if (!write_all(file.get(), std::as_bytes(bytes))) fail_system("write", path);
}

void sync(const Descriptor& file, const std::filesystem::path& path) {
  if (::fsync(file.get()) != 0) fail_system("write", path);
}

void sync_folder(const std::filesystem::path& folder) {
  const Descriptor descriptor(::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (descriptor.get() < 0 || ::fsync(descriptor.get()) != 0) fail_system("synchronize", folder);
}

/// A new file beside the one that it is to become, and its descriptor. Its name is short, since that of `path` may be as long as
/// names can be, and cannot be guessed; nothing that is there already is opened, no link followed.
std::pair<std::filesystem::path, Descriptor> open_temporary(const std::filesystem::path& folder,
                                                            const std::filesystem::path& path) {
  for (;;) {
    uint64_t number = 0;
    if (::getrandom(&number, sizeof(number), 0) != sizeof(number)) fail_system("write", path);
    auto temporary = folder / fmt::format(".{:016x}{}", number, kPartial);
    Descriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644));
    if (file.get() >= 0) return {std::move(temporary), std::move(file)};
    if (errno != EEXIST) fail_system("write", path);
  }
}

}  // namespace

std::string file_stamp(const std::filesystem::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return "missing";
  return fmt::format("{}:{}.{:09}", status.st_size, status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
}

std::string read_file(const std::filesystem::path& path, uint64_t limit) {
  const Descriptor descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (descriptor.get() < 0) fail_system("read", path);
  const uint64_t size = regular_size(descriptor.get(), path);
  if (size > limit) fail("cannot read {}: {} is more than the allowed {}", path.string(), human_bytes(size), human_bytes(limit));
  std::string content(size, '\0');
  size_t position = 0;
  while (position < content.size()) {
    const ssize_t count = ::read(descriptor.get(), content.data() + position, content.size() - position);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail_system("read", path);
    if (count == 0) fail("cannot read {}: it became shorter while it was read", path.string());
    position += static_cast<size_t>(count);
  }
  return content;
}

void write_file(const std::filesystem::path& path, const std::function<void(const Sink&)>& produce) {
  const auto folder = path.parent_path();
  const auto opened = open_temporary(folder, path);
  const auto& [temporary, file] = opened;
  try {
    produce([&](std::span<const uint8_t> bytes) { write_bytes(opened.second, bytes, path); });
    sync(file, path);
    if (::rename(temporary.c_str(), path.c_str()) != 0) fail_system("write", path);
  } catch (...) {
    ::unlink(temporary.c_str());
    throw;
  }
  sync_folder(folder);
}

void write_file(const std::filesystem::path& path, std::string_view content) {
  write_file(path, [&](const Sink& sink) { sink(bytes_of(content)); });
}

LineFile::LineFile(std::filesystem::path path)
    : path_(std::move(path)), file_(::open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644)) {
  if (file_.get() < 0) fail_system("write", path_);
}

void LineFile::append(std::string_view line) { write_bytes(file_, bytes_of(std::string(line) + "\n"), path_); }

void LineFile::sync() { leaf::sync(file_, path_); }

void move_file(const std::filesystem::path& from, const std::filesystem::path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) fail_system("write", to);
  sync_folder(to.parent_path());
}

void remove_partial(const std::filesystem::path& folder) {
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(folder, none)) {
    if (entry.path().extension() == kPartial) std::filesystem::remove(entry.path(), none);
  }
}

void make_folder(const std::filesystem::path& path) {
  std::error_code code;
  std::filesystem::create_directories(path, code);
  if (code || !std::filesystem::is_directory(path)) {
    fail("cannot make the folder {}: {}", path.string(), code ? code.message() : "a file of that name exists");
  }
}

MappedFile::MappedFile(const std::filesystem::path& path) {
  const Descriptor descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (descriptor.get() < 0) fail_system("read", path);
  size_ = regular_size(descriptor.get(), path);
  if (size_ == 0) return;
  void* memory = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, descriptor.get(), 0);
  if (memory == MAP_FAILED) fail_system("map", path);
  data_ = static_cast<const uint8_t*>(memory);
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) ::munmap(const_cast<uint8_t*>(data_), size_);
}

uint32_t crc32(std::span<const uint8_t> bytes, uint32_t before) {
  return bytes.empty() ? before : static_cast<uint32_t>(::crc32_z(before, bytes.data(), bytes.size()));
}

uint64_t hash_bytes(std::string_view bytes, uint64_t seed) {
  for (const char c : bytes) seed = (seed ^ static_cast<uint8_t>(c)) * 0x100000001b3;
  return seed;
}

std::string human_bytes(uint64_t bytes) {
  constexpr const char* kUnits[] = {"B", "kB", "MB", "GB", "TB"};
  double value = static_cast<double>(bytes);
  size_t unit = 0;
  while (value >= 1000 && unit + 1 < std::size(kUnits)) {
    value /= 1000;
    ++unit;
  }
  return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.1f} {}", value, kUnits[unit]);
}

}  // namespace leaf
