#include "leaf/recognize/recognizer.h"

#include <ATen/Parallel.h>

#include <algorithm>

#include "leaf/base/built.h"
#include "leaf/base/error.h"
#include "leaf/model/precision.h"
#include "leaf/views/normalize.h"
#include "leaf/views/plain_views.h"

namespace leaf {

Recognizer::Recognizer(const std::filesystem::path& path, torch::Device device, const std::string& precision)
    : file_(load_model(path)), device_(device) {
  leaf::prepare(device_);
  file_.model->to(device_);
  file_.model->eval();
  if (precision.empty() && device_.is_cpu() && avoid_slow_precision(file_)) return;
  prepare(precision.empty() ? file_.options.precision : precision);
}

void Recognizer::prepare(const std::string& precision) {
  if (!device_.is_cpu()) {
    if (precision != file_.options.precision)
      fail_usage("on a GPU a model predicts in the precision of its training, {}", file_.options.precision);
    return;
  }
  const bool by_libtorch = file_.options.kernels != "fused" || !built_with("onednn");
  if (by_libtorch && precision == file_.options.precision) return;
  file_.model->fold(precision, largest_normalized());
  recognize({Image(file_.views.size, file_.views.size)});  // says at once what the network cannot do
}

int64_t Recognizer::at_once() const {
  constexpr int64_t kMost = 64, kAll = 2 * kMost * 224 * 224;  // pixels of all views, as view_cost() counts them
  return std::clamp<int64_t>(kAll / view_cost(file_.options, file_.views.size), 1, kMost);
}

Image Recognizer::shrunk(const Image& face) const {
  Rng unused(0);  // plain views have nothing random
  return plain_transform(file_.views)(face, unused);
}

torch::Tensor Recognizer::recognize(const std::vector<Image>& faces) {
  const torch::NoGradGuard no_gradient;
  const auto n = static_cast<int64_t>(faces.size());
  const int64_t size = file_.views.size;
  if (n == 0) return torch::zeros({0, static_cast<int64_t>(classes().size())});
  auto views = torch::empty({n, 3, size, size}, torch::TensorOptions(), torch::MemoryFormat::ChannelsLast);
  const auto face = [&](int64_t i) -> const Image& { return faces[i]; };
  write_plain_views(n, face, file_.views, at::get_num_threads(), views.data_ptr<float>());
  return file_.probabilities(file_.model->forward(views.to(device_)).logits).cpu();
}

}  // namespace leaf
