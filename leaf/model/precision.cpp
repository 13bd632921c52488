#include "leaf/model/precision.h"

#include <ATen/Context.h>
#include <torch/version.h>

#include "leaf/base/built.h"
#include "leaf/base/processor.h"

namespace leaf {
namespace {

// The switches were renamed in libtorch 2.4.
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 4)
bool enabled(torch::DeviceType device) { return at::autocast::is_autocast_enabled(device); }
void enable(torch::DeviceType device, bool on) { at::autocast::set_autocast_enabled(device, on); }
void use_bfloat16(torch::DeviceType device) { at::autocast::set_autocast_dtype(device, torch::kBFloat16); }
#else
bool enabled(torch::DeviceType device) {
  return device == torch::kCUDA ? at::autocast::is_enabled() : at::autocast::is_cpu_enabled();
}
void enable(torch::DeviceType device, bool on) {
  device == torch::kCUDA ? at::autocast::set_enabled(on) : at::autocast::set_cpu_enabled(on);
}
void use_bfloat16(torch::DeviceType device) {
  device == torch::kCUDA ? at::autocast::set_autocast_gpu_dtype(torch::kBFloat16)
                         : at::autocast::set_autocast_cpu_dtype(torch::kBFloat16);
}
#endif

}  // namespace

std::string quick_precision(torch::DeviceType device) {
  const bool quick = device == torch::kCUDA || (built_with("onednn") && usable_instructions() >= Instructions::kAvx512Bfloat16);
  return quick ? "bfloat16" : "float32";
}

bool convolves_bfloat16() { return built_with("onednn") && usable_instructions() >= Instructions::kAvx512; }

std::string chosen_precision(const ModelOptions& options, torch::DeviceType device) {
  return options.precision == "auto" ? quick_precision(device) : options.precision;
}

bool is_quick(const std::string& precision, torch::DeviceType device) {
  return precision != "bfloat16" || quick_precision(device) == "bfloat16";
}

void prepare(torch::Device device) {
  if (!device.is_cuda()) return;
  auto& context = at::globalContext();
  context.setDeterministicCuDNN(true);
  context.setBenchmarkCuDNN(false);
  context.setAllowTF32CuDNN(false);
  context.setAllowTF32CuBLAS(false);
}

LowPrecision::LowPrecision(torch::DeviceType device) : device_(device), before_(enabled(device)) {
  // libtorch asks the processor itself whether oneDNN knows bfloat16, not the level that oneDNN keeps to. For good, since the
  // backward pass comes later.
  const auto level = usable_instructions();
  if (level < Instructions::kAvx512 && level < processor_instructions()) at::globalContext().setUserEnabledMkldnn(false);
  enable(device_, true);
  use_bfloat16(device_);
}

LowPrecision::~LowPrecision() {
  enable(device_, before_);
  at::autocast::clear_cache();  // it holds bfloat16 copies of weights that are about to change
}

}  // namespace leaf
