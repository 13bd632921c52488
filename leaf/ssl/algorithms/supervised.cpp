#include "leaf/ssl/algorithms.h"

namespace leaf {
namespace {

struct NoOptions {};
void describe(Options& /*options*/, NoOptions& /*own*/) {}

/// Cross entropy on the labeled faces; the baseline that every other algorithm has to beat. Fully supervised, the same loss has
/// the labels of all training faces: the upper end.
///
///     L = L_x
class Supervised : public Algorithm {
 public:
  using OwnOptions = NoOptions;

  Supervised(const AlgorithmContext& context, OwnOptions /*options*/) : Algorithm(context) {}

 private:
  Objective loss(Step& step) override {
    const auto& batch = step.batch;
    const auto labeled = forward(step, {batch.labeled}).front();
    return {{"supervised", supervised_loss(labeled.unshifted, batch.targets)}};
  }
};

constexpr auto kNoPseudoLabel = "it gives no pseudo-labels";

const Registration kSupervised{algorithms(), "supervised",
                               algorithm_entry<Supervised>({.title = "Supervised learning on the labeled faces",
                                                            .citation = "the baseline",
                                                            .views = {.weak = 0, .strong = 0},
                                                            .no_category = kNoPseudoLabel})};
const Registration kFullySupervised{
    algorithms(), "fully_supervised",
    algorithm_entry<Supervised>({.title = "Supervised learning with the labels of all training faces",
                                 .citation = "the upper end",
                                 .views = {.weak = 0, .strong = 0},
                                 .no_category = kNoPseudoLabel,
                                 .every_label = true})};

}  // namespace
}  // namespace leaf
