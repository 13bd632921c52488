#include "leaf/deploy/recognizer.h"

#include <ATen/Parallel.h>

#include "leaf/base/error.h"
#include "leaf/base/parallel.h"
#include "leaf/data/normalize.h"
#include "leaf/model/precision.h"

namespace leaf {

Recognizer::Recognizer(const std::filesystem::path& path, torch::Device device, const std::string& precision)
    : file_(load_model(path)), device_(device), transform_(plain_transform(file_.views)) {
  file_.model->to(device_);
  file_.model->eval();
  prepare(precision.empty() ? file_.options.precision : precision);
}

void Recognizer::prepare(const std::string& precision) {
  if (!device_.is_cpu()) {
    if (precision != file_.options.precision)
      fail_usage("on a GPU a model predicts in the precision of its training, {}", file_.options.precision);
    return;
  }
  if (file_.options.kernels != "fused" && precision == file_.options.precision) return;
  if (precision == "bfloat16" && file_.options.precision == precision && !convolves_bfloat16())
    return;  // libtorch computes it, slowly
  file_.model->fold(precision, largest_normalized());
  recognize({Image(file_.views.size, file_.views.size)});  // says at once what the network cannot do
}

torch::Tensor Recognizer::recognize(const std::vector<Image>& faces) {
  const torch::NoGradGuard no_gradient;
  const auto n = static_cast<int64_t>(faces.size());
  const int64_t size = file_.views.size;
  if (n == 0) return torch::zeros({0, static_cast<int64_t>(classes().size())});
  auto views = torch::empty({n, 3, size, size}, torch::TensorOptions(), torch::MemoryFormat::ChannelsLast);
  auto* const first = views.data_ptr<float>();
  parallel_for(n, at::get_num_threads(), [&](int64_t i) {
    Rng unused(0);  // plain views have nothing random
    write_normalized(transform_(faces[i], unused), first + i * 3 * size * size);
  });
  return file_.model->forward(views.to(device_)).probabilities().cpu();
}

}  // namespace leaf
