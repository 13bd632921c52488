#include "leaf/model/formats/safetensors_header.h"

#include <nlohmann/json.hpp>
#include <set>

#include "leaf/base/error.h"
#include "leaf/base/text.h"

namespace leaf {
namespace {

const NumberType kNumberTypes[] = {
    {"BOOL", 1, torch::kBool},        {"U8", 1, torch::kUInt8},      {"I8", 1, torch::kInt8},   {"I16", 2, torch::kInt16},
    {"F16", 2, torch::kHalf},         {"BF16", 2, torch::kBFloat16}, {"I32", 4, torch::kInt32}, {"F32", 4, torch::kFloat32},
    {"C64", 8, torch::kComplexFloat}, {"F64", 8, torch::kFloat64},   {"I64", 8, torch::kInt64},
};

/// Listens to the parser and accepts only
///     {"__metadata__": {text: text, …}, name: {"dtype": text, "shape": [number, …], "data_offsets": [number, number]}, …}
/// The text is refused at its first wrong event, so that deep nesting is never entered.
class HeaderListener : public nlohmann::json_sax<nlohmann::json> {
 public:
  SafetensorsHeader header;

  bool start_object(std::size_t) override {
    if (place_ == Place::start) return enter(Place::names);
    if (place_ != Place::value) refuse("an object");
    if (key_ == "__metadata__") return enter(Place::metadata);
    header.places.push_back({.name = key_, .type = {}, .shape = {}});
    fields_.clear();
    return enter(Place::tensor);
  }
  bool end_object() override {
    if (place_ == Place::tensor && fields_.size() != 3)
      fail("tensor \"{}\" lacks one of dtype, shape and data_offsets", printable(key_));
    return enter(place_ == Place::names ? Place::end : Place::names);
  }
  bool key(std::string& name) override {
    if (place_ == Place::names) {
      if (!names_.insert(name).second) fail("tensor \"{}\" is listed twice", printable(name));
      key_ = name;
      return enter(Place::value);
    }
    if (place_ == Place::metadata) {
      if (header.metadata.contains(name)) fail("metadata \"{}\" is listed twice", printable(name));
    } else if (name != "dtype" && name != "shape" && name != "data_offsets") {
      fail("tensor \"{}\" has an unknown field \"{}\"", printable(key_), printable(name));
    } else if (!fields_.insert(name).second) {
      fail("tensor \"{}\" has two fields {}", printable(key_), name);
    }
    field_ = name;
    return true;
  }
  bool string(std::string& text) override {
    if (place_ == Place::metadata) {
      header.metadata[field_] = text;
    } else if (place_ == Place::tensor && field_ == "dtype") {
      header.places.back().type = text;
    } else {
      refuse("a text");
    }
    return true;
  }
  bool start_array(std::size_t) override {
    if (place_ != Place::tensor || field_ == "dtype") refuse("a list");
    numbers_.clear();
    return enter(Place::numbers);
  }
  bool number_unsigned(uint64_t value) override {
    if (place_ != Place::numbers) refuse("a number");
    numbers_.push_back(value);
    return true;
  }
  bool end_array() override {
    auto& tensor = header.places.back();
    if (field_ == "shape") {
      tensor.shape = numbers_;
    } else {
      if (numbers_.size() != 2) fail("tensor \"{}\" has {} data_offsets instead of 2", printable(key_), numbers_.size());
      tensor.begin = numbers_[0];
      tensor.end = numbers_[1];
    }
    return enter(Place::tensor);
  }
  bool null() override { refuse("null"); }
  bool boolean(bool) override { refuse("true or false"); }
  bool number_integer(int64_t) override { refuse("a negative number"); }
  bool number_float(double, const std::string&) override { refuse("a fraction or too large a number"); }
  bool binary(nlohmann::json::binary_t&) override { refuse("binary data"); }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::json::exception&) override {
    fail("the header is no JSON in UTF-8 at byte {}", position);
  }

 private:
  enum class Place { start, names, value, metadata, tensor, numbers, end };

  bool enter(Place place) {
    place_ = place;
    return true;
  }
  [[noreturn]] void refuse(std::string_view found) const {
    fail("the header has {} where it must not be, near \"{}\"", found, printable(key_));
  }

  Place place_ = Place::start;
  std::string key_, field_;
  std::set<std::string> names_, fields_;
  std::vector<uint64_t> numbers_;
};

}  // namespace

const NumberType& number_type(std::string_view name) {
  for (const auto& candidate : kNumberTypes) {
    if (name == candidate.name) return candidate;
  }
  fail("type \"{}\" is not supported", printable(name));
}

const NumberType& number_type(torch::ScalarType type) {
  for (const auto& candidate : kNumberTypes) {
    if (type == candidate.type) return candidate;
  }
  fail("type {} cannot be stored as safetensors", torch::toString(type));
}

SafetensorsHeader parse_safetensors_header(std::string_view text) {
  if (!text.starts_with('{')) fail("the header does not start with a brace");
  HeaderListener listener;
  nlohmann::json::sax_parse(text, &listener);
  return std::move(listener.header);
}

}  // namespace leaf
