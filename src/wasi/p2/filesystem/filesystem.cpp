#include "wasi/p2/filesystem/filesystem.h"

namespace spindle::wasi::p2 {

namespace {

// The core's enums have the interface's cases in its order.
static_assert(static_cast<int>(FileErrorCode::CrossDevice) ==
              static_cast<int>(filesystem::ErrorCode::CrossDevice));
static_assert(static_cast<int>(FileErrorCode::Io) == static_cast<int>(filesystem::ErrorCode::Io));
static_assert(static_cast<int>(FileErrorCode::NotPermitted) ==
              static_cast<int>(filesystem::ErrorCode::NotPermitted));
static_assert(static_cast<int>(FileType::Socket) ==
              static_cast<int>(filesystem::DescriptorType::Socket));
static_assert(static_cast<int>(Advice::NoReuse) == static_cast<int>(filesystem::Advice::NoReuse));

filesystem::ErrorCode to_interface(FileErrorCode code) {
  return static_cast<filesystem::ErrorCode>(code);
}

filesystem::DescriptorType to_interface(FileType type) {
  return static_cast<filesystem::DescriptorType>(type);
}

filesystem::DescriptorFlags to_interface(DescriptorRights rights) {
  return {.read = rights.read, .write = rights.write, .mutate_directory = rights.mutate_directory};
}

using Datetime = bindings::wasi::clocks_0_2::wall_clock::Datetime;

// What is older than 1970 is of 1970 for guests.
Datetime to_interface(WallTime time) {
  if (time.seconds < 0) return {};
  return {static_cast<uint64_t>(time.seconds), time.nanoseconds};
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

std::optional<filesystem::DirectoryEntry> to_interface(std::optional<DirectoryEntry> entry) {
  if (!entry) return std::nullopt;
  return filesystem::DirectoryEntry{to_interface(entry->type), std::move(entry->name)};
}

std::tuple<std::vector<uint8_t>, bool> to_interface(Descriptor::ReadPart part) {
  return {std::move(part.bytes), part.at_end};
}

// `T` is the interface's value; the core's is the same or is converted.
template <typename T, typename Core>
Result<std::expected<T, filesystem::ErrorCode>> answer(FileResult<Core> result) {
  using Inner = std::expected<T, filesystem::ErrorCode>;
  if (!result) return Inner(std::unexpected(to_interface(result.error())));
  if constexpr (std::is_void_v<T>) {
    return Inner();
  } else if constexpr (std::is_same_v<T, Core>) {
    return Inner(std::move(*result));
  } else {
    return Inner(to_interface(std::move(*result)));
  }
}

FollowLinks to_core(filesystem::PathFlags flags) {
  return flags.symlink_follow ? FollowLinks::Yes : FollowLinks::No;
}

FileResult<NewTimestamp> to_core(const filesystem::NewTimestamp& timestamp) {
  using Interface = filesystem::NewTimestamp;
  if (std::holds_alternative<Interface::Now>(timestamp.value)) {
    return NewTimestamp{NewTimestamp::Kind::Now, {}};
  }
  const auto* given = std::get_if<Interface::Timestamp>(&timestamp.value);
  if (given == nullptr) return NewTimestamp();
  const auto& [seconds, nanoseconds] = given->value;
  if (!std::in_range<int64_t>(seconds)) return file_error(FileErrorCode::Overflow);
  return NewTimestamp{NewTimestamp::Kind::Timestamp, {static_cast<int64_t>(seconds), nanoseconds}};
}

FileResult<Descriptor::NewTimes> to_core(const filesystem::NewTimestamp& accessed,
                                         const filesystem::NewTimestamp& modified) {
  auto access_time = to_core(accessed);
  if (!access_time) return file_error(access_time.error());
  auto modification_time = to_core(modified);
  if (!modification_time) return file_error(modification_time.error());
  return Descriptor::NewTimes{*access_time, *modification_time};
}

}  // namespace

Result<std::vector<std::tuple<std::unique_ptr<Descriptor>, std::string>>>
PreopensHost::get_directories() {
  std::vector<std::tuple<std::unique_ptr<Descriptor>, std::string>> directories;
  for (const auto& mount : guest_.mounts) {
    directories.emplace_back(std::make_unique<Descriptor>(mount, budget_), mount->guest_path);
  }
  return directories;
}

FilesystemHost::Answer<std::unique_ptr<InputStream>> FilesystemHost::descriptor_read_via_stream(
    Descriptor& self, uint64_t offset) {
  return answer<std::unique_ptr<InputStream>>(self.read_via_stream(loop_, offset));
}

FilesystemHost::Answer<std::unique_ptr<OutputStream>> FilesystemHost::descriptor_write_via_stream(
    Descriptor& self, uint64_t offset) {
  return answer<std::unique_ptr<OutputStream>>(self.write_via_stream(loop_, offset));
}

FilesystemHost::Answer<std::unique_ptr<OutputStream>> FilesystemHost::descriptor_append_via_stream(
    Descriptor& self) {
  return answer<std::unique_ptr<OutputStream>>(self.append_via_stream(loop_));
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
  return std::expected<filesystem::DescriptorFlags, filesystem::ErrorCode>(
      to_interface(self.rights()));
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
  auto times = to_core(data_access_timestamp, data_modification_timestamp);
  if (!times) return answer<void>(FileResult<void>(file_error(times.error())));
  return answer<void>(self.set_times(times->accessed, times->modified));
}

FilesystemHost::Answer<std::tuple<std::vector<uint8_t>, bool>> FilesystemHost::descriptor_read(
    Descriptor& self, uint64_t length, uint64_t offset) {
  return answer<std::tuple<std::vector<uint8_t>, bool>>(self.read(length, offset));
}

FilesystemHost::Answer<uint64_t> FilesystemHost::descriptor_write(Descriptor& self,
                                                                  std::span<const uint8_t> buffer,
                                                                  uint64_t offset) {
  return answer<uint64_t>(self.write(buffer, offset));
}

FilesystemHost::Answer<std::unique_ptr<DirectoryStream>> FilesystemHost::descriptor_read_directory(
    Descriptor& self) {
  return answer<std::unique_ptr<DirectoryStream>>(self.read_directory());
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
  auto times = to_core(data_access_timestamp, data_modification_timestamp);
  if (!times) return answer<void>(FileResult<void>(file_error(times.error())));
  return answer<void>(self.set_times_at(to_core(path_flags), path, *times));
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
  return answer<std::unique_ptr<Descriptor>>(self.open_at(to_core(path_flags), path, options));
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

Result<bool> FilesystemHost::descriptor_is_same_object(Descriptor& self, Descriptor& other) {
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

FilesystemHost::Answer<std::optional<filesystem::DirectoryEntry>>
FilesystemHost::directory_entry_stream_read_directory_entry(DirectoryStream& self) {
  return answer<std::optional<filesystem::DirectoryEntry>>(self.read());
}

Result<std::optional<filesystem::ErrorCode>> FilesystemHost::filesystem_error_code(IoError& err) {
  std::optional<filesystem::ErrorCode> code;
  const auto* file_error = dynamic_cast<const FileIoError*>(&err);
  if (file_error != nullptr) code = to_interface(file_error->code());
  return code;
}

}  // namespace spindle::wasi::p2
