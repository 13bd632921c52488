#include "leaf/interface/leaf.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <new>

#include "leaf/base/error.h"
#include "leaf/base/limits.h"
#include "leaf/base/parallel.h"
#include "leaf/base/text.h"
#include "leaf/detection/face_finder.h"
#include "leaf/faces/alignment.h"
#include "leaf/pictures/codec.h"
#include "leaf/recognize/recognizer.h"

struct leaf_model {
  leaf::Recognizer recognizer;
  std::mutex passing;  ///< the recognizer's network serves one thread at a time
};

struct leaf_finder {
  leaf::FaceFinder finder;
};

namespace leaf {
namespace {

thread_local std::string last_error;
std::atomic<int32_t> chosen_threads = 0;  ///< 0: all

leaf_status failed(leaf_status status, const char* text) noexcept {
  try {
    last_error = printable(text);
  } catch (const std::bad_alloc&) {
    last_error.clear();
  }
  return status;
}

/// Does the work, whose exceptions end here.
template <typename Work>
leaf_status attempt(const Work& work) noexcept {
  try {
    work();
    return LEAF_OK;
  } catch (const UsageError& error) {
    return failed(LEAF_MISUSED, error.what());
  } catch (const Error& error) {
    return failed(LEAF_FAILED, error.what());
  } catch (const std::filesystem::filesystem_error& error) {
    return failed(LEAF_FAILED, error.what());
  } catch (const std::bad_alloc&) {
    return failed(LEAF_FAILED, "there is not enough memory");
  } catch (const std::exception& error) {
    const std::string text = error.what();
    return failed(LEAF_INTERNAL, text.substr(0, text.find('\n')).c_str());
  }
}

void check_given(const void* argument, const char* name) {
  if (argument == nullptr) fail_usage("{} must not be null", name);
}

void set_threads() {
  const int32_t threads = chosen_threads;
  at::set_num_threads(threads > 0 ? threads : available_processors());
}

/// A picture of 1 or 3 channels as LEAF knows it.
Image image_of(const uint8_t* pixels, int64_t height, int64_t width, int64_t channels) {
  Image image(height, width);
  const int64_t n = height * width;
  if (channels == 3) {
    std::copy_n(pixels, 3 * n, image.pixels.data());
  } else {
    for (int64_t i = 0; i < n; ++i) std::fill_n(image.pixels.data() + 3 * i, 3, pixels[i]);
  }
  return image;
}

/// The faces, which are as small as the network wants them, through the network.
void pass(leaf_model& model, const std::vector<Image>& faces, float* probabilities) {
  const std::lock_guard lock(model.passing);
  set_threads();
  const auto found = model.recognizer.recognize(faces).contiguous();
  std::copy_n(found.data_ptr<float>(), found.numel(), probabilities);
}

void predict(leaf_model& model, const uint8_t* pixels, int64_t count, int64_t height, int64_t width, int64_t channels,
             float* probabilities) {
  const int64_t classes = std::ssize(model.recognizer.classes()), at_once = model.recognizer.at_once();
  for (int64_t begin = 0; begin < count; begin += at_once) {
    std::vector<Image> faces;
    for (int64_t i = begin; i < std::min(begin + at_once, count); ++i)
      faces.push_back(model.recognizer.shrunk(image_of(pixels + i * height * width * channels, height, width, channels)));
    pass(model, faces, probabilities + begin * classes);
  }
}

void check_picture(int64_t height, int64_t width, int64_t channels) {
  if (channels != 1 && channels != 3) fail_usage("a picture has 1 or 3 channels, found {}", channels);
  const auto& most = limits().picture;
  if (height < 1 || width < 1 || !most.allow(height, width))
    fail_usage("a picture has from 1 to {} pixels a side and at most {} in all, found {} × {}", most.side, most.pixels, width,
               height);
}

/// The probabilities of faces found in a picture.
void predict(leaf_model& model, const Image& picture, const std::vector<Face>& faces, float* probabilities) {
  const auto& views = model.recognizer.views();
  const auto at_once = static_cast<size_t>(model.recognizer.at_once()), classes = model.recognizer.classes().size();
  for (size_t begin = 0; begin < faces.size(); begin += at_once) {
    std::vector<Image> cut;
    for (size_t i = begin; i < std::min(begin + at_once, faces.size()); ++i)
      cut.push_back(cut_out(picture, face_square(faces[i], views.margin), views.size));
    pass(model, cut, probabilities + begin * classes);
  }
}

}  // namespace
}  // namespace leaf

