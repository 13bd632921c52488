#pragma once

#include <filesystem>
#include <memory>

#include "leaf/base/options.h"
#include "leaf/model/model.h"
#include "leaf/ssl/algorithm.h"
#include "leaf/train/average.h"
#include "leaf/train/optimizer.h"

namespace leaf {

/// Everything that a run changes. Batches and noise are functions of (seed, step), so the step is also the sampler's and the
/// random generators' state.
struct State {
  Model model{nullptr};    ///< the weights that are trained
  Model average{nullptr};  ///< their moving average, which is evaluated
  std::shared_ptr<Algorithm> algorithm;
  std::unique_ptr<Optimizer> optimizer;
  std::unique_ptr<MovingAverage> averaging;
  int64_t step = 0;  ///< steps done
  double best = -1;  ///< best validation accuracy so far
  int64_t best_step = 0;

  /// [C], the shift of the finished model where it aims at other class shares than training expects; undefined else.
  torch::Tensor aim;

  /// From now on model and average expect other class shares: their shift (ModelImpl::shift) becomes this, [C].
  void expect(const torch::Tensor& shift);

  /// Writes all of it, whole or not at all. Throws Error (full disk).
  void save(const std::filesystem::path& path, const Json& identity) const;
  /// Throws Damage when the file is not as it was written or its step is none of a run of `steps` steps, Error when it is of
  /// another network, algorithm or data set (`identity` differs). The state is then as it was or, after damage, to be loaded
  /// again.
  void load(const std::filesystem::path& path, const Json& identity, int64_t steps);
};

/// While it lives the moving average is the finished model: it expects the class shares that the run aims at.
class Aimed {
 public:
  explicit Aimed(State& state);
  ~Aimed();
  Aimed(const Aimed&) = delete;
  Aimed& operator=(const Aimed&) = delete;

 private:
  State& state_;
  torch::Tensor expected_;
};

}  // namespace leaf
