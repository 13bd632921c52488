#pragma once

#include <cstdint>
#include <string_view>

namespace leaf {

class Options;

/// What a file from a stranger may cost, in memory and in time. Each limit is compared with what the file announces before
/// anything is taken or computed for it; what each means, with its unit, is said once, in describe(). The environment variable
/// LEAF_LIMITS changes them for one command (SECURITY.md).

/// One picture. A camera's largest pictures have some 100 million pixels; a face that is recognized has some 10,000.
struct PictureLimits {
  int64_t side = 16384;
  int64_t pixels = 100'000'000;
  int64_t memory = 768'000'000;
  int64_t scans = 100;  ///< programs write up to some 15
  int64_t work = 1'000'000'000;

  /// Whether a picture may have so many pixels.
  bool allow(int64_t height, int64_t width) const { return height <= side && width <= side && height * width <= pixels; }
};

/// An archive. It is unpacked into memory while a data set is read. Pictures hardly shrink in it, texts to a fifth or a tenth.
struct ArchiveLimits {
  int64_t files = 2'000'000;
  int64_t file_bytes = int64_t{1} << 30;
  int64_t bytes = int64_t{4} << 30;
  double ratio = 25;
  int64_t unsuspected = int64_t{64} << 20;
};

/// A list of labels, as text or as NumPy's array. The largest (AffectNet's) has 540,000 rows, 19 fields and 11 classes; a row
/// takes some 600 bytes while a data set is read, whatever its length.
struct ListLimits {
  int64_t rows = 1'000'000;
  int64_t fields = 1024;
  int64_t classes = 4096;
};

/// A model. What its weights cost is carried by its file; what its views cost is not.
struct ModelLimits {
  int64_t view_cost = 1024 * 1024;
};

struct Limits {
  PictureLimits picture;
  ArchiveLimits archive;
  ListLimits list;
  ModelLimits model;
};

void describe(Options& options, Limits& limits);

/// Those of this process: as above, until set_limits() is called, which is done before any file is opened.
const Limits& limits();
void set_limits(const Limits& limits);

/// The above, changed by a text such as "picture.pixels=200000000,archive.bytes=8000000000". Throws UsageError.
Limits parse_limits(std::string_view text);

}  // namespace leaf