const char* leaf_version(void) { return LEAF_VERSION; }

const char* leaf_error(void) { return leaf::last_error.c_str(); }

leaf_status leaf_set_threads(int32_t threads) {
  return leaf::attempt([&] {
    if (threads < 0 || threads > 1024) leaf::fail_usage("the number of threads must be from 0 to 1024, found {}", threads);
    leaf::chosen_threads = threads;
  });
}

leaf_status leaf_open(const char* path, const char* precision, leaf_model** model) {
  return leaf::attempt([&] {
    leaf::check_given(path, "path");
    leaf::check_given(model, "model");
    leaf::set_threads();
    *model = new leaf_model{leaf::Recognizer(path, torch::kCPU, precision == nullptr ? "" : precision), {}};
  });
}

void leaf_close(leaf_model* model) { delete model; }

int32_t leaf_class_count(const leaf_model* model) {
  return model == nullptr ? 0 : static_cast<int32_t>(model->recognizer.classes().size());
}

const char* leaf_class_name(const leaf_model* model, int32_t index) {
  return index < 0 || index >= leaf_class_count(model) ? nullptr
                                                       : model->recognizer.classes()[static_cast<size_t>(index)].c_str();
}

int32_t leaf_view_size(const leaf_model* model) {
  return model == nullptr ? 0 : static_cast<int32_t>(model->recognizer.views().size);
}

leaf_status leaf_predict(leaf_model* model, const uint8_t* pixels, int64_t count, int64_t height, int64_t width, int64_t channels,
                         float* probabilities) {
  return leaf::attempt([&] {
    leaf::check_given(model, "model");
    if (count < 0) leaf::fail_usage("the number of pictures must not be negative, found {}", count);
    leaf::check_picture(height, width, channels);
    if (count == 0) return;
    leaf::check_given(pixels, "pixels");
    leaf::check_given(probabilities, "probabilities");
    leaf::predict(*model, pixels, count, height, width, channels, probabilities);
  });
}

leaf_status leaf_predict_encoded(leaf_model* model, const void* bytes, size_t size, float* probabilities) {
  return leaf::attempt([&] {
    leaf::check_given(model, "model");
    leaf::check_given(bytes, "bytes");
    leaf::check_given(probabilities, "probabilities");
    const auto picture = leaf::decode_image(std::span(static_cast<const uint8_t*>(bytes), size));
    leaf::pass(*model, {model->recognizer.shrunk(picture)}, probabilities);
  });
}

leaf_status leaf_open_finder(const char* weights, leaf_finder** finder) {
  return leaf::attempt([&] {
    leaf::check_given(finder, "finder");
    const leaf::FinderOptions options{{}, weights == nullptr ? "cascade" : "tiny_face_detector"};
    *finder = new leaf_finder{leaf::make_face_finder(weights == nullptr ? "" : weights, options)};
  });
}

void leaf_close_finder(leaf_finder* finder) { delete finder; }

leaf_status leaf_find(leaf_finder* finder, leaf_model* model, const uint8_t* pixels, int64_t height, int64_t width,
                      int64_t channels, int32_t most, leaf_face* faces, float* probabilities, int32_t* found) {
  return leaf::attempt([&] {
    leaf::check_given(finder, "finder");
    leaf::check_given(pixels, "pixels");
    leaf::check_given(found, "found");
    leaf::check_picture(height, width, channels);
    if (most < 0) leaf::fail_usage("the number of faces must not be negative, found {}", most);
    if (most > 0) leaf::check_given(faces, "faces");
    if (most > 0 && model != nullptr) leaf::check_given(probabilities, "probabilities");
    leaf::set_threads();
    const auto picture = leaf::image_of(pixels, height, width, channels);
    auto all = finder->finder.find(picture);
    *found = static_cast<int32_t>(all.size());
    all.resize(std::min(all.size(), static_cast<size_t>(most)));
    for (size_t i = 0; i < all.size(); ++i) {
      const auto& box = all[i].box;
      const auto angle = leaf::face_square(all[i], 0).angle;
      faces[i] = {static_cast<float>(box.left),   static_cast<float>(box.top), static_cast<float>(box.width),
                  static_cast<float>(box.height), static_cast<float>(angle),   static_cast<float>(all[i].score)};
    }
    if (model != nullptr) leaf::predict(*model, picture, all, probabilities);
  });
}
