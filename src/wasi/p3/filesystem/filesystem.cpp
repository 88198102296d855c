#include "wasi/p3/filesystem/filesystem.h"

#include "wasi/p3/background_pump.h"

namespace spindle::wasi::p3 {

namespace {

using component::Future;
using component::Stream;
using component::StreamStep;
using Instant = bindings::wasi::clocks_0_3::system_clock::Instant;

// The alternative of a variant by its number.
template <typename Variant>
Variant alternative(size_t number) {
  return [number]<size_t... I>(std::index_sequence<I...>) {
    using Make = Variant (*)();
    static constexpr Make kMakers[] = {+[] { return Variant(std::in_place_index<I>); }...};
    return kMakers[number]();
  }(std::make_index_sequence<std::variant_size_v<Variant>>());
}

// The core has the cases of 0.2 in their order. 0.3 has no would-block, and `other` at the end.
using Code = filesystem::ErrorCode;
using CodeCases = decltype(Code::value);
constexpr size_t number_of(FileErrorCode code) {
  return static_cast<size_t>(code) - (code > FileErrorCode::WouldBlock ? 1 : 0);
}
static_assert(number_of(FileErrorCode::Access) == 0);
static_assert(
    std::is_same_v<std::variant_alternative_t<number_of(FileErrorCode::Already), CodeCases>,
                   Code::Already>);
static_assert(
    std::is_same_v<std::variant_alternative_t<number_of(FileErrorCode::Io), CodeCases>, Code::Io>);
static_assert(
    std::is_same_v<std::variant_alternative_t<number_of(FileErrorCode::NotPermitted), CodeCases>,
                   Code::NotPermitted>);
static_assert(
    std::is_same_v<std::variant_alternative_t<number_of(FileErrorCode::CrossDevice), CodeCases>,
                   Code::CrossDevice>);

// The same for types, where the core begins with one that is `other` here.
using TypeCases = decltype(filesystem::DescriptorType::value);
static_assert(
    std::is_same_v<std::variant_alternative_t<static_cast<size_t>(FileType::Socket) - 1, TypeCases>,
                   filesystem::DescriptorType::Socket>);
static_assert(static_cast<int>(Advice::NoReuse) == static_cast<int>(filesystem::Advice::NoReuse));

filesystem::DescriptorType to_interface(FileType type) {
  if (type == FileType::Unknown) return {filesystem::DescriptorType::Other{}};
  return {alternative<TypeCases>(static_cast<size_t>(type) - 1)};
}

filesystem::DescriptorFlags to_interface(DescriptorRights rights) {
  return {.read = rights.read, .write = rights.write, .mutate_directory = rights.mutate_directory};
}

Instant to_interface(WallTime time) {
  return {time.seconds, time.nanoseconds};
}

filesystem::DescriptorStat to_interface(const FileStatus& status) {
  return {to_interface(status.type),
          status.link_count,
          status.size,
          to_interface(status.accessed),
          to_interface(status.modified),
          to_interface(status.status_changed)};
}

filesystem::MetadataHashValue to_interface(MetadataHash hash) {
  return {hash.lower, hash.upper};
}

FileOutcome to_outcome(FileResult<void> result) {
  if (!result) return std::unexpected(p3::to_interface(result.error()));
  return {};
}

// `T` is the interface's value; the core's is the same or is converted.
template <typename T, typename Core>
std::expected<T, Code> answer(FileResult<Core> result) {
  if (!result) return std::unexpected(p3::to_interface(result.error()));
  if constexpr (std::is_void_v<T>) {
    return {};
  } else if constexpr (std::is_same_v<T, Core>) {
    return std::move(*result);
  } else {
    return to_interface(std::move(*result));
  }
}

FollowLinks to_core(filesystem::PathFlags flags) {
  return flags.symlink_follow ? FollowLinks::Yes : FollowLinks::No;
}

NewTimestamp to_core(const filesystem::NewTimestamp& timestamp) {
  using Interface = filesystem::NewTimestamp;
  if (std::holds_alternative<Interface::Now>(timestamp.value)) return {NewTimestamp::Kind::Now, {}};
  const auto* given = std::get_if<Interface::Timestamp>(&timestamp.value);
  if (given == nullptr) return {};
  return {NewTimestamp::Kind::Timestamp, {given->value.seconds, given->value.nanoseconds}};
}

// A stream that was never begun, and why.
template <typename T>
std::tuple<Stream<T>, Future<FileOutcome>> refused(FileErrorCode code) {
  return {Stream<T>(), Future<FileOutcome>::of(std::unexpected(p3::to_interface(code)))};
}

OnSourceEnd tell(component::Promise<FileOutcome> promise) {
  return [promise = std::move(promise)](FileResult<void> outcome) mutable {
    promise.set(to_outcome(outcome));
  };
}

// The entries of a directory, read as they are asked for. It ends at the first failure.
class EntrySource final : public component::StreamSource<filesystem::DirectoryEntry> {
 public:
  EntrySource(std::unique_ptr<DirectoryStream> entries, OnSourceEnd on_end)
      : entries_(std::move(entries)), on_end_(std::move(on_end)) {}
  ~EntrySource() override {
    if (on_end_) end(0, {});
  }

