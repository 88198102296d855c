#pragma once

// wasi:filesystem@0.3: types, preopens.
//
// Works:   every function, on the directories that the component's mounts give. Paths never leave
//          their mount (wasi/core/sandbox.h); error codes are Wasmtime's. Reading, writing and
//          appending go on in the background while the guest has the other end of the stream, in
//          constant memory; a file stays open until its streams are done with it.
// Refused: on a read-only mount every change is `not-permitted`; synchronized I/O flags are
//          `unsupported`; hard links that follow symbolic links are `invalid`; paths, and links,
//          that lead outside are `not-permitted`; more open files than the limit are
//          `insufficient-memory`.
// Differs: devices, FIFOs and sockets cannot be opened (`not-permitted`); sync is a no-op where the
//          guest cannot have written. Async functions are done when they return: what components
//          get is small, local and in the page cache.

#include "bindings/wasi/filesystem_0_3/preopens.h"
#include "bindings/wasi/filesystem_0_3/types.h"
#include "wasi/core/instance_state.h"
#include "wasi/p3/filesystem/descriptor.h"

namespace spindle::wasi::p3 {

namespace filesystem = bindings::wasi::filesystem_0_3::types;
namespace preopens = bindings::wasi::filesystem_0_3::preopens;

using FileOutcome = std::expected<void, filesystem::ErrorCode>;

// The most entries of a directory in one step.
inline constexpr size_t kEntriesPerStep = 256;

filesystem::ErrorCode to_interface(FileErrorCode code);

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
  FilesystemHost(io::EventLoop& loop, InstanceState& instance) : loop_(loop), instance_(instance) {}

  template <typename T>
  using Answer = io::Eventual<std::expected<T, filesystem::ErrorCode>>;

  Result<std::tuple<component::Stream<uint8_t>, component::Future<FileOutcome>>>
  descriptor_read_via_stream(Descriptor& self, uint64_t offset) override;
  Result<component::Future<FileOutcome>> descriptor_write_via_stream(
      Descriptor& self, component::Stream<uint8_t> data, uint64_t offset) override;
  Result<component::Future<FileOutcome>> descriptor_append_via_stream(
      Descriptor& self, component::Stream<uint8_t> data) override;
  Answer<void> descriptor_advise(Descriptor& self, uint64_t offset, uint64_t length,
                                 filesystem::Advice advice) override;
  Answer<void> descriptor_sync_data(Descriptor& self) override;
  Answer<filesystem::DescriptorFlags> descriptor_get_flags(Descriptor& self) override;
  Answer<filesystem::DescriptorType> descriptor_get_type(Descriptor& self) override;
  Answer<void> descriptor_set_size(Descriptor& self, uint64_t size) override;
  Answer<void> descriptor_set_times(
      Descriptor& self, const filesystem::NewTimestamp& data_access_timestamp,
      const filesystem::NewTimestamp& data_modification_timestamp) override;
  Result<std::tuple<component::Stream<filesystem::DirectoryEntry>, component::Future<FileOutcome>>>
  descriptor_read_directory(Descriptor& self) override;
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
  io::Eventual<bool> descriptor_is_same_object(Descriptor& self, Descriptor& other) override;
  Answer<filesystem::MetadataHashValue> descriptor_metadata_hash(Descriptor& self) override;
  Answer<filesystem::MetadataHashValue> descriptor_metadata_hash_at(
      Descriptor& self, filesystem::PathFlags path_flags, std::string_view path) override;

 private:
  io::EventLoop& loop_;
  InstanceState& instance_;
};

}  // namespace spindle::wasi::p3
