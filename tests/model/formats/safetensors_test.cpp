#include "leaf/model/formats/safetensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <fstream>

#include "leaf/base/bytes.h"
#include "leaf/base/error.h"
#include "tests/shared.h"
#include "tests/temporary.h"

namespace leaf {
namespace {

using testing::HasSubstr;

/// A file with this header and so many bytes of numbers behind it.
std::string file_of(const std::string& header, size_t buffer) {
  const uint64_t length = header.size();
  std::string text(8, '\0');
  std::memcpy(text.data(), &length, 8);
  return text + header + std::string(buffer, '\0');
}

std::string entry(const std::string& name, const std::string& type, const std::string& shape, const std::string& offsets) {
  return "\"" + name + R"(":{"dtype":")" + type + R"(","shape":)" + shape + R"(,"data_offsets":)" + offsets + "}";
}

/// The message with which the text is refused; empty when it is read.
std::string refusal(const std::string& text) {
  const TemporaryFolder folder;
  write_file(folder / "bad.safetensors", text);
  try {
    read_safetensors(folder / "bad.safetensors");
    return "";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("bad.safetensors"));
    EXPECT_THAT(error.what(), testing::Not(HasSubstr("\n")));
    return error.what();
  }
}

TensorFile every_kind() {
  TensorFile file;
  file.metadata = {{"format", "pt"}, {"note", "gr\xc3\xbc\xc3\x9f \"Gott\"\n"}};
  file.tensors["bool"] = torch::tensor({true, false, true});
  file.tensors["bytes"] = torch::tensor({0, 255, 7}, torch::kUInt8);
  file.tensors["small"] = torch::tensor({-128, 127}, torch::kInt8);
  file.tensors["short"] = torch::tensor({-30000}, torch::kInt16);
  file.tensors["half"] = torch::tensor({1.5, -2.25, 3.0}, torch::kHalf);
  file.tensors["brain"] = torch::tensor({1.5, -2.25}, torch::kBFloat16);
  file.tensors["int"] = torch::arange(6, torch::kInt32).view({2, 3});
  file.tensors["float"] = torch::randn({3, 1, 4});
  file.tensors["double"] = torch::randn({2, 2}, torch::kDouble);
  file.tensors["long"] = torch::tensor(-7, torch::kLong);
  file.tensors["empty"] = torch::empty({0, 5});
  file.tensors["turned"] = torch::arange(6, torch::kFloat32).view({2, 3}).t();
  return file;
}

TEST(Safetensors, ReadsWhatItWrote) {
  const TemporaryFolder folder;
  const auto file = every_kind();
  write_safetensors(folder / "all.safetensors", file);
  const auto read = read_safetensors(folder / "all.safetensors");
  EXPECT_EQ(read.metadata, file.metadata);
  ASSERT_EQ(read.tensors.size(), file.tensors.size());
  for (const auto& [name, tensor] : file.tensors) {
    EXPECT_EQ(read.tensors.at(name).scalar_type(), tensor.scalar_type()) << name;
    EXPECT_TRUE(torch::equal(read.tensors.at(name), tensor)) << name;
  }
}

TEST(Safetensors, LaysOutWideNumbersFirstThenByName) {
  const TemporaryFolder folder;
  TensorFile file;
  file.tensors["b"] = torch::ones({2});
  file.tensors["a"] = torch::ones({1}, torch::kUInt8);
  file.tensors["c"] = torch::zeros({}, torch::kLong);
  file.tensors["B"] = torch::zeros({1}, torch::kInt32);
  file.metadata["format"] = "pt";
  write_safetensors(folder / "x.safetensors", file);
  const auto text = read_file(folder / "x.safetensors");
  const std::string header = R"({"__metadata__":{"format":"pt"},)" + entry("c", "I64", "[]", "[0,8]") + "," +
                             entry("B", "I32", "[1]", "[8,12]") + "," + entry("b", "F32", "[2]", "[12,20]") + "," +
                             entry("a", "U8", "[1]", "[20,21]") + "}";
  uint64_t length = 0;
  std::memcpy(&length, text.data(), 8);
  EXPECT_EQ(length % 8, 0u);
  EXPECT_EQ(text.substr(8, header.size()), header);
  EXPECT_EQ(text.substr(8 + header.size(), length - header.size()), std::string(length - header.size(), ' '));
  EXPECT_EQ(text.size(), 8 + length + 21);
}

