// Descriptor: the operations that change or read directory entries.

#include <fcntl.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>

#include "base/utf8.h"
#include "wasi/core/files.h"

namespace spindle::wasi {

namespace {

FileResult<void> to_file_result(int outcome) {
  if (outcome != 0) return last_file_error();
  return {};
}

}  // namespace

FileResult<std::string> Descriptor::read_link_at(std::string_view path) const {
  auto allowed = require_directory();
  if (!allowed) return file_error(allowed.error());
  auto link = open_beneath(fd(), path, {O_PATH | O_NOFOLLOW});
  if (!link) return file_error(link.error());
  std::array<char, kPathBytesMax + 1> target{};
  ssize_t length = readlinkat(link->number(), "", target.data(), target.size());
  // With an empty path the system says ENOENT for what is not a link.
  if (length < 0 && errno == ENOENT) return file_error(FileErrorCode::Invalid);
  if (length < 0) return last_file_error();
  std::string text(target.data(), static_cast<size_t>(length));
  // Where an absolute target leads is the host's business.
  if (text.starts_with('/')) return file_error(FileErrorCode::NotPermitted);
  if (!is_valid_utf8(text)) return file_error(FileErrorCode::IllegalByteSequence);
  return text;
}

FileResult<void> Descriptor::create_directory_at(std::string_view path) {
  auto allowed = require_writable_directory();
  if (!allowed) return allowed;
  auto entry = open_parent_beneath(fd(), path, FileErrorCode::Exist);
  if (!entry) return file_error(entry.error());
  return to_file_result(mkdirat(entry->parent.number(), entry->name.c_str(), 0777));
}

FileResult<void> Descriptor::remove_directory_at(std::string_view path) {
  auto allowed = require_writable_directory();
  if (!allowed) return allowed;
  auto entry = open_parent_beneath(fd(), path, FileErrorCode::Invalid);
  if (!entry) return file_error(entry.error());
  return to_file_result(unlinkat(entry->parent.number(), entry->name.c_str(), AT_REMOVEDIR));
}

FileResult<void> Descriptor::unlink_file_at(std::string_view path) {
  auto allowed = require_writable_directory();
  if (!allowed) return allowed;
  auto entry = open_parent_beneath(fd(), path, FileErrorCode::IsDirectory);
  if (!entry) return file_error(entry.error());
  return to_file_result(unlinkat(entry->parent.number(), entry->name.c_str(), 0));
}

FileResult<void> Descriptor::rename_at(std::string_view old_path, Descriptor& new_directory,
                                       std::string_view new_path) {
  auto allowed = require_writable_directory();
  if (!allowed) return allowed;
  auto target_allowed = new_directory.require_writable_directory();
  if (!target_allowed) return target_allowed;
  auto from = open_parent_beneath(fd(), old_path, FileErrorCode::Busy);
  if (!from) return file_error(from.error());
  auto to = open_parent_beneath(new_directory.fd(), new_path, FileErrorCode::Busy);
  if (!to) return file_error(to.error());
  return to_file_result(
      renameat(from->parent.number(), from->name.c_str(), to->parent.number(), to->name.c_str()));
}

FileResult<void> Descriptor::link_at(FollowLinks follow, std::string_view old_path,
                                     Descriptor& new_directory, std::string_view new_path) {
  auto allowed = require_writable_directory();
  if (!allowed) return allowed;
  auto target_allowed = new_directory.require_writable_directory();
  if (!target_allowed) return target_allowed;
  if (follow == FollowLinks::Yes) return file_error(FileErrorCode::Invalid);
  auto from = open_parent_beneath(fd(), old_path, FileErrorCode::NotPermitted);
  if (!from) return file_error(from.error());
  // The system would follow a link that ends in a slash.
  if (from->name.ends_with('/')) return file_error(FileErrorCode::NotDirectory);
  auto to = open_parent_beneath(new_directory.fd(), new_path, FileErrorCode::Exist);
  if (!to) return file_error(to.error());
  return to_file_result(
      linkat(from->parent.number(), from->name.c_str(), to->parent.number(), to->name.c_str(), 0));
}

FileResult<void> Descriptor::symlink_at(std::string_view target, std::string_view path) {
  auto allowed = require_writable_directory();
  if (!allowed) return allowed;
  if (target.starts_with('/')) return file_error(FileErrorCode::NotPermitted);
  if (target.size() > kPathBytesMax) return file_error(FileErrorCode::NameTooLong);
  if (target.find('\0') != std::string_view::npos) return file_error(FileErrorCode::Invalid);
  auto entry = open_parent_beneath(fd(), path, FileErrorCode::Exist);
  if (!entry) return file_error(entry.error());
  std::string copied(target);
  return to_file_result(symlinkat(copied.c_str(), entry->parent.number(), entry->name.c_str()));
}

}  // namespace spindle::wasi
