#include "leaf/model/formats/tensorflow_js.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <vector>

#include "leaf/base/bytes.h"
#include "leaf/base/error.h"
#include "leaf/base/text.h"

namespace leaf {
namespace {

static_assert(std::endian::native == std::endian::little, "the format is little-endian");

constexpr size_t kMostManifest = 16'000'000;  ///< bytes
constexpr size_t kMostShards = 1024;
constexpr size_t kMostDimensions = 64;  ///< what libtorch's loops can do
constexpr uint64_t kNumber = 4;         ///< bytes of a number of either type

/// value = q · scale + min, q one byte.
struct Quantization {
  std::string type;
  double scale = 0, min = 0;

  double value(uint8_t q) const { return q * scale + min; }
};

struct Weight {
  std::string name, type;
  std::vector<uint64_t> shape;
  std::optional<Quantization> quantization;
};

/// Weights that lie one behind the other in the shards, which are joined.
struct Group {
  std::vector<Weight> weights;
  std::vector<std::string> paths;
};

/// Listens to the parser and accepts only
///     [{"weights": [{"name": text, "shape": [number, …], "dtype": text,
///                    "quantization": {"dtype": text, "scale": number, "min": number}}, …], "paths": [text, …]}, …]
/// with or without quantization. The text is refused at its first wrong event, so that deep nesting is never entered.
class ManifestListener : public nlohmann::json_sax<nlohmann::json> {
 public:
  std::vector<Group> groups;

  bool start_array(std::size_t) override {
    if (place_ == Place::start) return enter(Place::groups);
    if (place_ == Place::group && key_ == "weights") return enter(Place::weights);
    if (place_ == Place::group && key_ == "paths") return enter(Place::paths);
    if (place_ == Place::weight && key_ == "shape") return enter(Place::shape);
    refuse("a list");
  }
  bool end_array() override {
    return enter(place_ == Place::groups ? Place::end : place_ == Place::shape ? Place::weight : Place::group);
  }
  bool start_object(std::size_t) override {
    if (place_ == Place::groups) {
      groups.emplace_back();
      group_fields_.clear();
      return enter(Place::group);
    }
    if (place_ == Place::weights) {
      groups.back().weights.emplace_back();
      fields_.clear();
      return enter(Place::weight);
    }
    if (place_ == Place::weight && key_ == "quantization") {
      weight().quantization.emplace();
      quantization_fields_.clear();
      return enter(Place::quantization);
    }
    refuse("an object");
  }
  bool end_object() override {
    if (place_ == Place::quantization) {
      if (quantization_fields_.size() != 3) fail("tensor {} lacks one of dtype, scale and min in its quantization", name());
      return enter(Place::weight);
    }
    if (place_ == Place::weight) {
      if (fields_.size() != (weight().quantization ? 4 : 3)) fail("tensor {} lacks one of name, shape and dtype", name());
      if (!names_.insert(weight().name).second) fail("tensor {} is listed twice", name());
      return enter(Place::weights);
    }
    if (group_fields_.size() != 2) fail("group {} lacks one of weights and paths", groups.size());
    return enter(Place::groups);
  }
  bool key(std::string& key) override {
    using Names = std::set<std::string_view>;
    static const Names kGroup = {"weights", "paths"}, kWeight = {"name", "shape", "dtype", "quantization"},
                       kQuantization = {"dtype", "scale", "min"};
    const auto& known = place_ == Place::group ? kGroup : place_ == Place::weight ? kWeight : kQuantization;
    auto& seen = place_ == Place::group ? group_fields_ : place_ == Place::weight ? fields_ : quantization_fields_;
    if (!known.contains(key)) fail("an unknown field \"{}\" stands near tensor {}", printable(key), name());
    if (!seen.insert(key).second) fail("two fields {} stand near tensor {}", key, name());
    key_ = key;
    return true;
  }
  bool string(std::string& text) override {
    if (place_ == Place::paths) {
      groups.back().paths.push_back(text);
    } else if (place_ == Place::weight && key_ == "name") {
      weight().name = text;
    } else if (place_ == Place::weight && key_ == "dtype") {
      weight().type = text;
    } else if (place_ == Place::quantization && key_ == "dtype") {
      weight().quantization->type = text;
    } else {
      refuse("a text");
    }
    return true;
  }
  bool number_unsigned(uint64_t value) override {
    if (place_ != Place::shape) return number(static_cast<double>(value));
    weight().shape.push_back(value);
    return true;
  }
  bool number_integer(int64_t value) override {
    if (place_ == Place::shape) fail("tensor {} has the negative size {}", name(), value);
    return number(static_cast<double>(value));
  }
  bool number_float(double value, const std::string& text) override {
    if (place_ == Place::shape) fail("tensor {} has the size {}, which is no whole number", name(), printable(text));
    return number(value);
  }
  bool null() override { refuse("null"); }
  bool boolean(bool) override { refuse("true or false"); }
  bool binary(nlohmann::json::binary_t&) override { refuse("binary data"); }
  bool parse_error(std::size_t position, const std::string& last, const nlohmann::json::exception& error) override {
    constexpr int kNotFinite = 406;  // nlohmann's number for it
    if (error.id == kNotFinite) fail("a number near tensor {} is not finite: {}", name(), printable(last));
    fail("the manifest is no JSON in UTF-8 at byte {}", position);
  }

