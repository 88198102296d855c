#include "wasm/code_cache.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "wasm/store.h"
#include "wasm/testing.h"

namespace spindle::wasm {
namespace {

using testing::manual_engine;

class CodeCacheTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = ::testing::TempDir() + "spindle-cache-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    root_ = pattern;
    cache_ = CodeCache::open(root_ + "/a/code").value();
    bytes_ = wat2wasm(R"((module (func (export "run") (result i32) (i32.const 42))))").value();
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  void expect_works() {
    auto module = cache_->compile(manual_engine(), bytes_);
    ASSERT_TRUE(module) << module.error().to_string();
    Store store(manual_engine(), {});
    auto instance = store.instantiate(*module, {}).value();
    auto run = testing::func_of(store, instance, "run");
    EXPECT_EQ(testing::call_i32(store, run, {}).value(), 42);
  }
  std::string path() { return cache_->path_of(*manual_engine(), bytes_); }
  size_t files() {
    auto entries = std::filesystem::directory_iterator(cache_->directory());
    return static_cast<size_t>(std::distance(begin(entries), end(entries)));
  }

  std::string root_;
  std::unique_ptr<CodeCache> cache_;
  std::vector<uint8_t> bytes_;
};

TEST_F(CodeCacheTest, CompilesOnceThenLoads) {
  expect_works();
  expect_works();
  EXPECT_EQ(cache_->stats(), (CodeCacheStats{.hits = 1, .misses = 1}));
  EXPECT_EQ(files(), 1u);
}

TEST_F(CodeCacheTest, DamageAnywhereIsNoticedAndMended) {
  expect_works();
  auto size = std::filesystem::file_size(path());
  uint64_t damaged = 0;
  for (uint64_t at : {uint64_t{0}, uint64_t{64}, size / 2, size - 25, size - 24, size - 1}) {
    {
      std::fstream file(path(), std::ios::in | std::ios::out | std::ios::binary);
      file.seekg(static_cast<std::streamoff>(at));
      char byte = static_cast<char>(file.get());
      file.seekp(static_cast<std::streamoff>(at));
      file.put(static_cast<char>(byte ^ 0x20));
    }
    expect_works();
    EXPECT_EQ(cache_->stats().damaged, ++damaged) << at;
  }
}

TEST_F(CodeCacheTest, TruncationIsNoticedAndMended) {
  expect_works();
  auto size = std::filesystem::file_size(path());
  uint64_t damaged = 0;
  for (uint64_t keep : {uint64_t{0}, uint64_t{1}, uint64_t{23}, size / 2, size - 24, size - 1}) {
    std::filesystem::resize_file(path(), keep);
    expect_works();
    EXPECT_EQ(cache_->stats().damaged, ++damaged) << keep;
  }
  EXPECT_EQ(cache_->stats().hits, 0u);
}

TEST_F(CodeCacheTest, OtherBytesAndOtherEnginesHaveOtherFiles) {
  auto other = bytes_;
  other.back() ^= 1;
  EXPECT_NE(cache_->path_of(*manual_engine(), bytes_), cache_->path_of(*manual_engine(), other));
  auto options = testing::small_engine(Ticker::Manual);
  options.guest_stack_bytes /= 2;
  auto engine = Engine::create(options).value();
  EXPECT_NE(cache_->path_of(*engine, bytes_), cache_->path_of(*manual_engine(), bytes_));
}

TEST_F(CodeCacheTest, InvalidModulesAreNotKept) {
  std::vector<uint8_t> bad = {0, 'a', 's', 'm', 9, 9, 9, 9};
  EXPECT_FALSE(cache_->compile(manual_engine(), bad));
  EXPECT_EQ(files(), 0u);
}

TEST_F(CodeCacheTest, AnUnwritableDirectoryOnlyCostsTime) {
  std::filesystem::remove_all(cache_->directory());
  expect_works();
  expect_works();
  EXPECT_EQ(cache_->stats(), (CodeCacheStats{.misses = 2, .write_failures = 2}));
}

TEST_F(CodeCacheTest, ADirectoryThatOthersMayWriteIsRefused) {
  std::string open_directory = root_ + "/open";
  std::filesystem::create_directory(open_directory);
  ASSERT_EQ(chmod(open_directory.c_str(), 0755), 0);
  EXPECT_EQ(CodeCache::open(open_directory).error().kind(), ErrorKind::Denied);
  std::string link = root_ + "/link";
  std::filesystem::create_directory_symlink(cache_->directory(), link);
  EXPECT_EQ(CodeCache::open(link).error().kind(), ErrorKind::Denied);
}

TEST_F(CodeCacheTest, ThreadsShareIt) {
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back([this] { expect_works(); });
  threads.clear();
  EXPECT_EQ(cache_->stats().hits + cache_->stats().misses, 4u);
  EXPECT_EQ(files(), 1u);
}

}  // namespace
}  // namespace spindle::wasm
