#include "host/inbound_http.h"

#include "bindings/fermyon/spin/http_types_abi.h"

namespace spindle::host {

io::Task<Result<InboundHttpResponse>> call_inbound_http(component::ExportCaller& caller,
                                                        InboundHttpRequest request) {
  return InboundHttpExport::call_async(caller, std::move(request));
}

}  // namespace spindle::host
