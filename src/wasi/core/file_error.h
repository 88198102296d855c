#pragma once

// Error codes of wasi:filesystem, in the order of its error-code enum, and how the system's errors
// become them. What has no code of its own is `Io`.

#include <cstdint>
#include <expected>
#include <string>

#include "wasi/core/streams.h"

namespace spindle::wasi {

enum class FileErrorCode : uint8_t {
  Access,
  WouldBlock,
  Already,
  BadDescriptor,
  Busy,
  Deadlock,
  Quota,
  Exist,
  FileTooLarge,
  IllegalByteSequence,
  InProgress,
  Interrupted,
  Invalid,
  Io,
  IsDirectory,
  Loop,
  TooManyLinks,
  MessageSize,
  NameTooLong,
  NoDevice,
  NoEntry,
  NoLock,
  InsufficientMemory,
  InsufficientSpace,
  NotDirectory,
  NotEmpty,
  NotRecoverable,
  Unsupported,
  NoTty,
  NoSuchDevice,
  Overflow,
  NotPermitted,
  Pipe,
  ReadOnly,
  InvalidSeek,
  TextFileBusy,
  CrossDevice,
};

template <typename T>
using FileResult = std::expected<T, FileErrorCode>;

FileErrorCode file_error_from_errno(int number);
// From errno.
std::unexpected<FileErrorCode> last_file_error();
std::unexpected<FileErrorCode> file_error(FileErrorCode code);

// What a file stream fails with; filesystem-error-code reads the code back.
class FileIoError final : public IoError {
 public:
  FileIoError(std::string message, FileErrorCode code) : IoError(std::move(message)), code_(code) {}
  FileErrorCode code() const { return code_; }

 private:
  FileErrorCode code_;
};

}  // namespace spindle::wasi
