#include "leaf/model/formats/checkpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <limits>

#include "leaf/base/bytes.h"
#include "leaf/base/error.h"
#include "leaf/model/formats/safetensors.h"
#include "tests/model/formats/torch_files.h"
#include "tests/shared.h"
#include "tests/temporary.h"

namespace leaf {
namespace {

using namespace torch_files;
using testing::HasSubstr;

Checkpoint read(const std::string& bytes) {
  return parse_checkpoint({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()});
}

/// The message with which the bytes are refused; empty when they are read, which looks at every number too.
std::string refusal(const std::string& bytes) {
  try {
    const auto checkpoint = read(bytes);
    for (const auto& [name, tensor] : checkpoint.tensors) static_cast<void>(tensor.to(torch::kDouble).sum().item<double>());
    return "";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::Not(HasSubstr("\n")));
    return error.what();
  }
}

std::string refusal(const View& view) { return refusal(legacy(dict({{"x", tensor(view)}}), kOneStorage)); }

const std::vector<std::string> kGood = {"state_dict_zip.pth", "state_dict_legacy.pth", "checkpoint_zip.pth.tar",
                                        "checkpoint_legacy.pth.tar"};

TEST(Checkpoint, ReadsWhatPyTorchWrote) {
  LEAF_NEEDS_SHARED(folder, "goldens/checkpoints");
  const auto expected = read_safetensors(folder / "expected.safetensors").tensors;
  for (const auto& name : kGood) {
    const auto checkpoint = read_checkpoint(folder / name);
    ASSERT_EQ(checkpoint.tensors.size(), expected.size()) << name;
    for (const auto& [key, tensor] : expected) {
      ASSERT_TRUE(checkpoint.tensors.contains(key)) << name << " " << key;
      EXPECT_EQ(checkpoint.tensors.at(key).scalar_type(), tensor.scalar_type()) << name << " " << key;
      EXPECT_TRUE(torch::equal(checkpoint.tensors.at(key), tensor)) << name << " " << key;
    }
    const bool wrapped = name.starts_with("checkpoint");
    EXPECT_EQ(checkpoint.wrappers, wrapped ? std::vector<std::string>{"state_dict"} : std::vector<std::string>{}) << name;
    EXPECT_EQ(checkpoint.prefix, wrapped ? "module." : "") << name;
    EXPECT_EQ(checkpoint.others.size(), wrapped ? 3u : 0u) << name;
    if (wrapped) {
      EXPECT_EQ(checkpoint.others.at(0), (std::pair<std::string, std::string>("epoch", "integer 21")));
    }
  }
}

TEST(Checkpoint, RefusesHostileAndUnusableFiles) {
  LEAF_NEEDS_SHARED(folder, "goldens/checkpoints");
  EXPECT_THAT(refusal(read_file(folder / "hostile_zip.pth")), HasSubstr("posix.system"));
  EXPECT_THAT(refusal(read_file(folder / "hostile_legacy.pth")), HasSubstr("posix.system"));
  EXPECT_THAT(refusal(read_file(folder / "truncated_zip.pth")), HasSubstr("truncated"));
  EXPECT_THAT(refusal(read_file(folder / "truncated_legacy.pth")), HasSubstr("truncated"));
  EXPECT_THAT(refusal(read_file(folder / "whole_module.pth")), HasSubstr("save its state_dict instead"));
}

TEST(Checkpoint, RefusesEveryPrefixOfAFile) {
  LEAF_NEEDS_SHARED(folder, "goldens/checkpoints");
  for (const auto& name : kGood) {
    const auto whole = read_file(folder / name);
    for (size_t size = 0; size < whole.size(); ++size) EXPECT_NE(refusal(whole.substr(0, size)), "") << name << " " << size;
    EXPECT_NE(refusal(whole + "x"), "") << name;
  }
}

TEST(Checkpoint, NeverCrashesOnADamagedFile) {
  LEAF_NEEDS_SHARED(folder, "goldens/checkpoints");
  for (const auto& name : kGood) {
    const auto good = read_file(folder / name);
    for (size_t position = 0; position < good.size(); ++position) {
      auto bad = good;
      bad[position] = static_cast<char>(bad[position] ^ (1 << (position % 8)));
      refusal(bad);  // an Error or tensors
      bad[position] = static_cast<char>(position % 2 ? 0xff : 0);
      refusal(bad);
    }
  }
}

TEST(Checkpoint, ReadsViewsOfSharedStorages) {
  const auto checkpoint = read(legacy(dict({{"turned", tensor({{2, 2}, {1, 2}})},
                                            {"row", tensor({{2}, {1}, 2})},
                                            {"one", tensor({{}, {}, 3})},
                                            {"none", tensor({{0, 3}, {3, 1}, 4})}}),
                                      kOneStorage));
  EXPECT_TRUE(torch::equal(checkpoint.tensors.at("turned"), torch::tensor({{0.0f, 2.0f}, {1.0f, 3.0f}})));
  EXPECT_TRUE(torch::equal(checkpoint.tensors.at("row"), torch::tensor({2.0f, 3.0f})));
  EXPECT_EQ(checkpoint.tensors.at("one").item<float>(), 3);
  EXPECT_EQ(checkpoint.tensors.at("none").sizes(), torch::IntArrayRef({0, 3}));
  EXPECT_TRUE(checkpoint.tensors.at("row").storage().is_alias_of(checkpoint.tensors.at("turned").storage()));
  EXPECT_FALSE(checkpoint.tensors.at("row").requires_grad());
  EXPECT_TRUE(checkpoint.tensors.at("row").device().is_cpu());
}

TEST(Checkpoint, RefusesViewsOutsideOfTheirStorage) {
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max(), kLeast = std::numeric_limits<int64_t>::min();
  EXPECT_EQ(refusal(View{{4}, {1}}), "");
  EXPECT_EQ(refusal(View{{2}, {3}}), "");
  for (const View& bad : {View{{5}, {1}},
                          View{{4}, {1}, 1},
                          View{{1}, {1}, 4},
                          View{{}, {}, 4},
                          View{{2}, {4}},
                          View{{2, 2}, {3, 1}},
                          View{{1}, {1}, -1},
                          View{{-1}, {1}},
                          View{{2}, {-1}, 1},
                          View{{kMost}, {1}},
                          View{{kMost, kMost}, {1, 1}},
                          View{{2}, {kMost}, 3},
                          View{{kMost}, {kMost}},
                          View{{2, 2}, {kMost, kMost}},
                          View{{1}, {1}, kMost},
                          View{{1}, {1}, kLeast},
                          View{{kLeast}, {1}},
                          View{{2}, {kLeast}},
                          View{{5}, {0}},
                          View{{1 << 30}, {0}},
                          View{{2, 4}, {0, 1}},
                          View{{0, kMost, kMost}, {1, 1, 1}},
                          View{{0}, {1}, 5},
                          View{{0}, {1}, -1}}) {
    EXPECT_THAT(refusal(bad), HasSubstr("outside of its storage"))
        << testing::PrintToString(bad.size) << testing::PrintToString(bad.stride) << bad.offset;
  }
}

TEST(Checkpoint, RefusesStoragesThatAreNotThere) {
  const auto one = dict({{"x", tensor({{4}, {1}})}});
  const auto of = [](int64_t numel) { return dict({{"x", tensor({{1}, {1}, 0, numel})}}); };
  EXPECT_EQ(refusal(legacy(one, kOneStorage)), "");
  EXPECT_THAT(refusal(legacy(one, {})), HasSubstr("missing"));
  EXPECT_THAT(refusal(legacy(one, {{"1", {4, kNumbers}}})), HasSubstr("no tensor names"));
  EXPECT_THAT(refusal(legacy(one, {{"0", {4, kNumbers}}, {"0", {4, kNumbers}}})), HasSubstr("twice"));
  EXPECT_THAT(refusal(legacy(one, {{"0", {5, kNumbers}}})), HasSubstr("5 numbers instead of 4"));
  EXPECT_THAT(refusal(legacy(one, {{"0", {4, kNumbers + "x"}}})), HasSubstr("1 bytes at its end"));
  EXPECT_THAT(refusal(legacy(one, {{"0", {4, "x"}}})), HasSubstr("truncated"));
  EXPECT_THAT(refusal(legacy(of(int64_t{1} << 40), {{"0", {int64_t{1} << 40, kNumbers}}})), HasSubstr("truncated"));
  EXPECT_THAT(refusal(legacy(of(int64_t{1} << 62), {{"0", {int64_t{1} << 62, kNumbers}}})), HasSubstr("too large"));
  EXPECT_THAT(refusal(legacy(of(-4), {{"0", {-4, kNumbers}}})), HasSubstr("-4 numbers"));
  EXPECT_THAT(refusal(legacy(dict({{"x", tensor({{4}, {1}})}, {"y", tensor({{4}, {1}, 0, 4, "0", "IntStorage"})}}), kOneStorage)),
              HasSubstr("two types"));
  EXPECT_THAT(refusal(legacy(dict({{"x", tensor({{2}, {1}, 0, 2, "0", "BoolStorage"})}}), {{"0", {2, "\x01\x02"}}})),
              HasSubstr("neither 0 nor 1"));
  EXPECT_THAT(refusal(legacy(one, kOneStorage, false)), HasSubstr("big-endian"));
  EXPECT_THAT(refusal(legacy(one, kOneStorage, true, 1002)), HasSubstr("1002"));
}

TEST(Checkpoint, RefusesTensorsThatMultiplyTheFile) {
  constexpr int64_t kNumel = 100'000;
  std::string entries = "}(" + text("a") + tensor({{kNumel}, {1}, 0, kNumel}) + "q" + number(9, 1);
  for (int i = 0; i < 100; ++i) entries += text("name" + std::to_string(i)) + "h" + number(9, 1);
  EXPECT_THAT(refusal(legacy(entries + "u", {{"0", {kNumel, std::string(4 * kNumel, '\0')}}})), HasSubstr("more than 16 times"));
}

TEST(Checkpoint, TakesUsualWrappersOffAndSaysSo) {
  const auto x = tensor({{4}, {1}});
  auto checkpoint =
      read(legacy(dict({{"ema", dict({{"w", x}})}, {"best", x}, {"model", dict({{"module.module.w", x}, {"steps", "K\x05"}})}}),
                  kOneStorage));
  EXPECT_EQ(checkpoint.wrappers, std::vector<std::string>{"model"});
  EXPECT_EQ(checkpoint.prefix, "module.module.");
  EXPECT_TRUE(checkpoint.tensors.contains("w"));
  using Others = std::vector<std::pair<std::string, std::string>>;
  EXPECT_EQ(
      checkpoint.others,
      (Others{{"ema", "dict of 1 entries, 1 of them tensors"}, {"best", "tensor of shape [4]"}, {"model.steps", "integer 5"}}));
  checkpoint = read(legacy(dict({{"model", dict({{"state_dict", dict({{"w", x}})}})}}), kOneStorage));
  EXPECT_EQ(checkpoint.wrappers, (std::vector<std::string>{"model", "state_dict"}));
  checkpoint = read(legacy(dict({{"unusual", dict({{"w", x}})}}), kOneStorage));
  EXPECT_EQ(checkpoint.wrappers, std::vector<std::string>{"unusual"});
  checkpoint = read(legacy(dict({{"module.w", x}, {"v", x}}), kOneStorage));
  EXPECT_EQ(checkpoint.prefix, "");
  EXPECT_THAT(refusal(legacy(dict({{"one", dict({{"w", x}})}, {"two", dict({{"w", x}})}}), kOneStorage)),
              HasSubstr("2 dicts of tensors"));
  EXPECT_THAT(refusal(legacy(dict({{"w", x}, {"w", x}}), kOneStorage)), HasSubstr("listed twice"));
  EXPECT_THAT(refusal(legacy(dict({{"w", "N"}}), {})), HasSubstr("no tensors by name"));
  EXPECT_THAT(refusal(legacy(x, kOneStorage)), HasSubstr("instead of a dict"));
  EXPECT_THAT(refusal(legacy("}q" + number(0, 1) + text("state_dict") + "h" + number(0, 1) + "s", {})),
              HasSubstr("no tensors by name"));  // a dict that holds itself
}

TEST(Checkpoint, SaysWhatElseAFileMayBe) {
  EXPECT_THAT(refusal(std::string()), HasSubstr("empty"));
  EXPECT_THAT(refusal("<!DOCTYPE html>"), HasSubstr("web page"));
  EXPECT_THAT(refusal("version https://git-lfs.github.com/spec/v1\noid sha256:0\n"), HasSubstr("git lfs pull"));
  EXPECT_THAT(refusal("sys_info" + std::string(249, '\0') + "ustar" + std::string(250, '\0')), HasSubstr("tar archive"));
  EXPECT_THAT(refusal(program("}")), HasSubstr("not of torch.save"));
  EXPECT_THAT(refusal("PK\x03\x04" + std::string(100, 'x')), HasSubstr("truncated"));
}

TEST(Checkpoint, NamesTheFileThatItCannotRead) {
  const TemporaryFolder folder;
  write_file(folder / "file.pth", "<html>");
  for (const auto* name : {"file.pth", "missing.pth"}) {
    try {
      read_checkpoint(folder / name);
      ADD_FAILURE() << name;
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr(name));
    }
  }
}

