#include "leaf/runs/journal.h"

#include "tests/fuzz/fuzz.h"

namespace leaf::fuzz {
namespace {

constexpr int64_t kStep = 30, kSteps = 100;

struct Nobody : Observer {};

void take(std::string_view input) {
  const RunFolder folder{scratch_folder()};
  write_file(folder.metrics(), input);
  try {
    read_journal(folder, kSteps);
  } catch (const Error& error) {
    check_refusal(error);
  }
  Nobody nobody;
  Journal journal(folder, kStep, kJournalInterval, nobody);
  journal.stop();
  const auto once = read_file(folder.metrics());
  Journal(folder, kStep, kJournalInterval, nobody).stop();
  expect(read_file(folder.metrics()) == once, "a journal that is continued twice is the same");
}

std::vector<std::string> seeds() {
  const std::string lines =
      R"({"event":"steps","step":20,"learning_rate":0.1,"loss":1.5,"confident":0.25})"
      "\n"
      R"({"event":"epoch","step":25,"epoch":1,"best":true,"thresholds":[0.5],"validation":{"faces":2,"accuracy":0.5}})"
      "\n";
  return {lines, lines + R"({"event":"stopped","step":30,"steps":10,"learning_rate":0.1,"sums":{"loss":15.0}})" + "\n",
          lines + R"({"event":"steps","step":40)", lines + R"({"event":"epoch","step":80,"epoch":2,"representation":{}})" + "\n",
          R"({"event":"steps","step":90,"confident":1})"
          "\n"};
}

}  // namespace

const Target target = {take, seeds};

}  // namespace leaf::fuzz
