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

  Supervised(const Setting& setting, OwnOptions /*options*/) : Algorithm(setting) {}

  ViewCount views() const override { return {.weak = 0, .strong = 0}; }

 private:
  Objective loss(Model& model, const Batch& batch) override {
    const auto labeled = forward(model, {batch.labeled}).front();
    return {{"supervised", supervised_loss(labeled.logits, batch.targets)}};
  }
};

constexpr auto kNoPseudoLabel = "it gives no pseudo-labels";

const Registration kSupervised{
    algorithms(), "supervised",
    algorithm_entry<Supervised>(
        {.title = "Supervised learning on the labeled faces", .citation = "the baseline", .no_category = kNoPseudoLabel})};
const Registration kFullySupervised{
    algorithms(), "fully_supervised",
    algorithm_entry<Supervised>({.title = "Supervised learning with the labels of all training faces",
                                 .citation = "the upper end",
                                 .no_category = kNoPseudoLabel,
                                 .every_label = true})};

}  // namespace
}  // namespace leaf