/// Every bit counts, of the numbers and of what the header says of them. A bit of the frame (braces, names of fields) makes it no
/// safetensors file, and one in the name of the checksum a file without one.
TEST(Safetensors, KnowsEveryBitThatIsWrong) {
  const TemporaryFolder folder;
  TensorFile file;
  file.tensors = {{"a", torch::arange(3)}, {"b", torch::zeros({2, 2})}, {"empty", torch::zeros({0, 4})}};
  file.metadata = {{"step", "4"}, {"other", "x"}};
  const auto path = folder / "x.safetensors";
  write_safetensors(path, file, /*checksum=*/true);
  const auto read = read_safetensors(path);
  EXPECT_TRUE(read.checked);
  EXPECT_EQ(read.metadata, file.metadata);
  const auto text = read_file(path);
  int64_t damaged = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      auto changed = text;
      changed[i] = static_cast<char>(changed[i] ^ (1 << bit));
      std::ofstream(path, std::ios::binary) << changed;  // without a disk's delay
      try {
        const auto found = read_safetensors(path);
        const bool space = text[i] == ' ' || changed[i] == ' ';
        EXPECT_TRUE(!found.checked || space) << "byte " << i << " bit " << bit;
      } catch (const Damage&) {
        ++damaged;
      } catch (const Error&) {
      }
    }
  }
  EXPECT_GE(damaged, 8 * (3 * 8 + 4 * 4));  // at least each bit of the numbers
}

