#include "wasi/core/files.h"

#include <dirent.h>
#include <fcntl.h>

#include <cerrno>
#include <limits>

#include <fmt/format.h>

#include "base/utf8.h"
#include "wasi/core/file_streams.h"

namespace spindle::wasi {

namespace {

FileType file_type(mode_t mode) {
  if (S_ISREG(mode)) return FileType::RegularFile;
  if (S_ISDIR(mode)) return FileType::Directory;
  if (S_ISLNK(mode)) return FileType::SymbolicLink;
  if (S_ISBLK(mode)) return FileType::BlockDevice;
  if (S_ISCHR(mode)) return FileType::CharacterDevice;
  if (S_ISFIFO(mode)) return FileType::Fifo;
  if (S_ISSOCK(mode)) return FileType::Socket;
  return FileType::Unknown;
}

WallTime wall_time(const timespec& time) {
  return {time.tv_sec, static_cast<uint32_t>(time.tv_nsec)};
}

FileResult<struct stat> status_of(int fd) {
  struct stat status{};
  if (fstat(fd, &status) != 0) return last_file_error();
  return status;
}

FileStatus to_file_status(const struct stat& status) {
  return {
      file_type(status.st_mode), status.st_nlink,           static_cast<uint64_t>(status.st_size),
      wall_time(status.st_atim), wall_time(status.st_mtim), wall_time(status.st_ctim)};
}

uint64_t mix(uint64_t word) {
  word = (word ^ (word >> 30)) * 0xbf58476d1ce4e5b9;
  word = (word ^ (word >> 27)) * 0x94d049bb133111eb;
  return word ^ (word >> 31);
}

// Says which object it is, without telling its numbers on the host.
MetadataHash hash_identity(const struct stat& status) {
  uint64_t lower = mix(mix(status.st_dev + 0x9e3779b97f4a7c15) ^ status.st_ino);
  return {lower, mix(lower + status.st_ino)};
}

FileResult<Fd> open_for_status(int directory, FollowLinks follow, std::string_view path) {
  int flags = O_PATH | (follow == FollowLinks::Yes ? 0 : O_NOFOLLOW);
  return open_beneath(directory, path, {flags});
}

FileResult<timespec> to_timespec(NewTimestamp timestamp) {
  switch (timestamp.kind) {
    case NewTimestamp::Kind::NoChange: return timespec{0, UTIME_OMIT};
    case NewTimestamp::Kind::Now: return timespec{0, UTIME_NOW};
    case NewTimestamp::Kind::Timestamp: break;
  }
  if (timestamp.time.nanoseconds >= 1'000'000'000) return file_error(FileErrorCode::Invalid);
  return timespec{timestamp.time.seconds, static_cast<long>(timestamp.time.nanoseconds)};
}

// Of what `fd` refers to, which may be open with O_PATH and may be a symbolic link.
FileResult<void> set_times_of(int fd, NewTimestamp accessed, NewTimestamp modified) {
  auto access_time = to_timespec(accessed);
  if (!access_time) return file_error(access_time.error());
  auto modification_time = to_timespec(modified);
  if (!modification_time) return file_error(modification_time.error());
  timespec times[] = {*access_time, *modification_time};
  if (utimensat(fd, "", times, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW) != 0) return last_file_error();
  return {};
}

FileResult<void> to_file_result(int outcome) {
  if (outcome != 0) return last_file_error();
  return {};
}

int open_flags(FollowLinks follow, OpenOptions options) {
  bool writes = options.write || options.create || options.truncate;
  bool reads = options.read || !options.write;
  int flags = writes ? (reads ? O_RDWR : O_WRONLY) : O_RDONLY;
  if (options.create) flags |= O_CREAT;
  if (options.create && options.exclusive) flags |= O_EXCL;
  if (options.truncate) flags |= O_TRUNC;
  if (options.directory) flags |= O_DIRECTORY;
  if (follow == FollowLinks::No) flags |= O_NOFOLLOW;
  return flags;
}

}  // namespace

Result<std::shared_ptr<const Mount>> Mount::create(const std::string& host_path,
                                                   std::string guest_path, Access access) {
  Fd directory(open(host_path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!directory.is_open()) {
    return Error::from_errno(errno, fmt::format("opening directory {}", host_path));
  }
  Mount mount{std::move(guest_path), std::move(directory), access};
  return std::shared_ptr<const Mount>(std::make_shared<Mount>(std::move(mount)));
}

FileResult<DescriptorBudget::Permit> DescriptorBudget::acquire() {
  if (left() == 0) return file_error(FileErrorCode::InsufficientMemory);
  if (!left_) left_ = std::make_shared<uint32_t>(descriptors_max_);
  return Permit(left_);
}

DirectoryStream::DirectoryStream(Fd directory, DescriptorBudget::Permit permit)
    : permit_(std::move(permit)), entries_(fdopendir(directory.number())) {
  if (entries_ != nullptr) directory.release();
}

DirectoryStream::~DirectoryStream() {
  if (entries_ != nullptr) closedir(static_cast<DIR*>(entries_));
}

FileResult<std::optional<DirectoryEntry>> DirectoryStream::read() {
  if (entries_ == nullptr) return file_error(FileErrorCode::Io);
  while (true) {
    errno = 0;
    const dirent* entry = readdir(static_cast<DIR*>(entries_));
    if (entry == nullptr && errno != 0) return last_file_error();
    if (entry == nullptr) return std::optional<DirectoryEntry>();
    std::string_view name(entry->d_name);
    if (name == "." || name == "..") continue;
    if (!is_valid_utf8(name)) return file_error(FileErrorCode::IllegalByteSequence);
    return DirectoryEntry{file_type(DTTOIF(entry->d_type)), std::string(name)};
  }
}

Descriptor::Descriptor(std::shared_ptr<const Mount> mount, DescriptorBudget& budget)
    : mount_(std::move(mount)), file_(std::make_shared<OpenFile>()), budget_(budget) {
  file_->is_directory = true;
  file_->access = mount_->access;
  file_->rights = {.read = true, .mutate_directory = mount_->access == Access::ReadWrite};
}

Descriptor::Descriptor(std::shared_ptr<OpenFile> file, DescriptorBudget& budget)
    : file_(std::move(file)), budget_(budget) {}

FileResult<void> Descriptor::require_file() const {
  if (file_->is_directory) return file_error(FileErrorCode::BadDescriptor);
  return {};
}

FileResult<void> Descriptor::require_directory() const {
  if (!file_->is_directory) return file_error(FileErrorCode::NotDirectory);
  return {};
}

FileResult<void> Descriptor::require_writable_file() const {
  auto file = require_file();
  if (file && file_->access == Access::ReadOnly) return file_error(FileErrorCode::NotPermitted);
  return file;
}

FileResult<void> Descriptor::require_writable_directory() const {
  auto directory = require_directory();
  if (directory && file_->access == Access::ReadOnly) {
    return file_error(FileErrorCode::NotPermitted);
  }
  return directory;
}

FileResult<std::unique_ptr<InputStream>> Descriptor::read_via_stream(io::EventLoop& loop,
                                                                     uint64_t offset) {
  auto file = file_to_read();
  if (!file) return file_error(file.error());
  return std::make_unique<FileInputStream>(loop, std::move(*file), offset);
}

FileResult<std::unique_ptr<OutputStream>> Descriptor::write_via_stream(io::EventLoop& loop,
                                                                       uint64_t offset) {
  auto file = file_to_write();
  if (!file) return file_error(file.error());
  return std::make_unique<FileOutputStream>(loop, std::move(*file), offset);
}

FileResult<std::unique_ptr<OutputStream>> Descriptor::append_via_stream(io::EventLoop& loop) {
  auto file = file_to_write();
  if (!file) return file_error(file.error());
  return std::make_unique<FileOutputStream>(loop, std::move(*file), std::nullopt);
}

FileResult<std::shared_ptr<OpenFile>> Descriptor::file_to_read() const {
  if (file_->is_directory) return file_error(FileErrorCode::IsDirectory);
  return file_;
}

FileResult<std::shared_ptr<OpenFile>> Descriptor::file_to_write() const {
  auto allowed = require_writable_file();
  if (!allowed) return file_error(allowed.error());
  return file_;
}

FileResult<void> Descriptor::advise(uint64_t offset, uint64_t length, Advice advice) {
  auto allowed = require_file();
  if (!allowed) return allowed;
  constexpr int kAdvices[] = {POSIX_FADV_NORMAL,   POSIX_FADV_SEQUENTIAL, POSIX_FADV_RANDOM,
                              POSIX_FADV_WILLNEED, POSIX_FADV_DONTNEED,   POSIX_FADV_NOREUSE};
  int failed = posix_fadvise(fd(), static_cast<off_t>(offset), static_cast<off_t>(length),
                             kAdvices[static_cast<size_t>(advice)]);
  if (failed != 0) return file_error(file_error_from_errno(failed));
  return {};
}

FileResult<void> Descriptor::sync_data() {
  // Nothing that this guest wrote can be under way.
  if (file_->access == Access::ReadOnly || file_->is_directory) return {};
  return to_file_result(fdatasync(fd()));
}

FileResult<void> Descriptor::sync() {
  if (file_->access == Access::ReadOnly || file_->is_directory) return {};
  return to_file_result(fsync(fd()));
}

FileResult<FileType> Descriptor::type() const {
  if (file_->is_directory) return FileType::Directory;
  auto status = status_of(fd());
  if (!status) return file_error(status.error());
  return file_type(status->st_mode);
}

FileResult<void> Descriptor::set_size(uint64_t size) {
  auto allowed = require_writable_file();
  if (!allowed) return allowed;
  if (size > static_cast<uint64_t>(std::numeric_limits<off_t>::max())) {
    return file_error(FileErrorCode::FileTooLarge);
  }
  return to_file_result(ftruncate(fd(), static_cast<off_t>(size)));
}

FileResult<void> Descriptor::set_times(NewTimestamp accessed, NewTimestamp modified) {
  if (file_->access == Access::ReadOnly) return file_error(FileErrorCode::NotPermitted);
  return set_times_of(fd(), accessed, modified);
}

FileResult<void> Descriptor::set_times_at(FollowLinks follow, std::string_view path,
                                          NewTimes times) {
  auto allowed = require_writable_directory();
  if (!allowed) return allowed;
  auto opened = open_for_status(fd(), follow, path);
  if (!opened) return file_error(opened.error());
  return set_times_of(opened->number(), times.accessed, times.modified);
}

FileResult<Descriptor::ReadPart> Descriptor::read(uint64_t length, uint64_t offset) {
  auto allowed = require_file();
  if (!allowed) return file_error(allowed.error());
  auto bytes = read_file_at(fd(), length, offset);
  if (!bytes) return file_error(bytes.error());
  bool at_end = bytes->empty();
  return ReadPart{std::move(*bytes), at_end};
}

FileResult<uint64_t> Descriptor::write(std::span<const uint8_t> bytes, uint64_t offset) {
  auto allowed = require_writable_file();
  if (!allowed) return file_error(allowed.error());
  return write_file_at(fd(), bytes, offset);
}

FileResult<std::unique_ptr<DirectoryStream>> Descriptor::read_directory() {
  auto allowed = require_directory();
  if (!allowed) return file_error(allowed.error());
  auto permit = budget_.acquire();
  if (!permit) return file_error(permit.error());
  auto directory = open_beneath(fd(), ".", {O_RDONLY | O_DIRECTORY});
  if (!directory) return file_error(directory.error());
  return std::make_unique<DirectoryStream>(std::move(*directory), std::move(*permit));
}

FileResult<FileStatus> Descriptor::status() const {
  auto status = status_of(fd());
  if (!status) return file_error(status.error());
  return to_file_status(*status);
}

FileResult<FileStatus> Descriptor::status_at(FollowLinks follow, std::string_view path) const {
  auto allowed = require_directory();
  if (!allowed) return file_error(allowed.error());
  auto opened = open_for_status(fd(), follow, path);
  if (!opened) return file_error(opened.error());
  auto status = status_of(opened->number());
  if (!status) return file_error(status.error());
  return to_file_status(*status);
}

FileResult<MetadataHash> Descriptor::metadata_hash() const {
  auto status = status_of(fd());
  if (!status) return file_error(status.error());
  return hash_identity(*status);
}

FileResult<MetadataHash> Descriptor::metadata_hash_at(FollowLinks follow,
                                                      std::string_view path) const {
  auto allowed = require_directory();
  if (!allowed) return file_error(allowed.error());
  auto opened = open_for_status(fd(), follow, path);
  if (!opened) return file_error(opened.error());
  auto status = status_of(opened->number());
  if (!status) return file_error(status.error());
  return hash_identity(*status);
}

bool Descriptor::is_same_object(const Descriptor& other) const {
  auto ours = status_of(fd());
  auto theirs = status_of(other.fd());
  return ours && theirs && ours->st_dev == theirs->st_dev && ours->st_ino == theirs->st_ino;
}

FileResult<std::unique_ptr<Descriptor>> Descriptor::open_at(FollowLinks follow,
                                                            std::string_view path,
                                                            OpenOptions options) {
  auto file = open_file_at(follow, path, options);
  if (!file) return file_error(file.error());
  return std::make_unique<Descriptor>(std::move(*file), budget_);
}

FileResult<std::shared_ptr<OpenFile>> Descriptor::open_file_at(FollowLinks follow,
                                                               std::string_view path,
                                                               OpenOptions options) {
  auto allowed = require_directory();
  if (!allowed) return file_error(allowed.error());
  if (options.synchronous) return file_error(FileErrorCode::Unsupported);
  if (options.directory && (options.create || options.exclusive || options.truncate)) {
    return file_error(FileErrorCode::Invalid);
  }
  bool writes = options.write || options.create || options.truncate;
  if (writes && file_->access == Access::ReadOnly) return file_error(FileErrorCode::NotPermitted);
  auto permit = budget_.acquire();
  if (!permit) return file_error(permit.error());
  auto opened = open_beneath(fd(), path, {open_flags(follow, options), 0666});
  if (!opened) return file_error(opened.error());
  auto status = status_of(opened->number());
  if (!status) return file_error(status.error());
  bool is_directory = S_ISDIR(status->st_mode);
  if (!is_directory && !S_ISREG(status->st_mode)) return file_error(FileErrorCode::NotPermitted);
  auto file = std::make_shared<OpenFile>();
  file->fd = std::move(*opened);
  file->permit.emplace(std::move(*permit));
  file->is_directory = is_directory;
  file->access = file_->access;
  bool mutates = is_directory && options.mutate_directory && file_->access == Access::ReadWrite;
  file->rights = {.read = options.read || !options.write,
                  .write = writes && !is_directory,
                  .mutate_directory = mutates};
  return file;
}

}  // namespace spindle::wasi
