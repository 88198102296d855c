#include "runtime/mounts.h"

namespace spindle::runtime {

Result<std::vector<std::shared_ptr<const wasi::Mount>>> make_mounts(
    const app::LockedComponent& component, wasi::Access access) {
  std::vector<std::shared_ptr<const wasi::Mount>> mounts;
  for (const auto& file : component.files) {
    auto host_path = file.content.path();
    if (!host_path) return Error::not_supported("mounts from anything but local directories");
    auto mount = TRY(wasi::Mount::create(*host_path, file.path, access));
    mounts.push_back(std::move(mount));
  }
  return mounts;
}

}  // namespace spindle::runtime