 private:
  enum class Place { start, groups, group, weights, weight, shape, quantization, paths, end };

  bool enter(Place place) {
    place_ = place;
    return true;
  }
  bool number(double value) {
    if (place_ != Place::quantization || key_ == "dtype") refuse("a number");
    (key_ == "scale" ? weight().quantization->scale : weight().quantization->min) = value;
    return true;
  }
  [[noreturn]] void refuse(std::string_view found) const {
    fail("the manifest has {} where it must not be, near tensor {}", found, name());
  }
  Weight& weight() { return groups.back().weights.back(); }
  /// Of the tensor that was read last, for messages.
  std::string name() const {
    const bool some = !groups.empty() && !groups.back().weights.empty();
    return "\"" + (some ? printable(groups.back().weights.back().name) : "") + "\"";
  }

  Place place_ = Place::start;
  std::string key_;
  std::set<std::string> names_, group_fields_, fields_, quantization_fields_;
};

std::vector<Group> parse_manifest(std::span<const uint8_t> bytes) {
  if (bytes.size() > kMostManifest) fail("the manifest has {} bytes, more than {}", bytes.size(), kMostManifest);
  ManifestListener listener;
  nlohmann::json::sax_parse(bytes.begin(), bytes.end(), &listener);
  return std::move(listener.groups);
}

/// Throws Error unless every value of the quantization is a number of the tensor's type.
void check_range(const Weight& weight) {
  const auto& q = *weight.quantization;
  const bool whole = weight.type == "int32";
  const double largest = whole ? std::numeric_limits<int32_t>::max() : std::numeric_limits<float>::max();
  for (const double value : {q.scale, q.min, q.value(0), q.value(255)}) {
    if (std::isfinite(value) && std::abs(value) <= largest) continue;
    fail("tensor \"{}\" has values beyond {}: scale {}, min {}", printable(weight.name), weight.type, q.scale, q.min);
  }
}

/// How many numbers a tensor has; throws Error for a type that is not known or more numbers than memory can hold. A dimension of
/// 0 must not hide that the others cannot be meant.
uint64_t check_weight(const Weight& weight) {
  const auto name = printable(weight.name);
  if (weight.type != "float32" && weight.type != "int32")
    fail("tensor \"{}\" has dtype \"{}\"; supported are float32 and int32", name, printable(weight.type));
  if (weight.quantization && weight.quantization->type != "uint8")
    fail("tensor \"{}\" is quantized as \"{}\"; supported is uint8", name, printable(weight.quantization->type));
  if (weight.quantization) check_range(weight);
  if (weight.shape.size() > kMostDimensions)
    fail("tensor \"{}\" has {} dimensions, more than {}", name, weight.shape.size(), kMostDimensions);
  constexpr uint64_t kLimit = std::numeric_limits<int64_t>::max() / kNumber;
  uint64_t numbers = 1;
  bool empty = false;
  for (const uint64_t size : weight.shape) {
    empty = empty || size == 0;
    if (size != 0 && numbers > kLimit / size) fail("tensor \"{}\" is too large for any memory", name);
    numbers *= std::max<uint64_t>(size, 1);
  }
  return empty ? 0 : numbers;
}

uint64_t stored_bytes(const Weight& weight, uint64_t numbers) { return weight.quantization ? numbers : numbers * kNumber; }

/// The shard's place. Throws Error for a path that leads out of the folder, by its words or by a link.
std::filesystem::path shard_path(const std::filesystem::path& folder, const std::string& name) {
  const std::filesystem::path relative(name);
  const bool outside = name.empty() || name.find('\0') != std::string::npos || relative.is_absolute() ||
                       std::find(relative.begin(), relative.end(), "..") != relative.end();
  if (outside) fail("shard \"{}\" is not a path inside of the manifest's folder", printable(name));
  std::error_code code;
  const auto root = std::filesystem::canonical(folder, code);
  const auto place = code ? root : std::filesystem::canonical(folder / relative, code);
  if (code) fail("shard \"{}\" cannot be read: {}; it belongs beside the manifest", printable(name), code.message());
  if (std::mismatch(root.begin(), root.end(), place.begin(), place.end()).first != root.end())
    fail("shard \"{}\" is a link that leads out of the manifest's folder", printable(name));
  return place;
}

/// The shards of one group as one run of bytes.
class Shards {
 public:
  /// `known` are those of earlier groups: bytes belong to one tensor alone.
  Shards(const std::filesystem::path& folder, const std::vector<std::string>& names, std::set<std::filesystem::path>& known) {
    for (const auto& name : names) {
      const auto path = shard_path(folder, name);
      if (!known.insert(path).second) fail("shard \"{}\" is listed twice, so that tensors overlap", printable(name));
      if (known.size() > kMostShards) fail("there are more than {} shards", kMostShards);
      files_.push_back(std::make_unique<MappedFile>(path));
      size_ += files_.back()->bytes().size();
    }
  }

