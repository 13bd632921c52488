#include "leaf/model/formats/torch_file.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cstring>
#include <limits>

#include "leaf/base/error.h"
#include "leaf/model/formats/pickle_globals.h"
#include "leaf/model/formats/torch_form.h"

namespace leaf {
namespace {

constexpr uint8_t kMagic[] = {0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e};

const struct {
  std::string_view name;
  torch::ScalarType type;
} kStorageTypes[] = {
    {"FloatStorage", torch::kFloat},       {"HalfStorage", torch::kHalf}, {"DoubleStorage", torch::kDouble},
    {"BFloat16Storage", torch::kBFloat16}, {"LongStorage", torch::kLong}, {"IntStorage", torch::kInt},
    {"ShortStorage", torch::kShort},       {"CharStorage", torch::kChar}, {"ByteStorage", torch::kByte},
    {"BoolStorage", torch::kBool},
};

bool is_empty(const PickledTensor& tensor) { return std::find(tensor.size.begin(), tensor.size.end(), 0) != tensor.size.end(); }

/// Throws Error unless every number that the tensor looks at is one of the storage's. More numbers than the storage has (by
/// strides of 0) are refused too: they could take any memory.
void check_view(const PickledTensor& tensor, int64_t numel) {
  int64_t last = tensor.offset, count = 1;
  bool fits = tensor.offset >= 0 && tensor.offset <= numel;
  for (size_t i = 0; i < tensor.size.size() && fits; ++i) {
    const int64_t size = tensor.size[i], stride = tensor.stride[i];
    int64_t reach = 0;
    fits = size >= 0 && stride >= 0 && !__builtin_mul_overflow(count, std::max<int64_t>(size, 1), &count);
    if (size > 1) fits = fits && !__builtin_mul_overflow(size - 1, stride, &reach) && !__builtin_add_overflow(last, reach, &last);
  }
  if (fits && !is_empty(tensor)) fits = last < numel && count <= numel;
  if (!fits) {
    fail("a tensor of shape [{}] with strides [{}] from number {} lies outside of its storage of {} numbers",
         fmt::join(tensor.size, ", "), fmt::join(tensor.stride, ", "), tensor.offset, numel);
  }
}

torch::Tensor load(const PickledStorage& storage, std::span<const uint8_t> bytes) {
  const auto type = storage_type(storage.type);
  if (type == torch::kBool && std::any_of(bytes.begin(), bytes.end(), [](uint8_t value) { return value > 1; })) {
    fail("storage {} has a truth value that is neither 0 nor 1", shortened(storage.key));
  }
  auto numbers = torch::empty({storage.numel}, type);
  if (!bytes.empty()) std::memcpy(numbers.data_ptr(), bytes.data(), bytes.size());
  return numbers;
}

}  // namespace

torch::ScalarType storage_type(std::string_view name) {
  for (const auto& known : kStorageTypes) {
    if (known.name == name) return known.type;
  }
  fail("storages of type {} are not supported", shortened(name));
}

uint64_t storage_bytes(const PickledStorage& storage) {
  const auto size = static_cast<int64_t>(c10::elementSize(storage_type(storage.type)));
  if (storage.numel > std::numeric_limits<int64_t>::max() / size)
    fail("storage {} is too large for any memory", shortened(storage.key));
  return static_cast<uint64_t>(storage.numel * size);
}

bool is_legacy_form(std::span<const uint8_t> bytes) {
  return bytes.size() >= std::size(kMagic) && std::equal(std::begin(kMagic), std::end(kMagic), bytes.begin());
}

TorchFile::TorchFile(std::span<const uint8_t> bytes, TorchForm form) {
  auto parts = form == TorchForm::zip ? open_zip_form(bytes) : open_legacy_form(bytes);
  pickle_ = std::move(parts.pickle);
  bytes_ = std::move(parts.storages);
  check_storages();
  for (const auto& tensor : pickle_.tensors) check_view(tensor, pickle_.storages[tensor.storage].numel);
}

void TorchFile::check_storages() const {
  std::map<std::string_view, const PickledStorage*> first;
  for (const auto& storage : pickle_.storages) {
    const auto found = bytes_.find(storage.key);
    if (found == bytes_.end()) fail("storage {} is missing", shortened(storage.key));
    if (found->second.size() != storage_bytes(storage)) {
      fail("storage {} has {} bytes instead of {}", shortened(storage.key), found->second.size(), storage_bytes(storage));
    }
    if (first.emplace(storage.key, &storage).first->second->type != storage.type)
      fail("storage {} has two types", shortened(storage.key));
  }
}

torch::Tensor TorchFile::tensor(const PickledTensor& tensor) {
  const auto& storage = pickle_.storages[tensor.storage];
  if (is_empty(tensor)) return torch::empty(tensor.size, storage_type(storage.type));
  auto found = loaded_.find(storage.key);
  if (found == loaded_.end()) found = loaded_.emplace(storage.key, load(storage, bytes_.at(storage.key))).first;
  return found->second.as_strided(tensor.size, tensor.stride, tensor.offset);
}

}  // namespace leaf
