#include "component/host/typed_export.h"

namespace spindle::component {

ExportValues::~ExportValues() = default;
ExportCaller::~ExportCaller() = default;

Result<void> ExportCaller::mention(std::span<const TransferId>) {
  return Error::not_supported("a function with streams or futures cannot be called here");
}

io::Task<Result<void>> ExportCaller::run_task(std::shared_ptr<ExportValues>) {
  co_return Error::not_supported("an asynchronous function cannot be called here");
}

}  // namespace spindle::component
