#pragma once

// Files and directories as guests see them: wasi:filesystem without bindings.
//
// A Mount is a directory that a component may use, opened once and shared by all its instances; a
// Descriptor is one guest's handle to a file or directory beneath a mount. Streams made from a
// descriptor keep its file open. Permissions come from the mount: on a read-only one, whatever
// would change anything is NotPermitted.
//
// Operations are synchronous: what components get is small, local and in the page cache. Each is
// bounded: one read or write moves at most kStreamChunkBytesMax, directories are read entry by
// entry.
//
// Only regular files and directories can be opened; devices, FIFOs and sockets are NotPermitted.

#include <sys/stat.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "wasi/core/clocks.h"
#include "wasi/core/fd.h"
#include "wasi/core/file_error.h"
#include "wasi/core/resource.h"
#include "wasi/core/sandbox.h"

namespace spindle::wasi {

// Files, directories and directory streams that one instance may have open at a time.
inline constexpr uint32_t kDescriptorsMax = 512;

enum class Access : uint8_t { ReadOnly, ReadWrite };

struct Mount {
  std::string guest_path;
  Fd directory;
  Access access = Access::ReadOnly;

  static Result<std::shared_ptr<const Mount>> create(const std::string& host_path,
                                                     std::string guest_path, Access access);
};

// Counts what one instance has open.
class DescriptorBudget {
 public:
  explicit DescriptorBudget(uint32_t descriptors_max = kDescriptorsMax)
      : descriptors_max_(descriptors_max) {}
  uint32_t left() const { return left_ ? *left_ : descriptors_max_; }

  class [[nodiscard]] Permit {
   public:
    explicit Permit(std::shared_ptr<uint32_t> left) : left_(std::move(left)) { --*left_; }
    Permit(Permit&& other) noexcept = default;
    Permit& operator=(Permit&&) = delete;
    ~Permit() {
      if (left_) ++*left_;
    }

   private:
    std::shared_ptr<uint32_t> left_;
  };
  // A permit may outlive the budget: a file may be in use by work that ends after the instance.
  // NoLock is not a code for this; ENFILE has none, so it is InsufficientMemory.
  FileResult<Permit> acquire();

 private:
  uint32_t descriptors_max_;
  // Made by the first permit.
  std::shared_ptr<uint32_t> left_;
};

enum class FileType : uint8_t {
  Unknown,
  BlockDevice,
  CharacterDevice,
  Directory,
  Fifo,
  SymbolicLink,
  RegularFile,
  Socket,
};

struct FileStatus {
  FileType type = FileType::Unknown;
  uint64_t link_count = 0;
  uint64_t size = 0;
  WallTime accessed;
  WallTime modified;
  WallTime status_changed;
};

struct MetadataHash {
  uint64_t lower = 0;
  uint64_t upper = 0;
  bool operator==(const MetadataHash&) const = default;
};

struct NewTimestamp {
  enum class Kind : uint8_t { NoChange, Now, Timestamp };
  Kind kind = Kind::NoChange;
  WallTime time;
};

enum class Advice : uint8_t { Normal, Sequential, Random, WillNeed, DontNeed, NoReuse };
enum class FollowLinks : uint8_t { No, Yes };

struct OpenOptions {
  bool create = false;
  bool directory = false;
  bool exclusive = false;
  bool truncate = false;
  bool read = false;
  bool write = false;
  bool mutate_directory = false;
  bool synchronous = false;  // any of the three: refused as Unsupported, as Wasmtime does
};

struct DescriptorRights {
  bool read = false;
  bool write = false;
  bool mutate_directory = false;
  bool operator==(const DescriptorRights&) const = default;
};

struct DirectoryEntry {
  FileType type = FileType::Unknown;
  std::string name;
};

class DirectoryStream final : public HostResource {
 public:
  DirectoryStream(Fd directory, DescriptorBudget::Permit permit);
  ~DirectoryStream() override;
  // Nothing at the end. Names that are not UTF-8 are IllegalByteSequence, one call each.
  FileResult<std::optional<DirectoryEntry>> read();

