#include "wasi/core/file_error.h"

#include <cerrno>

namespace spindle::wasi {

FileErrorCode file_error_from_errno(int number) {
  switch (number) {
    case EACCES: return FileErrorCode::Access;
    case EAGAIN: return FileErrorCode::WouldBlock;
    case EALREADY: return FileErrorCode::Already;
    case EBADF: return FileErrorCode::BadDescriptor;
    case EBUSY: return FileErrorCode::Busy;
    case EDEADLK: return FileErrorCode::Deadlock;
    case EDQUOT: return FileErrorCode::Quota;
    case EEXIST: return FileErrorCode::Exist;
    case EFBIG: return FileErrorCode::FileTooLarge;
    case EILSEQ: return FileErrorCode::IllegalByteSequence;
    case EINPROGRESS: return FileErrorCode::InProgress;
    case EINTR: return FileErrorCode::Interrupted;
    case EINVAL: return FileErrorCode::Invalid;
    case EISDIR: return FileErrorCode::IsDirectory;
    case ELOOP: return FileErrorCode::Loop;
    case EMLINK: return FileErrorCode::TooManyLinks;
    case ENAMETOOLONG: return FileErrorCode::NameTooLong;
    case ENODEV: return FileErrorCode::NoDevice;
    case ENOENT: return FileErrorCode::NoEntry;
    case ENOLCK: return FileErrorCode::NoLock;
    case ENOMEM: return FileErrorCode::InsufficientMemory;
    case ENOSPC: return FileErrorCode::InsufficientSpace;
    case ENOTDIR: return FileErrorCode::NotDirectory;
    case ENOTEMPTY: return FileErrorCode::NotEmpty;
    case ENOTRECOVERABLE: return FileErrorCode::NotRecoverable;
    case ENOSYS:
    case EOPNOTSUPP: return FileErrorCode::Unsupported;
    case ENOTTY: return FileErrorCode::NoTty;
    case ENXIO: return FileErrorCode::NoSuchDevice;
    case EOVERFLOW: return FileErrorCode::Overflow;
    case EPERM: return FileErrorCode::NotPermitted;
    case EPIPE: return FileErrorCode::Pipe;
    case EROFS: return FileErrorCode::ReadOnly;
    case ESPIPE: return FileErrorCode::InvalidSeek;
    case ETXTBSY: return FileErrorCode::TextFileBusy;
    // Within one sandbox: a path that leads outside, or two preopens on different devices.
    case EXDEV: return FileErrorCode::NotPermitted;
    default: return FileErrorCode::Io;
  }
}

std::unexpected<FileErrorCode> last_file_error() {
  return std::unexpected(file_error_from_errno(errno));
}

std::unexpected<FileErrorCode> file_error(FileErrorCode code) {
  return std::unexpected(code);
}

}  // namespace spindle::wasi
