#pragma once

// fermyon:spin/inbound-http: how guests of Spin 0.x and 1.x are called for a request. One function
// takes the whole request and returns the whole response; no body streams.
//
//   auto lift = prepared.find_function(kInboundHttpInterface, kInboundHttpFunction);
//   auto answering = call_inbound_http(caller, request);
//   Result<InboundHttpResponse> response = co_await std::move(answering);
//
// The types are those of fermyon:spin/http-types. The request is views of what the caller owns; the
// response owns what it holds. The trigger calls this.

#include <string_view>

#include "bindings/fermyon/spin/http_types.h"
#include "component/host/typed_export.h"

namespace spindle::host {

inline constexpr std::string_view kInboundHttpInterface = "fermyon:spin/inbound-http";
inline constexpr std::string_view kInboundHttpFunction = "handle-request";

using InboundHttpMethod = bindings::fermyon::spin::http_types::Method;
using InboundHttpRequest = bindings::fermyon::spin::http_types::RequestView;
using InboundHttpResponse = bindings::fermyon::spin::http_types::Response;

// Its definition wants bindings/fermyon/spin/http_types_abi.h.
using InboundHttpExport = component::TypedExport<InboundHttpResponse(InboundHttpRequest)>;

// `caller`, and what the request views, outlive the task. An Error is a trap or an invalid result.
io::Task<Result<InboundHttpResponse>> call_inbound_http(component::ExportCaller& caller,
                                                        InboundHttpRequest request);

}  // namespace spindle::host
