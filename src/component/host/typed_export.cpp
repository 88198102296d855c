#include "component/host/typed_export.h"

namespace spindle::component {

ExportCaller::~ExportCaller() = default;

}  // namespace spindle::component
