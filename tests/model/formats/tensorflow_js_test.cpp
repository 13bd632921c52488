#include "leaf/model/formats/tensorflow_js.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <utility>
#include <vector>

#include "leaf/base/bytes.h"
#include "leaf/base/error.h"
#include "leaf/model/formats/checkpoint.h"
#include "tests/temporary.h"

namespace leaf {
namespace {

using testing::HasSubstr;

/// {0, 1, 2, 3} as float32.
const std::string kNumbers("\0\0\0\0\0\0\x80\x3f\0\0\0\x40\0\0\x40\x40", 16);
const std::string kFour = R"({"name": "x", "shape": [2, 2], "dtype": "float32"})";

std::string group(const std::string& weights, const std::string& paths) {
  return R"({"weights": [)" + weights + R"(], "paths": [)" + paths + "]}";
}
std::string quantized(const std::string& name, const std::string& fields, const std::string& shape = "[3]",
                      const std::string& type = "float32") {
  return R"({"name": ")" + name + R"(", "shape": )" + shape + R"(, "dtype": ")" + type + R"(", "quantization": {)" + fields +
         "}}";
}

struct TensorflowJs : testing::Test {
  TemporaryFolder folder;

  void shard(const std::string& name, const std::string& bytes) { write_file(folder / name, bytes); }
  Checkpoint read(const std::string& manifest) {
    write_file(folder / "x-weights_manifest.json", manifest);
    return read_checkpoint(folder / "x-weights_manifest.json");
  }
  /// The message with which the manifest is refused; empty when it is read.
  std::string refusal(const std::string& manifest) {
    try {
      read(manifest);
      return "";
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), testing::Not(HasSubstr("\n")));
      EXPECT_THAT(error.what(), HasSubstr("x-weights_manifest.json"));
      return error.what();
    }
  }
  std::string refusal_of(const std::string& weights) { return refusal("[" + group(weights, R"("a.bin")") + "]"); }
};

TEST_F(TensorflowJs, ReadsNumbersAsTheyLieInTheShards) {
  shard("a.bin", kNumbers.substr(0, 6));
  shard("b.bin", kNumbers.substr(6) + std::string("\x00\x02\xff", 3));
  shard("c.bin", "\x04");
  const auto checkpoint = read(
      " [\n  " + group(kFour + "," + quantized("deep/q", R"("dtype": "uint8", "scale": 0.5, "min": -1)"), R"("a.bin", "b.bin")") +
      ",\n" + group(quantized("i", R"("min": 3, "scale": 1, "dtype": "uint8")", "[]", "int32"), R"("c.bin")") + "]");
  EXPECT_EQ(checkpoint.kind, "TensorFlow.js weights");
  ASSERT_EQ(checkpoint.tensors.size(), 3u);
  EXPECT_TRUE(torch::equal(checkpoint.tensors.at("x"), torch::tensor({{0.0f, 1.0f}, {2.0f, 3.0f}})));
  EXPECT_TRUE(torch::equal(checkpoint.tensors.at("deep/q"), torch::tensor({-1.0f, 0.0f, 126.5f})));
  EXPECT_EQ(checkpoint.tensors.at("i").scalar_type(), torch::kInt32);
  EXPECT_EQ(checkpoint.tensors.at("i").item<int32_t>(), 7);
}