TEST(Checkpoint, ReadsSafetensorsOfAnyKind) {
  const TemporaryFolder folder;
  write_safetensors(folder / "a", {{{"module.w", torch::ones({2})}}, {{"leaf_model", "1"}}});
  const auto checkpoint = read_checkpoint(folder / "a");
  EXPECT_EQ(checkpoint.kind, "LEAF model");
  EXPECT_EQ(checkpoint.prefix, "module.");
  EXPECT_TRUE(checkpoint.tensors.contains("w"));
  EXPECT_EQ(checkpoint.metadata.at("leaf_model"), "1");
}

/// What is recalled: LONG_BINPUT and LONG_BINGET.
std::string put(uint32_t place) { return "r" + number(place, 4); }
std::string get(uint32_t place) { return "j" + number(place, 4); }

TEST(Checkpoint, CountsADictOnceThatIsThereManyTimes) {
  constexpr int kMany = 20'000;
  std::string wide = "}(";
  for (int i = 0; i < kMany; ++i) wide += text(std::to_string(i)) + "N";
  std::string all = "}(" + text("x") + wide + "u" + put(1);
  for (int i = 0; i < kMany; ++i) all += text("d" + std::to_string(i)) + get(1);
  const auto start = std::chrono::steady_clock::now();
  EXPECT_THAT(refusal(legacy(all + text("state_dict") + dict({{"w", tensor({.size = {4}, .stride = {1}})}}) + "u", kOneStorage)),
              "");
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
}

