#include "leaf/deploy/recognizer.h"

#include "leaf/data/normalize.h"

namespace leaf {

Recognizer::Recognizer(const std::filesystem::path& path, torch::Device device)
    : file_(load_model(path)), device_(device), transform_(plain_transform(file_.views)) {
  file_.model->to(device_);
  file_.model->eval();
}

torch::Tensor Recognizer::recognize(const std::vector<Image>& faces) {
  const torch::NoGradGuard no_gradient;
  const auto n = static_cast<int64_t>(faces.size());
  const int64_t size = file_.views.size;
  if (n == 0) return torch::zeros({0, static_cast<int64_t>(classes().size())});
  auto views = torch::empty({n, 3, size, size});
  Rng unused(0);
  for (int64_t i = 0; i < n; ++i) write_normalized(transform_(faces[i], unused), views[i].data_ptr<float>());
  return file_.model->forward(views.to(device_)).probabilities().cpu();
}

}  // namespace leaf