TEST_F(TensorflowJs, RefusesShardsThatTheTensorsDoNotFill) {
  shard("a.bin", kNumbers);
  EXPECT_EQ(refusal_of(kFour), "");
  shard("a.bin", kNumbers.substr(1));
  EXPECT_THAT(refusal_of(kFour), HasSubstr("truncated"));
  shard("a.bin", kNumbers + "x");
  EXPECT_THAT(refusal_of(kFour), HasSubstr("belong to no tensor"));
  shard("a.bin", kNumbers);
  EXPECT_THAT(refusal("[" + group(kFour, R"("a.bin", "a.bin")") + "]"), HasSubstr("overlap"));
  EXPECT_THAT(refusal("[" + group(kFour, R"("a.bin")") + "," + group("", R"("./a.bin")") + "]"), HasSubstr("overlap"));
  EXPECT_THAT(refusal_of(kFour + "," + kFour), HasSubstr("\"x\" is listed twice"));
  EXPECT_THAT(refusal("[" + group(kFour, "") + "]"), HasSubstr("truncated"));
  EXPECT_THAT(refusal("[" + group(kFour, R"("missing.bin")") + "]"), HasSubstr("missing.bin"));
  EXPECT_THAT(refusal("[]"), HasSubstr("no tensors"));
}

TEST_F(TensorflowJs, RefusesShapesThatCannotBe) {
  shard("a.bin", kNumbers);
  const auto of = [&](const std::string& shape) {
    return refusal_of(R"({"name": "x", "shape": )" + shape + R"(, "dtype": "float32"})");
  };
  EXPECT_EQ(of("[4]"), "");
  EXPECT_THAT(of("[-4]"), HasSubstr("negative"));
  EXPECT_THAT(of("[4.0]"), HasSubstr("whole number"));
  EXPECT_THAT(of("[9223372036854775807]"), HasSubstr("too large"));
  EXPECT_THAT(of("[4294967296, 4294967296]"), HasSubstr("too large"));
  EXPECT_THAT(of("[18446744073709551616]"), HasSubstr("whole number"));
  EXPECT_THAT(of("[0, 18446744073709551615]"), HasSubstr("too large"));
  EXPECT_THAT(of("[1099511627776]"), HasSubstr("truncated"));  // before memory is taken
  EXPECT_THAT(of("[[4]]"), HasSubstr("a list"));
  EXPECT_THAT(of("4"), HasSubstr("a number"));
  std::string many = "[4";
  for (int i = 0; i < 64; ++i) many += ",1";
  EXPECT_THAT(of(many + "]"), HasSubstr("65 dimensions"));
}

TEST_F(TensorflowJs, RefusesTypesAndRangesThatItDoesNotKnow) {
  shard("a.bin", std::string("\0\1\2", 3));
  const auto of = [&](const std::string& fields, const std::string& type = "float32") {
    return refusal_of(quantized("x", fields, "[3]", type));
  };
  EXPECT_EQ(of(R"("dtype": "uint8", "scale": 1, "min": 0)"), "");
  EXPECT_THAT(of(R"("dtype": "uint16", "scale": 1, "min": 0)"), HasSubstr("quantized as \"uint16\""));
  EXPECT_THAT(of(R"("dtype": "uint8", "scale": 1e999, "min": 0)"), HasSubstr("not finite"));
  EXPECT_THAT(of(R"("dtype": "uint8", "scale": 1, "min": -1e39)"), HasSubstr("beyond float32"));
  EXPECT_THAT(of(R"("dtype": "uint8", "scale": 3e38, "min": 0)"), HasSubstr("beyond float32"));
  EXPECT_THAT(of(R"("dtype": "uint8", "scale": 1, "min": 3e9)", "int32"), HasSubstr("beyond int32"));
  EXPECT_THAT(of(R"("dtype": "uint8", "scale": NaN, "min": 0)"), HasSubstr("no JSON"));
  EXPECT_THAT(of(R"("dtype": "uint8", "scale": "1", "min": 0)"), HasSubstr("a text"));
  EXPECT_THAT(of(R"("dtype": "uint8", "scale": 1)"), HasSubstr("lacks"));
  EXPECT_THAT(of(R"("dtype": "uint8", "scale": 1, "min": 0, "max": 3)"), HasSubstr("unknown field \"max\""));
  EXPECT_THAT(of(R"("dtype": "uint8", "scale": 1, "scale": 1)"), HasSubstr("two fields"));
  EXPECT_THAT(of(R"("dtype": "uint8", "scale": 1, "min": 0)", "complex64"), HasSubstr("dtype \"complex64\""));
}