TEST(Checkpoint, CutsWhatItShows) {
  const std::string key(1 << 16, 'k');
  std::string inner = "}(" + text("w") + tensor({.size = {4}, .stride = {1}}) + text(key) + put(2) + "N";
  for (int i = 0; i < 1000; ++i) inner += get(2) + "N";
  const auto checkpoint = read(legacy("}(" + text(key) + inner + "uu", kOneStorage));
  ASSERT_EQ(checkpoint.others.size(), 1001u);
  for (const auto& [name, what] : checkpoint.others) EXPECT_LT(name.size(), 200u);
  EXPECT_LT(checkpoint.wrappers.at(0).size(), 200u);
}

TEST(Checkpoint, TakesALongPrefixOffAtOnce) {
  std::string prefix;
  for (int i = 0; i < 100'000; ++i) prefix += "module.";
  const auto checkpoint = read(legacy(dict({{prefix + "w", tensor({.size = {4}, .stride = {1}})}}), kOneStorage));
  EXPECT_TRUE(checkpoint.tensors.contains("w"));
  EXPECT_EQ(checkpoint.prefix, prefix);
}

TEST(Checkpoint, PaysForTheShapesOfItsTensors) {
  const auto ones = tuple(std::vector<int64_t>(64, 1));
  std::string tensors = "](";
  tensors += global("torch._utils", "_rebuild_tensor_v2") + put(1) + "((" + text("storage") + global("torch", "FloatStorage") +
             text("0") + text("cpu") + integer(4) + "NtQ" + integer(0) + ones + put(3) + get(3) + "\x89" +
             global("collections", "OrderedDict") + ")Rt" + put(2) + "R";
  for (int i = 0; i < 1000; ++i) tensors += get(1) + get(2) + "R";
  EXPECT_THAT(refusal(legacy(tensors + "e", kOneStorage)), HasSubstr("copies more than it holds"));
}

TEST(Checkpoint, RefusesALongKeyOfAStorage) {
  EXPECT_THAT(refusal({.size = {4}, .stride = {1}, .key = std::string(200, 'k')}), HasSubstr("has more than 100 bytes"));
}

}  // namespace
}  // namespace leaf