 private:
  DescriptorBudget::Permit permit_;
  void* entries_;  // DIR
};

// What a descriptor and its streams share.
struct OpenFile {
  Fd fd;
  std::optional<DescriptorBudget::Permit> permit;
  bool is_directory = false;
  Access access = Access::ReadOnly;
  DescriptorRights rights;
};

// Each version of WASI has a resource type of its own, and a class for it; they differ in nothing
// else.
class Descriptor : public HostResource {
 public:
  // A mount, as its root directory; `mount` stays open for as long as the descriptor.
  Descriptor(std::shared_ptr<const Mount> mount, DescriptorBudget& budget);
  Descriptor(std::shared_ptr<OpenFile> file, DescriptorBudget& budget);

  FileResult<std::unique_ptr<InputStream>> read_via_stream(io::EventLoop& loop, uint64_t offset);
  FileResult<std::unique_ptr<OutputStream>> write_via_stream(io::EventLoop& loop, uint64_t offset);
  FileResult<std::unique_ptr<OutputStream>> append_via_stream(io::EventLoop& loop);
  // The same, for streams that are made elsewhere.
  FileResult<std::shared_ptr<OpenFile>> file_to_read() const;
  FileResult<std::shared_ptr<OpenFile>> file_to_write() const;

  FileResult<void> advise(uint64_t offset, uint64_t length, Advice advice);
  FileResult<void> sync_data();
  FileResult<void> sync();
  DescriptorRights rights() const { return file_->rights; }
  FileResult<FileType> type() const;
  FileResult<void> set_size(uint64_t size);
  FileResult<void> set_times(NewTimestamp accessed, NewTimestamp modified);

  struct ReadPart {
    Bytes bytes;
    bool at_end = false;
  };
  FileResult<ReadPart> read(uint64_t length, uint64_t offset);
  FileResult<uint64_t> write(std::span<const uint8_t> bytes, uint64_t offset);
  FileResult<std::unique_ptr<DirectoryStream>> read_directory();

  FileResult<FileStatus> status() const;
  FileResult<FileStatus> status_at(FollowLinks follow, std::string_view path) const;
  FileResult<MetadataHash> metadata_hash() const;
  FileResult<MetadataHash> metadata_hash_at(FollowLinks follow, std::string_view path) const;
  bool is_same_object(const Descriptor& other) const;
  DescriptorBudget& budget() const { return budget_; }

  FileResult<std::unique_ptr<Descriptor>> open_at(FollowLinks follow, std::string_view path,
                                                  OpenOptions options);
  FileResult<std::shared_ptr<OpenFile>> open_file_at(FollowLinks follow, std::string_view path,
                                                     OpenOptions options);
  FileResult<std::string> read_link_at(std::string_view path) const;
  FileResult<void> create_directory_at(std::string_view path);
  FileResult<void> remove_directory_at(std::string_view path);
  FileResult<void> unlink_file_at(std::string_view path);
  FileResult<void> rename_at(std::string_view old_path, Descriptor& new_directory,
                             std::string_view new_path);
  FileResult<void> link_at(FollowLinks follow, std::string_view old_path, Descriptor& new_directory,
                           std::string_view new_path);
  FileResult<void> symlink_at(std::string_view target, std::string_view path);
  struct NewTimes {
    NewTimestamp accessed;
    NewTimestamp modified;
  };
  FileResult<void> set_times_at(FollowLinks follow, std::string_view path, NewTimes times);

 private:
  int fd() const { return mount_ ? mount_->directory.number() : file_->fd.number(); }
  FileResult<void> require_file() const;
  FileResult<void> require_directory() const;
  FileResult<void> require_writable_file() const;
  FileResult<void> require_writable_directory() const;

  std::shared_ptr<const Mount> mount_;
  std::shared_ptr<OpenFile> file_;
  DescriptorBudget& budget_;
};

}  // namespace spindle::wasi
