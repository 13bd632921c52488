#include "leaf/data/face_store.h"

#include <algorithm>

namespace leaf {
namespace {

class MemoryStore : public FaceStore {
 public:
  explicit MemoryStore(std::vector<StoredFace> faces) : faces_(std::move(faces)) {}

  int64_t size() const override { return static_cast<int64_t>(faces_.size()); }
  Image face(int64_t row) const override {
    const auto& face = faces_.at(static_cast<size_t>(row));
    return unpack_face(face.height, face.width, face.channels, face.pixels.data());
  }

 private:
  std::vector<StoredFace> faces_;
};

class JoinedStore : public FaceStore {
 public:
  JoinedStore(std::shared_ptr<const FaceStore> first, int64_t first_size, std::shared_ptr<const FaceStore> second,
              int64_t second_size)
      : first_(std::move(first)), second_(std::move(second)), first_size_(first_size), size_(first_size + second_size) {}

  int64_t size() const override { return size_; }
  Image face(int64_t row) const override { return row < first_size_ ? first_->face(row) : second_->face(row - first_size_); }

 private:
  const std::shared_ptr<const FaceStore> first_, second_;
  const int64_t first_size_, size_;
};

bool is_gray(const Image& image) {
  for (size_t i = 0; i < image.pixels.size(); i += 3) {
    if (image.pixels[i] != image.pixels[i + 1] || image.pixels[i] != image.pixels[i + 2]) return false;
  }
  return true;
}

}  // namespace

StoredFace pack_face(const Image& image) {
  if (!is_gray(image)) return {image.height, image.width, 3, image.pixels};
  StoredFace face{image.height, image.width, 1, Bytes(image.pixels.size() / 3)};
  for (size_t i = 0; i < face.pixels.size(); ++i) face.pixels[i] = image.pixels[3 * i];
  return face;
}

Image unpack_face(int64_t height, int64_t width, int64_t channels, const uint8_t* pixels) {
  Image image;
  image.height = height;
  image.width = width;
  const auto count = static_cast<size_t>(height * width);
  if (channels == 3) {
    image.pixels.assign(pixels, pixels + count * 3);
    return image;
  }
  image.pixels.resize(count * 3);
  for (size_t i = 0; i < count; ++i) std::fill_n(image.pixels.data() + 3 * i, 3, pixels[i]);
  return image;
}

std::shared_ptr<const FaceStore> store_in_memory(std::vector<StoredFace> faces) {
  return std::make_shared<MemoryStore>(std::move(faces));
}

std::shared_ptr<const FaceStore> store_joined(std::shared_ptr<const FaceStore> first, int64_t first_size,
                                              std::shared_ptr<const FaceStore> second, int64_t second_size) {
  return std::make_shared<JoinedStore>(std::move(first), first_size, std::move(second), second_size);
}

}  // namespace leaf
