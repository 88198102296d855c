#include "wasi/core/files.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "base/testing.h"
#include "io/event_loop.h"
#include "wasi/core/streams.h"

namespace spindle::wasi {
namespace {

std::span<const uint8_t> view_of(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

std::string text_of(const Bytes& bytes) {
  return {bytes.begin(), bytes.end()};
}

template <typename T>
std::optional<FileErrorCode> error_of(const FileResult<T>& result) {
  return result ? std::nullopt : std::optional(result.error());
}

class Files : public testing::Test {
 protected:
  Files() {
    host_.make_directory("assets/deep");
    host_.write("assets/index.html", "<h1>hello</h1>");
    host_.write("empty", "");
    host_.link("assets/index.html", "link");
  }

  std::unique_ptr<Descriptor> mount(Access access) {
    auto opened = Mount::create(host_.path(), "/", access);
    return std::make_unique<Descriptor>(std::move(opened).value(), budget_);
  }
  std::unique_ptr<Descriptor> open_file(Descriptor& root, std::string_view path,
                                        OpenOptions options) {
    return std::move(root.open_at(FollowLinks::Yes, path, options).value());
  }

  TempDirectory host_;
  DescriptorBudget budget_{10};
  io::EventLoop loop_;
};

TEST_F(Files, ReadsInPartsToTheEnd) {
  auto root = mount(Access::ReadOnly);
  auto file = open_file(*root, "assets/index.html", {.read = true});
  auto part = file->read(4, 0).value();
  EXPECT_EQ(text_of(part.bytes), "<h1>");
  EXPECT_FALSE(part.at_end);
  EXPECT_EQ(text_of(file->read(~uint64_t{0}, 4).value().bytes), "hello</h1>");
  EXPECT_TRUE(file->read(10, 14).value().at_end);
  EXPECT_TRUE(file->read(10, uint64_t{1} << 62).value().at_end);
  EXPECT_EQ(error_of(file->read(10, ~uint64_t{0})), FileErrorCode::Invalid);
}

TEST_F(Files, StreamsAFileAndOutlivesItsDescriptor) {
  std::string big(kStreamChunkBytesMax * 2 + 7, 'x');
  host_.write("big", big);
  auto root = mount(Access::ReadOnly);
  auto file = open_file(*root, "big", {.read = true});
  auto stream = file->read_via_stream(loop_, 5).value();
  file.reset();
  std::string streamed;
  while (true) {
    auto chunk = stream->read(~uint64_t{0}).value();
    if (!chunk) {
      EXPECT_TRUE(chunk.error().is_closed());
      break;
    }
    EXPECT_LE(chunk->size(), kStreamChunkBytesMax);
    streamed += text_of(*chunk);
  }
  EXPECT_EQ(streamed.size(), big.size() - 5);
  EXPECT_EQ(budget_.left(), 9U);
  stream.reset();
  EXPECT_EQ(budget_.left(), 10U);
}

TEST_F(Files, WritesAtPositionsAndAppends) {
  auto root = mount(Access::ReadWrite);
  auto file = open_file(*root, "new", {.create = true, .read = true, .write = true});
  EXPECT_EQ(file->write(view_of("0123456789"), 0).value(), 10U);
  auto stream = file->write_via_stream(loop_, 3).value();
  ASSERT_TRUE(stream->write(view_of("ab")).value().has_value());
  ASSERT_TRUE(stream->write(view_of("cd")).value().has_value());
  auto appending = file->append_via_stream(loop_).value();
  ASSERT_TRUE(appending->write(view_of("!")).value().has_value());
  ASSERT_TRUE(file->sync().has_value());
  EXPECT_EQ(host_.read("new"), "012abcd789!");
  EXPECT_TRUE(file->set_size(4).has_value());
  EXPECT_EQ(host_.read("new"), "012a");
  Bytes much(kStreamChunkBytesMax + 1);
  EXPECT_EQ(stream->write(much).error().kind(), ErrorKind::Trap);
}

TEST_F(Files, AReadOnlyMountRefusesEveryChange) {
  auto root = mount(Access::ReadOnly);
  auto file = open_file(*root, "assets/index.html", {.read = true});
  auto now = NewTimestamp{NewTimestamp::Kind::Now, {}};
  auto open_with = [&](OpenOptions options) {
    return error_of(root->open_at(FollowLinks::Yes, "empty", options));
  };
  const std::optional<FileErrorCode> refusals[] = {
      open_with({.write = true}),
      open_with({.create = true, .read = true}),
      open_with({.truncate = true, .read = true}),
      error_of(file->write(view_of("x"), 0)),
      error_of(file->write_via_stream(loop_, 0)),
      error_of(file->append_via_stream(loop_)),
      error_of(file->set_size(0)),
      error_of(file->set_times(now, now)),
      error_of(root->set_times(now, now)),
      error_of(root->set_times_at(FollowLinks::Yes, "empty", {now, now})),
      error_of(root->create_directory_at("x")),
      error_of(root->remove_directory_at("assets/deep")),
      error_of(root->unlink_file_at("empty")),
      error_of(root->rename_at("empty", *root, "x")),
      error_of(root->link_at(FollowLinks::No, "empty", *root, "x")),
      error_of(root->symlink_at("empty", "x")),
  };
  for (size_t index = 0; index < std::size(refusals); ++index) {
    EXPECT_EQ(refusals[index], FileErrorCode::NotPermitted) << index;
  }
  EXPECT_EQ(root->rights(), (DescriptorRights{.read = true}));
  EXPECT_EQ(host_.read("assets/index.html"), "<h1>hello</h1>");
}

TEST_F(Files, ChangesEntriesOfAWritableMount) {
  auto root = mount(Access::ReadWrite);
  EXPECT_TRUE(root->create_directory_at("x/").has_value());
  EXPECT_TRUE(root->rename_at("empty", *root, "x/moved").has_value());
  EXPECT_TRUE(host_.has("x/moved"));
  EXPECT_TRUE(root->link_at(FollowLinks::No, "x/moved", *root, "hard").has_value());
  EXPECT_TRUE(root->symlink_at("x/moved", "soft").has_value());
  EXPECT_EQ(root->read_link_at("soft").value(), "x/moved");
  EXPECT_EQ(root->status_at(FollowLinks::No, "hard").value().link_count, 2U);
  EXPECT_EQ(error_of(root->remove_directory_at("x")), FileErrorCode::NotEmpty);
  EXPECT_EQ(error_of(root->unlink_file_at("x")), FileErrorCode::IsDirectory);
  EXPECT_TRUE(root->unlink_file_at("x/moved").has_value());
  EXPECT_TRUE(root->remove_directory_at("x").has_value());
  EXPECT_EQ(error_of(root->create_directory_at("assets")), FileErrorCode::Exist);
}

TEST_F(Files, EntriesOutsideCannotBeNamed) {
  TempDirectory outside;
  outside.write("secret", "secret");
  host_.link(outside.path(), "out");
  auto root = mount(Access::ReadWrite);
  const std::string name = std::filesystem::path(outside.path()).filename().string();
  for (const std::string& prefix :
       {std::string("out/"), "../" + name + "/", outside.path() + "/"}) {
    auto secret = prefix + "secret";
    const std::optional<FileErrorCode> refusals[] = {
        error_of(root->status_at(FollowLinks::Yes, secret)),
        error_of(root->status_at(FollowLinks::No, secret)),
        error_of(root->metadata_hash_at(FollowLinks::Yes, secret)),
        error_of(root->open_at(FollowLinks::Yes, secret, {.read = true})),
        error_of(root->open_at(FollowLinks::Yes, secret, {.create = true, .write = true})),
        error_of(root->set_times_at(FollowLinks::Yes, secret, {})),
        error_of(root->read_link_at(secret)),
        error_of(root->create_directory_at(prefix + "new")),
        error_of(root->remove_directory_at(prefix + "new")),
        error_of(root->unlink_file_at(secret)),
        error_of(root->rename_at(secret, *root, "stolen")),
        error_of(root->rename_at("empty", *root, prefix + "planted")),
        error_of(root->link_at(FollowLinks::No, secret, *root, "stolen")),
        error_of(root->link_at(FollowLinks::No, "empty", *root, prefix + "planted")),
        error_of(root->symlink_at("x", prefix + "planted")),
    };
    for (size_t index = 0; index < std::size(refusals); ++index) {
      EXPECT_EQ(refusals[index], FileErrorCode::NotPermitted) << prefix << " " << index;
    }
  }
  EXPECT_EQ(outside.read("secret"), "secret");
  EXPECT_FALSE(outside.has("planted"));
  EXPECT_EQ(error_of(root->symlink_at("/etc/passwd", "x")), FileErrorCode::NotPermitted);
  EXPECT_EQ(error_of(root->read_link_at("out")), FileErrorCode::NotPermitted);
  EXPECT_EQ(error_of(root->read_link_at("empty")), FileErrorCode::Invalid);
}

TEST_F(Files, ListsADirectory) {
  host_.write("assets/caf\xc3\xa9", "");
  auto root = mount(Access::ReadOnly);
  auto directory = open_file(*root, "assets", {.directory = true, .read = true});
  auto stream = directory->read_directory().value();
  std::vector<std::pair<std::string, FileType>> entries;
  while (auto entry = stream->read().value()) entries.emplace_back(entry->name, entry->type);
  std::ranges::sort(entries);
  const std::vector<std::pair<std::string, FileType>> expected = {
      {"caf\xc3\xa9", FileType::RegularFile},
      {"deep", FileType::Directory},
      {"index.html", FileType::RegularFile}};
  EXPECT_EQ(entries, expected);
  host_.write("assets/deep/\xff", "");
  auto deep = open_file(*root, "assets/deep", {.directory = true});
  auto odd = deep->read_directory().value();
  EXPECT_EQ(error_of(odd->read()), FileErrorCode::IllegalByteSequence);
  EXPECT_EQ(odd->read().value(), std::nullopt);
}

TEST_F(Files, TellsStatusAndIdentity) {
  auto root = mount(Access::ReadOnly);
  auto file = open_file(*root, "assets/index.html", {.read = true});
  auto same = open_file(*root, "link", {.read = true});
  auto other = open_file(*root, "empty", {.read = true});
  EXPECT_EQ(file->status().value().size, 14U);
  EXPECT_GT(file->status().value().modified.seconds, 1'600'000'000);
  EXPECT_EQ(file->type().value(), FileType::RegularFile);
  EXPECT_EQ(root->type().value(), FileType::Directory);
  EXPECT_EQ(root->status().value().type, FileType::Directory);
  EXPECT_EQ(root->status_at(FollowLinks::No, "link").value().type, FileType::SymbolicLink);
  EXPECT_EQ(root->status_at(FollowLinks::Yes, "link").value().type, FileType::RegularFile);
  EXPECT_TRUE(file->is_same_object(*same));
  EXPECT_FALSE(file->is_same_object(*other));
  EXPECT_EQ(file->metadata_hash().value(), same->metadata_hash().value());
  EXPECT_NE(file->metadata_hash().value(), other->metadata_hash().value());
  EXPECT_EQ(file->metadata_hash().value(),
            root->metadata_hash_at(FollowLinks::Yes, "link").value());
}

TEST_F(Files, SetsTimes) {
  auto root = mount(Access::ReadWrite);
  auto at = [](int64_t seconds) {
    return NewTimestamp{NewTimestamp::Kind::Timestamp, {seconds, 5}};
  };
  ASSERT_TRUE(root->set_times_at(FollowLinks::Yes, "link", {at(1000), at(2000)}).has_value());
  auto status = root->status_at(FollowLinks::Yes, "link").value();
  EXPECT_EQ(status.accessed, (WallTime{1000, 5}));
  EXPECT_EQ(status.modified, (WallTime{2000, 5}));
  ASSERT_TRUE(root->set_times_at(FollowLinks::No, "link", {{}, at(3000)}).has_value());
  EXPECT_EQ(root->status_at(FollowLinks::No, "link").value().modified, (WallTime{3000, 5}));
  EXPECT_EQ(root->status_at(FollowLinks::Yes, "link").value().modified, (WallTime{2000, 5}));
  auto file = open_file(*root, "empty", {.write = true});
  EXPECT_TRUE(file->set_times({}, at(4000)).has_value());
  EXPECT_EQ(file->status().value().modified, (WallTime{4000, 5}));
  EXPECT_TRUE(file->set_times({}, at(-1)).has_value());
  EXPECT_EQ(file->status().value().modified, (WallTime{-1, 5}));
  EXPECT_EQ(error_of(file->set_times(
                {}, {NewTimestamp::Kind::Timestamp, {.seconds = 0, .nanoseconds = 1'000'000'000}})),
            FileErrorCode::Invalid);
  EXPECT_TRUE(root->set_times({}, at(5000)).has_value());
}

TEST_F(Files, RefusesWhatTheDescriptorIsNot) {
  auto root = mount(Access::ReadWrite);
  auto file = open_file(*root, "empty", {.read = true});
  EXPECT_EQ(error_of(root->read(1, 0)), FileErrorCode::BadDescriptor);
  EXPECT_EQ(error_of(root->write(view_of("x"), 0)), FileErrorCode::BadDescriptor);
  EXPECT_EQ(error_of(root->read_via_stream(loop_, 0)), FileErrorCode::IsDirectory);
  EXPECT_EQ(error_of(root->advise(0, 0, Advice::Normal)), FileErrorCode::BadDescriptor);
  EXPECT_TRUE(file->advise(0, 0, Advice::WillNeed).has_value());
  EXPECT_EQ(error_of(file->read_directory()), FileErrorCode::NotDirectory);
  EXPECT_EQ(error_of(file->open_at(FollowLinks::Yes, "x", {})), FileErrorCode::NotDirectory);
  EXPECT_EQ(error_of(file->create_directory_at("x")), FileErrorCode::NotDirectory);
  EXPECT_EQ(error_of(root->open_at(FollowLinks::Yes, "empty", {.synchronous = true})),
            FileErrorCode::Unsupported);
  EXPECT_EQ(
      error_of(root->open_at(FollowLinks::Yes, "assets", {.create = true, .directory = true})),
      FileErrorCode::Invalid);
  auto written = open_file(*root, "empty", {.write = true});
  EXPECT_EQ(error_of(written->read(1, 0)), FileErrorCode::BadDescriptor);
}

TEST_F(Files, ASpecialFileIsNeitherOpenedNorWaitedFor) {
  ASSERT_EQ(mkfifo(host_.path("pipe").c_str(), 0600), 0);
  auto root = mount(Access::ReadWrite);
  EXPECT_EQ(error_of(root->open_at(FollowLinks::Yes, "pipe", {.read = true})),
            FileErrorCode::NotPermitted);
  EXPECT_EQ(root->status_at(FollowLinks::Yes, "pipe").value().type, FileType::Fifo);
}

TEST_F(Files, LimitsWhatAnInstanceHasOpen) {
  auto root = mount(Access::ReadOnly);
  std::vector<std::unique_ptr<Descriptor>> open;
  for (int count = 0; count < 10; ++count) {
    open.push_back(open_file(*root, "empty", {.read = true}));
  }
  EXPECT_EQ(error_of(root->open_at(FollowLinks::Yes, "empty", {.read = true})),
            FileErrorCode::InsufficientMemory);
  EXPECT_EQ(error_of(root->read_directory()), FileErrorCode::InsufficientMemory);
  open.pop_back();
  EXPECT_TRUE(root->read_directory().has_value());
  EXPECT_EQ(error_of(root->open_at(FollowLinks::Yes, "absent", {.read = true})),
            FileErrorCode::NoEntry);
  EXPECT_EQ(budget_.left(), 1U);
}

TEST_F(Files, AnOpenFileMayOutliveTheBudgetOfItsInstance) {
  std::shared_ptr<OpenFile> file;
  {
    DescriptorBudget budget(1);
    EXPECT_EQ(budget.left(), 1U);
    Descriptor root(Mount::create(host_.path(), "/", Access::ReadOnly).value(), budget);
    file = root.open_file_at(FollowLinks::Yes, "empty", {.read = true}).value();
    EXPECT_EQ(budget.left(), 0U);
    EXPECT_EQ(error_of(root.read_directory()), FileErrorCode::InsufficientMemory);
  }
  EXPECT_TRUE(file->fd.is_open());
}

TEST(Mount, NamesTheDirectoryThatCannotBeOpened) {
  auto mount = Mount::create("/nonexistent/assets", "/", Access::ReadOnly);
  ASSERT_FALSE(mount.has_value());
  EXPECT_NE(mount.error().message().find("/nonexistent/assets"), std::string::npos);
}

}  // namespace
}  // namespace spindle::wasi
