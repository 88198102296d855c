#include "static_files/file_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/testing.h"
#include "http/held_request.h"

namespace spindle::static_files {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::StartsWith;

// Keeps what is sent; after `writes_max` writes the client is gone.
class HeldResponse final : public http::ResponseWriter {
 public:
  Result<void> start(const http::ResponseHead& head, http::BodyLength length) override {
    status_ = head.status;
    headers_ = http::Headers(head.headers);
    announced_ = length.bytes();
    return {};
  }
  io::Eventual<void> write(http::Bytes bytes) override {
    if (++writes_ > writes_max_) return Error::canceled("the client left");
    if (on_write_) on_write_();
    largest_ = std::max(largest_, bytes.size());
    size_ += bytes.size();
    if (size_ < 100'000) body_.append(bytes.begin(), bytes.end());
    return Result<void>();
  }
  Result<size_t> try_write(http::Bytes) override { return size_t{0}; }
  io::Task<Result<void>> writable() override { co_return Result<void>(); }
  io::Eventual<void> flush() override { return Result<void>(); }
  io::Eventual<void> finish(http::HeaderView) override {
    is_finished_ = true;
    return Result<void>();
  }
  void abort() override {}
  bool is_started() const override { return status_ != 0; }
  bool is_finished() const override { return is_finished_; }
  bool is_body_dropped() const override { return is_body_dropped_; }

  uint16_t status_ = 0;
  http::Headers headers_;
  std::optional<uint64_t> announced_;
  std::string body_;
  uint64_t size_ = 0;
  size_t largest_ = 0;
  int writes_ = 0;
  int writes_max_ = 1'000'000;
  std::function<void()> on_write_;
  bool is_finished_ = false;
  bool is_body_dropped_ = false;
};

class FileServices : public testing::Test {
 protected:
  FileServices() {
    std::ofstream(root_ / "digits.txt") << "0123456789";
    std::ofstream(root_ / "page.html") << "page";
    std::ofstream(root_ / "large");
    fs::resize_file(root_ / "large", kLarge);
    fs::create_directory(root_ / "folder");
  }

  Result<FileService> service(FileServiceOptions options = {}) const {
    auto mount = wasi::Mount::create(root_.string(), "/", wasi::Access::ReadOnly).value();
    return FileService::create(Folder({std::move(mount)}), std::move(options));
  }
  Result<void> ask(const FileService& service, std::string path,
                   std::vector<http::Header> headers = {}) {
    request_.head().path_and_query = path;
    request_.head().headers = headers;
    return loop_.block_on(service.answer(loop_, request_, response_, path));
  }

