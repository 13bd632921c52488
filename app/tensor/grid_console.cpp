#include "app/tensor/grid_console.h"

#include <fmt/format.h>

#include "leaf/compare/table.h"

namespace leaf::app {
namespace {

/// "[3/12, about 2:31 left] ferplus:data 80 labels leaf seed 0".
std::string heading(const Cell& cell, const GridProgress& progress) {
  const bool known = progress.seconds_left >= 0 && progress.done < progress.total;
  return fmt::format("[{}/{}{}] {}", progress.done, progress.total,
                     known ? fmt::format(", about {} left", duration(progress.seconds_left)) : "", cell_name(cell));
}

}  // namespace

std::string cell_name(const Cell& cell) {
  return fmt::format("{} {} {} seed {}", cell.data, cell.labels > 0 ? fmt::format("{:g} labels", cell.labels) : "all labels",
                     cell.variant.name(), cell.seed);
}

Observer& GridConsole::on_begin(const Cell& cell, const GridProgress& progress) {
  console_ = std::make_unique<Console>(heading(cell, progress), quiet_);
  return *this;
}

void GridConsole::on_end(const Cell& cell, const GridProgress& progress, const std::string& failure) {
  console_ = std::make_unique<Console>(heading(cell, progress));
  console_->on_note(failure.empty() ? fmt::format("accuracy {:.1f} %", 100 * read_result(cell).accuracy) : "failed: " + failure);
}

void GridConsole::on_note(const std::string& text) {
  if (!quiet_ && notes_.insert(text).second) console_->on_note(text);
}

}  // namespace leaf::app
