#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "leaf/base/error.h"
#include "leaf/data/dataset.h"
#include "leaf/data/reader.h"
#include "leaf/pictures/codec.h"
#include "tests/error_of.h"
#include "tests/temporary.h"

namespace leaf {

/// Tiny data sets on disk, in the layout their authors ship.

inline void put(const std::filesystem::path& path, const std::string& text) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

inline std::string png(const Image& image) {
  const auto bytes = encode_png(image);
  return {bytes.begin(), bytes.end()};
}

/// A plain picture; its shade tells it from others.
inline std::string gray_png(uint8_t shade, int64_t height = 6, int64_t width = 6) {
  return png(Image(height, width, {shade, shade, shade}));
}

inline void put_face(const std::filesystem::path& path, uint8_t shade = 100) { put(path, gray_png(shade)); }

inline std::vector<std::string> paths_of(const std::vector<Record>& records) {
  std::vector<std::string> result;
  for (const auto& record : records) result.push_back(record.path);
  return result;
}

inline std::vector<int64_t> labels_of(const std::vector<Record>& records) {
  std::vector<int64_t> result;
  for (const auto& record : records) result.push_back(record.label);
  return result;
}

inline Listing listing_of(const std::string& source, const DataOptions& options = {}) {
  auto opened = open_data(source);
  return list_faces(opened, options);
}

/// FERPlus with `count` training faces that take turns through the eight classes, and half as many in each other part.
inline void put_ferplus(const std::filesystem::path& root, int count, bool test = true) {
  int number = 0;
  const std::pair<const char*, int> parts[] = {
      {"FER2013Train", count}, {"FER2013Valid", count / 2}, {"FER2013Test", test ? count / 2 : 0}};
  for (const auto& [folder, faces] : parts) {
    std::string csv;
    for (int i = 0; i < faces; ++i, ++number) {
      const auto name = fmt::format("fer{:07}.png", number);
      put_face(root / folder / name, static_cast<uint8_t>(number));
      csv += name + ",\"(0, 0, 48, 48)\"";
      for (int label = 0; label < 10; ++label) csv += label == i % 8 ? ",9" : label == 8 ? ",1" : ",0";
      csv += "\n";
    }
    if (faces > 0) put(root / folder / "label.csv", csv);
  }
}

/// The bytes of an .npy file as NumPy's save() writes it.
inline std::string npy(const std::string& type, const std::string& shape, const std::string& data) {
  std::string header = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}), }}", type, shape);
  header.append(63 - (10 + header.size()) % 64, ' ');
  header += '\n';
  return std::string("\x93NUMPY\1\0", 8) + static_cast<char>(header.size() & 0xff) + static_cast<char>(header.size() >> 8) +
         header + data;
}

}  // namespace leaf
