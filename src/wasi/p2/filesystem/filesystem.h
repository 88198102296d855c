#pragma once

// wasi:filesystem@0.2: types, preopens.
//
// Works:   every function, on the directories that the component's mounts give. Paths never leave
//          their mount (wasi/core/sandbox.h); error codes are Wasmtime's.
// Refused: on a read-only mount every change is `not-permitted`; synchronized I/O flags are
//          `unsupported`; hard links that follow symbolic links are `invalid`; paths, and links,
//          that lead outside are `not-permitted`; more open files than the limit are
//          `insufficient-memory`.
// Differs: devices, FIFOs and sockets cannot be opened (`not-permitted`); sync is a no-op where the
//          guest cannot have written; status-change-timestamp is the time of the last change, not
//          of creation.

#include "bindings/wasi/filesystem_0_2/preopens.h"
#include "bindings/wasi/filesystem_0_2/types.h"
#include "wasi/core/guest_environment.h"

namespace spindle::wasi::p2 {

namespace filesystem = bindings::wasi::filesystem_0_2::types;
namespace preopens = bindings::wasi::filesystem_0_2::preopens;

class PreopensHost final : public preopens::Host {
 public:
  PreopensHost(const GuestEnvironment& guest, DescriptorBudget& budget)
      : guest_(guest), budget_(budget) {}
  Result<std::vector<std::tuple<std::unique_ptr<Descriptor>, std::string>>> get_directories()
      override;

 private:
  const GuestEnvironment& guest_;
  DescriptorBudget& budget_;
};

class FilesystemHost final : public filesystem::Host {
 public:
  explicit FilesystemHost(io::EventLoop& loop) : loop_(loop) {}

  template <typename T>
  using Answer = Result<std::expected<T, filesystem::ErrorCode>>;

  Answer<std::unique_ptr<InputStream>> descriptor_read_via_stream(Descriptor& self,
                                                                  uint64_t offset) override;
  Answer<std::unique_ptr<OutputStream>> descriptor_write_via_stream(Descriptor& self,
                                                                    uint64_t offset) override;
  Answer<std::unique_ptr<OutputStream>> descriptor_append_via_stream(Descriptor& self) override;
  Answer<void> descriptor_advise(Descriptor& self, uint64_t offset, uint64_t length,
                                 filesystem::Advice advice) override;
  Answer<void> descriptor_sync_data(Descriptor& self) override;
  Answer<filesystem::DescriptorFlags> descriptor_get_flags(Descriptor& self) override;
  Answer<filesystem::DescriptorType> descriptor_get_type(Descriptor& self) override;
  Answer<void> descriptor_set_size(Descriptor& self, uint64_t size) override;
  Answer<void> descriptor_set_times(
      Descriptor& self, const filesystem::NewTimestamp& data_access_timestamp,
      const filesystem::NewTimestamp& data_modification_timestamp) override;
  Answer<std::tuple<std::vector<uint8_t>, bool>> descriptor_read(Descriptor& self, uint64_t length,
                                                                 uint64_t offset) override;
  Answer<uint64_t> descriptor_write(Descriptor& self, std::span<const uint8_t> buffer,
                                    uint64_t offset) override;
  Answer<std::unique_ptr<DirectoryStream>> descriptor_read_directory(Descriptor& self) override;
  Answer<void> descriptor_sync(Descriptor& self) override;
  Answer<void> descriptor_create_directory_at(Descriptor& self, std::string_view path) override;
  Answer<filesystem::DescriptorStat> descriptor_stat(Descriptor& self) override;
  Answer<filesystem::DescriptorStat> descriptor_stat_at(Descriptor& self,
                                                        filesystem::PathFlags path_flags,
                                                        std::string_view path) override;
  Answer<void> descriptor_set_times_at(
      Descriptor& self, filesystem::PathFlags path_flags, std::string_view path,
      const filesystem::NewTimestamp& data_access_timestamp,
      const filesystem::NewTimestamp& data_modification_timestamp) override;
  Answer<void> descriptor_link_at(Descriptor& self, filesystem::PathFlags old_path_flags,
                                  std::string_view old_path, Descriptor& new_descriptor,
                                  std::string_view new_path) override;
  Answer<std::unique_ptr<Descriptor>> descriptor_open_at(
      Descriptor& self, filesystem::PathFlags path_flags, std::string_view path,
      filesystem::OpenFlags open_flags, filesystem::DescriptorFlags flags) override;
  Answer<std::string> descriptor_readlink_at(Descriptor& self, std::string_view path) override;
  Answer<void> descriptor_remove_directory_at(Descriptor& self, std::string_view path) override;
  Answer<void> descriptor_rename_at(Descriptor& self, std::string_view old_path,
                                    Descriptor& new_descriptor, std::string_view new_path) override;
  Answer<void> descriptor_symlink_at(Descriptor& self, std::string_view old_path,
                                     std::string_view new_path) override;
  Answer<void> descriptor_unlink_file_at(Descriptor& self, std::string_view path) override;
  Result<bool> descriptor_is_same_object(Descriptor& self, Descriptor& other) override;
  Answer<filesystem::MetadataHashValue> descriptor_metadata_hash(Descriptor& self) override;
  Answer<filesystem::MetadataHashValue> descriptor_metadata_hash_at(
      Descriptor& self, filesystem::PathFlags path_flags, std::string_view path) override;
  Answer<std::optional<filesystem::DirectoryEntry>> directory_entry_stream_read_directory_entry(
      DirectoryStream& self) override;
  Result<std::optional<filesystem::ErrorCode>> filesystem_error_code(IoError& err) override;

 private:
  io::EventLoop& loop_;
};

}  // namespace spindle::wasi::p2