TEST(Safetensors, WritesNothingItCannotRead) {
  const TemporaryFolder folder;
  TensorFile file;
  file.tensors["z"] = torch::zeros({1}, torch::kComplexDouble);
  EXPECT_THROW(write_safetensors(folder / "x", file), Error);
  file.tensors = {{"\xff", torch::zeros({1})}};
  EXPECT_THROW(write_safetensors(folder / "x", file), Error);
  file.tensors = {{"__metadata__", torch::zeros({1})}};
  EXPECT_THROW(write_safetensors(folder / "x", file), Error);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(Safetensors, RefusesAWrongLayout) {
  const auto a = entry("a", "F32", "[2]", "[0,8]");
  EXPECT_EQ(refusal(file_of("{" + a + "}   ", 8)), "");
  EXPECT_EQ(refusal(file_of("{}", 0)), "");
  EXPECT_THAT(refusal(""), HasSubstr("too short"));
  EXPECT_THAT(refusal("1234567"), HasSubstr("too short"));
  EXPECT_THAT(refusal(file_of("{" + a + "}", 7)), HasSubstr("truncated"));
  EXPECT_THAT(refusal(file_of("{" + a + "}", 9)), HasSubstr("belong to none"));
  EXPECT_THAT(refusal(file_of("{}", 1)), HasSubstr("belong to none"));
  EXPECT_THAT(refusal(file_of("{" + a + "," + entry("b", "F32", "[1]", "[12,16]") + "}", 16)),
              HasSubstr("instead of 8"));  // a hole
  EXPECT_THAT(refusal(file_of("{" + a + "," + entry("b", "F32", "[1]", "[4,8]") + "}", 8)),
              HasSubstr("instead of 8"));  // an overlap
  EXPECT_THAT(refusal(file_of("{" + a + "," + entry("b", "F32", "[2]", "[0,8]") + "}", 8)), HasSubstr("instead of 8"));
  EXPECT_THAT(refusal(file_of("{" + entry("a", "F32", "[2]", "[8,0]") + "}", 8)), HasSubstr("begins at byte 8"));
  EXPECT_THAT(refusal(file_of("{" + entry("a", "F32", "[3]", "[0,8]") + "}", 8)), HasSubstr("need 12 bytes"));
  EXPECT_THAT(refusal(file_of("{" + entry("a", "F16", "[2]", "[0,8]") + "}", 8)), HasSubstr("need 4 bytes"));
}

TEST(Safetensors, RefusesHeadersThatWouldTakeMemory) {
  std::string huge(8, '\xff');
  EXPECT_THAT(refusal(huge + "{}"), HasSubstr("more than 100000000"));
  const uint64_t claimed = 99'999'999;
  std::memcpy(huge.data(), &claimed, 8);
  EXPECT_THAT(refusal(huge + "{}"), HasSubstr("are left"));
  EXPECT_THAT(refusal(file_of("{" + entry("a", "F32", "[4294967296,4294967296]", "[0,0]") + "}", 0)), HasSubstr("too large"));
  EXPECT_THAT(refusal(file_of("{" + entry("a", "F32", "[2305843009213693953,4]", "[0,16]") + "}", 16)), HasSubstr("too large"));
  EXPECT_THAT(refusal(file_of("{" + entry("a", "F32", "[0,9223372036854775807,9]", "[0,0]") + "}", 0)), HasSubstr("too large"));
  EXPECT_THAT(refusal(file_of("{" + entry("a", "F32", "[1099511627776]", "[0,4398046511104]") + "}", 4)), HasSubstr("truncated"));
  EXPECT_THAT(refusal(file_of("{" + entry("a", "F32", "[18446744073709551616]", "[0,0]") + "}", 0)),
              HasSubstr("too large a number"));
  std::string rank = "[1";
  for (int i = 0; i < 64; ++i) rank += ",1";
  EXPECT_THAT(refusal(file_of("{" + entry("a", "U8", rank + "]", "[0,1]") + "}", 1)), HasSubstr("dimensions"));
  EXPECT_THAT(refusal(file_of("{\"a\":" + std::string(1'000'000, '['), 0)), HasSubstr("must not be"));
  EXPECT_THAT(refusal(file_of("{\"a\":{\"shape\":" + std::string(1'000'000, '['), 0)), HasSubstr("must not be"));
  std::string nested;
  for (int i = 0; i < 100'000; ++i) nested += "{\"a\":";
  EXPECT_THAT(refusal(file_of(nested, 0)), HasSubstr("unknown field"));
}

TEST(Safetensors, RefusesWrongJson) {
  const auto a = entry("a", "F32", "[2]", "[0,8]");
  const std::string good_fields = R"("dtype":"F32","shape":[2])";
  const std::vector<std::string> headers{" {" + a + "}",
                                         "[]",
                                         "",
                                         "null",
                                         "{" + a,
                                         "{" + a + "}}",
                                         "{" + a + "} x",
                                         "{" + a + ",}",
                                         "{" + a + "," + a + "}",
                                         "{\"\xff\":{" + good_fields + R"(,"data_offsets":[0,8]}})",
                                         R"({"a":{)" + good_fields + "}}",
                                         R"({"a":{)" + good_fields + R"(,"data_offsets":[0]}})",
                                         R"({"a":{)" + good_fields + R"(,"data_offsets":[0,8,8]}})",
                                         R"({"a":{)" + good_fields + R"(,"data_offsets":[0,8],"more":1}})",
                                         R"({"a":{)" + good_fields + R"(,"shape":[2],"data_offsets":[0,8]}})",
                                         R"({"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}})",
                                         R"({"a":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}})",
                                         R"({"a":{"dtype":"F32","shape":["2"],"data_offsets":[0,8]}})",
                                         R"({"a":{"dtype":"F32","shape":2,"data_offsets":[0,8]}})",
                                         R"({"a":{"dtype":32,"shape":[2],"data_offsets":[0,8]}})",
                                         R"({"a":{"dtype":["F32"],"shape":[2],"data_offsets":[0,8]}})",
                                         R"({"a":[1,2]})",
                                         R"({"a":null})",
                                         R"({"a":true})",
                                         "{" + entry("a", "F31", "[2]", "[0,8]") + "}",
                                         "{" + entry("a", "f32", "[2]", "[0,8]") + "}",
                                         "{" + a + R"(,"__metadata__":{"x":1}})",
                                         "{" + a + R"(,"__metadata__":"x"})",
                                         "{" + a + R"(,"__metadata__":{"x":{}}})",
                                         "{" + a + R"(,"__metadata__":{"x":"1","x":"2"}})",
                                         "{" + a + R"(,"__metadata__":{},"__metadata__":{}})"};
  for (const auto& header : headers) EXPECT_NE(refusal(file_of(header, 8)), "") << header;
  auto text = file_of("{" + entry("a", "BOOL", "[1]", "[0,1]") + "}", 1);
  EXPECT_EQ(refusal(text), "");
  text.back() = 2;
  EXPECT_THAT(refusal(text), HasSubstr("neither 0 nor 1"));
}

TEST(Safetensors, NeverCrashesOnADamagedFile) {
  const TemporaryFolder folder;
  write_safetensors(folder / "good", every_kind());
  const auto good = read_file(folder / "good");
  for (size_t position = 0; position < good.size(); position += 3) {
    auto bad = good;
    bad[position] = static_cast<char>(bad[position] ^ (1 << (position % 8)));
    refusal(bad);
    if (position % 12 == 0) {
      EXPECT_NE(refusal(good.substr(0, position)), "");
    }
  }
}

TEST(Safetensors, ReadsAFileOfAnotherProgram) {
  LEAF_NEEDS_SHARED(path, "goldens/checkpoints/expected.safetensors");
  const auto file = read_safetensors(path);
  EXPECT_EQ(file.tensors.at("conv1.weight").sizes(), torch::IntArrayRef({4, 3, 3, 3}));
  EXPECT_EQ(file.tensors.at("empty").sizes(), torch::IntArrayRef({0, 4}));
  EXPECT_EQ(file.tensors.at("scalar").dim(), 0);
}

}  // namespace
}  // namespace leaf