  StreamStep read(std::span<filesystem::DirectoryEntry> out) override {
    out = out.first(std::min(out.size(), kEntriesPerStep));
    size_t count = 0;
    for (auto& place : out) {
      auto entry = entries_->read();
      if (!entry) return end(count, file_error(entry.error()));
      if (!*entry) return end(count, {});
      place = {to_interface((*entry)->type), std::move((*entry)->name)};
      ++count;
    }
    return {count, false};
  }
  io::Task<void> ready() override { co_return; }

 private:
  StreamStep end(size_t count, FileResult<void> outcome) {
    std::exchange(on_end_, nullptr)(std::move(outcome));
    return {count, true};
  }

  std::unique_ptr<DirectoryStream> entries_;
  OnSourceEnd on_end_;
};

using Opened = std::expected<std::unique_ptr<Descriptor>, Code>;

}  // namespace

Code to_interface(FileErrorCode code) {
  if (code == FileErrorCode::WouldBlock) return {Code::Other{"would block"}};
  return {alternative<CodeCases>(number_of(code))};
}

Result<std::vector<std::tuple<std::unique_ptr<Descriptor>, std::string>>>
PreopensHost::get_directories() {
  std::vector<std::tuple<std::unique_ptr<Descriptor>, std::string>> directories;
  for (const auto& mount : guest_.mounts) {
    directories.emplace_back(std::make_unique<Descriptor>(mount, budget_), mount->guest_path);
  }
  return directories;
}

Result<std::tuple<component::Stream<uint8_t>, component::Future<FileOutcome>>>
FilesystemHost::descriptor_read_via_stream(Descriptor& self, uint64_t offset) {
  auto file = self.file_to_read();
  if (!file) return refused<uint8_t>(file.error());
  auto [outcome, future] = component::make_future<FileOutcome>(loop_);
  auto source =
      std::make_unique<FileByteSource>(std::move(*file), offset, tell(std::move(outcome)));
  return std::tuple(Stream<uint8_t>(std::move(source)), std::move(future));
}

Result<component::Future<FileOutcome>> FilesystemHost::descriptor_write_via_stream(
    Descriptor& self, component::Stream<uint8_t> data, uint64_t offset) {
  auto file = self.file_to_write();
  if (!file) return Future<FileOutcome>::of(std::unexpected(to_interface(file.error())));
  return pump_in_background<FileOutcome>(loop_, instance_, std::move(data),
                                         std::make_unique<FileTaker>(std::move(*file), offset),
                                         &to_outcome);
}

Result<component::Future<FileOutcome>> FilesystemHost::descriptor_append_via_stream(
    Descriptor& self, component::Stream<uint8_t> data) {
  auto file = self.file_to_write();
  if (!file) return Future<FileOutcome>::of(std::unexpected(to_interface(file.error())));
  auto taker = std::make_unique<FileTaker>(std::move(*file), std::nullopt);
  return pump_in_background<FileOutcome>(loop_, instance_, std::move(data), std::move(taker),
                                         &to_outcome);
}

FilesystemHost::Answer<void> FilesystemHost::descriptor_advise(Descriptor& self, uint64_t offset,
                                                               uint64_t length,
                                                               filesystem::Advice advice) {
  return answer<void>(self.advise(offset, length, static_cast<Advice>(advice)));
}

FilesystemHost::Answer<void> FilesystemHost::descriptor_sync_data(Descriptor& self) {
  return answer<void>(self.sync_data());
}

FilesystemHost::Answer<filesystem::DescriptorFlags> FilesystemHost::descriptor_get_flags(
    Descriptor& self) {
  return answer<filesystem::DescriptorFlags>(FileResult<DescriptorRights>(self.rights()));
}

FilesystemHost::Answer<filesystem::DescriptorType> FilesystemHost::descriptor_get_type(
    Descriptor& self) {
  return answer<filesystem::DescriptorType>(self.type());
}

FilesystemHost::Answer<void> FilesystemHost::descriptor_set_size(Descriptor& self, uint64_t size) {
  return answer<void>(self.set_size(size));
}

FilesystemHost::Answer<void> FilesystemHost::descriptor_set_times(
    Descriptor& self, const filesystem::NewTimestamp& data_access_timestamp,
    const filesystem::NewTimestamp& data_modification_timestamp) {
  return answer<void>(
      self.set_times(to_core(data_access_timestamp), to_core(data_modification_timestamp)));
}

Result<std::tuple<component::Stream<filesystem::DirectoryEntry>, component::Future<FileOutcome>>>
FilesystemHost::descriptor_read_directory(Descriptor& self) {
  auto entries = self.read_directory();
  if (!entries) return refused<filesystem::DirectoryEntry>(entries.error());
  auto [outcome, future] = component::make_future<FileOutcome>(loop_);
  auto source = std::make_unique<EntrySource>(std::move(*entries), tell(std::move(outcome)));
  return std::tuple(Stream<filesystem::DirectoryEntry>(std::move(source)), std::move(future));
}

FilesystemHost::Answer<void> FilesystemHost::descriptor_sync(Descriptor& self) {
  return answer<void>(self.sync());
}

FilesystemHost::Answer<void> FilesystemHost::descriptor_create_directory_at(Descriptor& self,
                                                                            std::string_view path) {
  return answer<void>(self.create_directory_at(path));
}

FilesystemHost::Answer<filesystem::DescriptorStat> FilesystemHost::descriptor_stat(
    Descriptor& self) {
  return answer<filesystem::DescriptorStat>(self.status());
}

FilesystemHost::Answer<filesystem::DescriptorStat> FilesystemHost::descriptor_stat_at(
    Descriptor& self, filesystem::PathFlags path_flags, std::string_view path) {
  return answer<filesystem::DescriptorStat>(self.status_at(to_core(path_flags), path));
}

FilesystemHost::Answer<void> FilesystemHost::descriptor_set_times_at(
    Descriptor& self, filesystem::PathFlags path_flags, std::string_view path,
    const filesystem::NewTimestamp& data_access_timestamp,
    const filesystem::NewTimestamp& data_modification_timestamp) {
  const wasi::Descriptor::NewTimes times{to_core(data_access_timestamp),
                                         to_core(data_modification_timestamp)};
  return answer<void>(self.set_times_at(to_core(path_flags), path, times));
}

FilesystemHost::Answer<void> FilesystemHost::descriptor_link_at(
    Descriptor& self, filesystem::PathFlags old_path_flags, std::string_view old_path,
    Descriptor& new_descriptor, std::string_view new_path) {
  return answer<void>(self.link_at(to_core(old_path_flags), old_path, new_descriptor, new_path));
}

FilesystemHost::Answer<std::unique_ptr<Descriptor>> FilesystemHost::descriptor_open_at(
    Descriptor& self, filesystem::PathFlags path_flags, std::string_view path,
    filesystem::OpenFlags open_flags, filesystem::DescriptorFlags flags) {
  OpenOptions options;
  options.create = open_flags.create;
  options.directory = open_flags.directory;
  options.exclusive = open_flags.exclusive;
  options.truncate = open_flags.truncate;
  options.read = flags.read;
  options.write = flags.write;
  options.mutate_directory = flags.mutate_directory;
  options.synchronous =
      flags.file_integrity_sync || flags.data_integrity_sync || flags.requested_write_sync;
  auto file = self.open_file_at(to_core(path_flags), path, options);
  if (!file) return Opened(std::unexpected(to_interface(file.error())));
  return Opened(std::make_unique<Descriptor>(std::move(*file), self.budget()));
}

FilesystemHost::Answer<std::string> FilesystemHost::descriptor_readlink_at(Descriptor& self,
                                                                           std::string_view path) {
  return answer<std::string>(self.read_link_at(path));
}

FilesystemHost::Answer<void> FilesystemHost::descriptor_remove_directory_at(Descriptor& self,
                                                                            std::string_view path) {
  return answer<void>(self.remove_directory_at(path));
}

FilesystemHost::Answer<void> FilesystemHost::descriptor_rename_at(Descriptor& self,
                                                                  std::string_view old_path,
                                                                  Descriptor& new_descriptor,
                                                                  std::string_view new_path) {
  return answer<void>(self.rename_at(old_path, new_descriptor, new_path));
}

FilesystemHost::Answer<void> FilesystemHost::descriptor_symlink_at(Descriptor& self,
                                                                   std::string_view old_path,
                                                                   std::string_view new_path) {
  return answer<void>(self.symlink_at(old_path, new_path));
}

FilesystemHost::Answer<void> FilesystemHost::descriptor_unlink_file_at(Descriptor& self,
                                                                       std::string_view path) {
  return answer<void>(self.unlink_file_at(path));
}

io::Eventual<bool> FilesystemHost::descriptor_is_same_object(Descriptor& self, Descriptor& other) {
  return self.is_same_object(other);
}

FilesystemHost::Answer<filesystem::MetadataHashValue> FilesystemHost::descriptor_metadata_hash(
    Descriptor& self) {
  return answer<filesystem::MetadataHashValue>(self.metadata_hash());
}

FilesystemHost::Answer<filesystem::MetadataHashValue> FilesystemHost::descriptor_metadata_hash_at(
    Descriptor& self, filesystem::PathFlags path_flags, std::string_view path) {
  return answer<filesystem::MetadataHashValue>(self.metadata_hash_at(to_core(path_flags), path));
}

}  // namespace spindle::wasi::p3