  static constexpr uint64_t kLarge = uint64_t{8} << 20;
  TempDirectory directory_;
  const fs::path root_ = directory_.path();
  io::EventLoop loop_;
  http::HeldRequest request_;
  HeldResponse response_;
};

TEST_F(FileServices, SendLargeFilesInPieces) {
  const FileService files = service().take_value();
  ASSERT_TRUE(ask(files, "/large").has_value());
  EXPECT_EQ(response_.announced_, kLarge);
  EXPECT_EQ(response_.size_, kLarge);
  EXPECT_EQ(response_.largest_, kPieceBytes);
  EXPECT_TRUE(response_.is_finished_);
}

TEST_F(FileServices, StopWhenTheClientLeaves) {
  const FileService files = service().take_value();
  response_.writes_max_ = 3;
  EXPECT_FALSE(ask(files, "/large").has_value());
  EXPECT_EQ(response_.writes_, 4);
  EXPECT_FALSE(response_.is_finished_);
}

TEST_F(FileServices, BreakOffWhenTheFileShrinks) {
  const FileService files = service().take_value();
  response_.on_write_ = [this] { fs::resize_file(root_ / "large", 100); };
  const auto sent = ask(files, "/large");
  ASSERT_FALSE(sent.has_value());
  EXPECT_THAT(sent.error().to_string(), HasSubstr("became shorter"));
  EXPECT_FALSE(response_.is_finished_);
}

TEST_F(FileServices, ReadNothingForHead) {
  const FileService files = service().take_value();
  request_.head().method = http::Method::Head;
  response_.is_body_dropped_ = true;
  ASSERT_TRUE(ask(files, "/large").has_value());
  EXPECT_EQ(response_.announced_, kLarge);
  EXPECT_EQ(response_.writes_, 0);
  EXPECT_TRUE(response_.is_finished_);
}

TEST_F(FileServices, SendSeveralRangesAsParts) {
  const FileService files = service().take_value();
  ASSERT_TRUE(ask(files, "/digits.txt", {{"range", "bytes=8-,0-1"}}).has_value());
  EXPECT_EQ(response_.status_, 206);
  EXPECT_EQ(response_.announced_, response_.size_);
  const std::string type(*response_.headers_.find("content-type"));
  ASSERT_THAT(type, StartsWith("multipart/byteranges; boundary="));
  const std::string boundary = type.substr(type.find('=') + 1);
  const std::string part = "\r\n--" + boundary + "\r\ncontent-type: text/plain; charset=utf-8\r\n";
  EXPECT_EQ(response_.body_, part + "content-range: bytes 8-9/10\r\n\r\n89" + part +
                                 "content-range: bytes 0-1/10\r\n\r\n01\r\n--" + boundary +
                                 "--\r\n");
}

TEST_F(FileServices, KnowAFileByItsTagAndItsDate) {
  const FileService files = service().take_value();
  ASSERT_TRUE(ask(files, "/digits.txt").has_value());
  const std::string tag(*response_.headers_.find("etag"));
  const std::string date(*response_.headers_.find("last-modified"));
  ASSERT_TRUE(ask(files, "/digits.txt", {{"if-none-match", tag}}).has_value());
  EXPECT_EQ(response_.status_, 304);
  EXPECT_EQ(response_.headers_.find("etag"), tag);
  EXPECT_EQ(response_.headers_.find("content-type"), std::nullopt);
  ASSERT_TRUE(ask(files, "/digits.txt", {{"if-modified-since", date}}).has_value());
  EXPECT_EQ(response_.status_, 304);
  ASSERT_TRUE(ask(files, "/digits.txt", {{"range", "bytes=1-1"}, {"if-range", tag}}).has_value());
  EXPECT_EQ(response_.status_, 206);
  fs::last_write_time(root_ / "digits.txt",
                      fs::last_write_time(root_ / "digits.txt") + std::chrono::seconds(2));
  ASSERT_TRUE(ask(files, "/digits.txt", {{"range", "bytes=1-1"}, {"if-range", tag}}).has_value());
  EXPECT_EQ(response_.status_, 200);
}

TEST_F(FileServices, RedirectToNoOtherServer) {
  const FileService files = service().take_value();
  request_.head().path_and_query = "//example.com/folder";
  ASSERT_TRUE(loop_.block_on(files.answer(loop_, request_, response_, "/folder")).has_value());
  EXPECT_EQ(response_.status_, 301);
  EXPECT_EQ(response_.headers_.find("location"), "/example.com/folder/");
}

TEST_F(FileServices, WantTheFilesThatTheirOptionsName) {
  EXPECT_TRUE(service({.fallback = "page.html", .not_found = "/page.html"}).has_value());
  EXPECT_THAT(service({.fallback = "no.html"}).error().to_string(),
              HasSubstr("the fallback \"no.html\" is not among the files"));
  EXPECT_THAT(service({.not_found = "folder"}).error().to_string(), HasSubstr("\"folder\""));
  EXPECT_THAT(service({.cache_control = "a\nb"}).error().to_string(), HasSubstr("cache-control"));
}

TEST_F(FileServices, AnswerForWhatIsNotThere) {
  const FileService plain = service().take_value();
  ASSERT_TRUE(ask(plain, "/nothing").has_value());
  EXPECT_EQ(response_.status_, 404);
  EXPECT_EQ(response_.body_, "");
  const FileService both =
      service({.fallback = "page.html", .not_found = "digits.txt"}).take_value();
  ASSERT_TRUE(ask(both, "/nothing").has_value());
  EXPECT_EQ(response_.status_, 200) << "the fallback comes first";
  EXPECT_EQ(response_.body_, "page");
  fs::remove(root_ / "page.html");
  ASSERT_TRUE(ask(both, "/nothing").has_value());
  EXPECT_EQ(response_.status_, 404);
}

}  // namespace
}  // namespace spindle::static_files