  uint64_t size() const { return size_; }

  /// All bytes; a single shard is not copied.
  std::span<const uint8_t> joined() {
    if (files_.size() == 1) return files_.front()->bytes();
    joined_.reserve(size_);
    for (const auto& file : files_) joined_.insert(joined_.end(), file->bytes().begin(), file->bytes().end());
    return joined_;
  }

 private:
  std::vector<std::unique_ptr<MappedFile>> files_;
  uint64_t size_ = 0;
  Bytes joined_;
};

torch::Tensor decoded(const Weight& weight, std::span<const uint8_t> bytes) {
  const bool whole = weight.type == "int32";
  auto tensor =
      torch::empty(std::vector<int64_t>(weight.shape.begin(), weight.shape.end()), whole ? torch::kInt32 : torch::kFloat32);
  if (bytes.empty()) return tensor;
  if (!weight.quantization) {
    std::memcpy(tensor.data_ptr(), bytes.data(), bytes.size());
  } else if (whole) {
    std::transform(bytes.begin(), bytes.end(), tensor.data_ptr<int32_t>(),
                   [&](uint8_t q) { return static_cast<int32_t>(std::lround(weight.quantization->value(q))); });
  } else {
    std::transform(bytes.begin(), bytes.end(), tensor.data_ptr<float>(),
                   [&](uint8_t q) { return static_cast<float>(weight.quantization->value(q)); });
  }
  return tensor;
}

/// The bytes that the group's tensors need; throws Error for tensors that no memory could hold.
uint64_t needed_bytes(const Group& group) {
  uint64_t needed = 0;
  for (const auto& weight : group.weights) {
    if (__builtin_add_overflow(needed, stored_bytes(weight, check_weight(weight)), &needed))
      fail("tensor \"{}\" is too large for any memory", printable(weight.name));
  }
  return needed;
}

}  // namespace

bool is_tensorflow_js(std::span<const uint8_t> bytes) {
  constexpr size_t kLength = 8, kSpaces = 256;  // a safetensors file begins with a length, whose last bytes are zeros
  std::string start;
  for (const uint8_t c : bytes.first(std::min(bytes.size(), kSpaces))) {
    if (c != ' ' && c != '\n' && c != '\r' && c != '\t') start += static_cast<char>(c);
  }
  const auto length = bytes.first(std::min(bytes.size(), kLength));
  return (start.starts_with("[{") || start.starts_with("[]")) && std::find(length.begin(), length.end(), 0) == length.end();
}

std::map<std::string, torch::Tensor> read_tensorflow_js(const std::filesystem::path& manifest, std::span<const uint8_t> bytes) {
  const auto groups = parse_manifest(bytes);
  const auto folder = manifest.has_parent_path() ? manifest.parent_path() : std::filesystem::path(".");
  std::set<std::filesystem::path> known;
  std::map<std::string, torch::Tensor> tensors;
  for (const auto& group : groups) {
    const uint64_t needed = needed_bytes(group);
    Shards shards(folder, group.paths, known);
    if (shards.size() != needed) {
      fail("the tensors need {} bytes, but the shards {} have {}{}", needed, printable(join(group.paths)), shards.size(),
           shards.size() < needed ? ": they are truncated" : ": some belong to no tensor");
    }
    const auto all = shards.joined();
    uint64_t position = 0;
    for (const auto& weight : group.weights) {
      const auto length = stored_bytes(weight, check_weight(weight));
      tensors.emplace(weight.name, decoded(weight, all.subspan(position, length)));
      position += length;
    }
  }
  if (tensors.empty()) fail("the manifest names no tensors");
  return tensors;
}

}  // namespace leaf