TEST_F(TensorflowJs, ReadsNothingOutsideOfItsFolder) {
  make_folder(folder / "inner");
  shard("secret.bin", kNumbers);
  const auto manifest = folder / "inner" / "x-weights_manifest.json";
  const auto refused = [&](const std::string& path) -> std::string {
    write_file(manifest, "[" + group(kFour, "\"" + path + "\"") + "]");
    try {
      read_checkpoint(manifest);
      return "";
    } catch (const Error& error) {
      return error.what();
    }
  };
  write_file(folder / "inner" / "a.bin", kNumbers);
  make_folder(folder / "inner" / "deeper");
  write_file(folder / "inner" / "deeper" / "a.bin", kNumbers);
  EXPECT_EQ(refused("a.bin"), "");
  EXPECT_EQ(refused("deeper/a.bin"), "");
  const auto absolute = (folder / "secret.bin").string();
  for (const auto& path : std::vector<std::string>{"../secret.bin", "deeper/../../secret.bin", absolute, "", "a.bin\\u0000"})
    EXPECT_THAT(refused(path), HasSubstr("not a path inside")) << path;
  std::filesystem::create_symlink("../secret.bin", folder / "inner" / "link.bin");
  std::filesystem::create_directory_symlink("..", folder / "inner" / "up");
  std::filesystem::create_symlink("a.bin", folder / "inner" / "own.bin");
  EXPECT_THAT(refused("link.bin"), HasSubstr("leads out"));
  EXPECT_THAT(refused("up/secret.bin"), HasSubstr("leads out"));
  EXPECT_EQ(refused("own.bin"), "");
  EXPECT_THAT(refused("deeper"), HasSubstr("regular file"));
}

TEST_F(TensorflowJs, RefusesAnythingElseInTheManifest) {
  shard("a.bin", kNumbers);
  const auto good = "[" + group(kFour, R"("a.bin")") + "]";
  EXPECT_EQ(refusal(good), "");
  for (size_t size = 2; size < good.size(); ++size) EXPECT_NE(refusal(good.substr(0, size)), "") << size;
  for (size_t position = 2; position < good.size(); ++position) {
    auto bad = good;
    bad[position] = static_cast<char>(bad[position] ^ (1 << (position % 8)));
    refusal(bad);  // an Error or tensors
  }
  EXPECT_THAT(refusal(good + "x"), HasSubstr("no JSON"));
  EXPECT_THAT(refusal(R"([{"weights": []}])"), HasSubstr("lacks"));
  EXPECT_THAT(refusal(R"([{"weights": [null], "paths": []}])"), HasSubstr("null"));
  EXPECT_THAT(refusal(R"([{"weights": {}, "paths": []}])"), HasSubstr("an object"));
  EXPECT_THAT(refusal(R"([{"weights": [{"name": "x", "dtype": "float32"}], "paths": []}])"), HasSubstr("lacks one of"));
  EXPECT_THAT(refusal("[{\"weights\": " + std::string(1'000'000, '[')), HasSubstr("a list"));
  EXPECT_THAT(refusal("[]" + std::string(16'000'000, ' ')), HasSubstr("more than 16000000"));
}

TEST_F(TensorflowJs, IsRecognizedByItsBeginning) {
  const auto is = [](const std::string& text) {
    return is_tensorflow_js({reinterpret_cast<const uint8_t*>(text.data()), text.size()});
  };
  EXPECT_TRUE(is("[\n {\"weights\""));
  EXPECT_TRUE(is("[]"));
  EXPECT_FALSE(is("[data]\nsource = \"x\""));
  EXPECT_FALSE(is(std::string("[{\0\0\0\0\0\0{}", 10)));
  EXPECT_FALSE(is(""));
}

}  // namespace
}  // namespace leaf
