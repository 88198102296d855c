#pragma once

// ReceivedRequest: the head of a request as the resources of a guest share it.
//
// It views the server's message and the headers that the guest is to see, and copies nothing, until
// detach(): that message goes while a guest of several requests may still hold handles. What is
// held then becomes a copy; nothing is copied where nobody holds anything.

#include <memory>
#include <string>

#include "http/message.h"

namespace spindle::wasi {

// A header list that nobody changes: of a received message, which lives elsewhere until the list is
// detached, or its own.
class SharedHeaders {
 public:
  explicit SharedHeaders(http::HeaderView received) : view_(received) {}
  explicit SharedHeaders(http::Headers own) : copy_(std::move(own)), view_(copy_.view()) {}
  SharedHeaders(const SharedHeaders&) = delete;
  SharedHeaders& operator=(const SharedHeaders&) = delete;

  http::HeaderView view() const { return view_; }
  void detach() {
    copy_ = http::Headers(view_);
    view_ = copy_.view();
  }

 private:
  http::Headers copy_;
  http::HeaderView view_;
};

class ReceivedRequest {
 public:
  ReceivedRequest(const http::RequestHead& head, http::HeaderView headers)
      : method_name_(head.method_name),
        path_and_query_(head.path_and_query),
        authority_(head.authority),
        headers_(headers) {}

  // Ends the view of `received`; whoever made it calls this before the message goes.
  static void detach(std::shared_ptr<ReceivedRequest> received) {
    if (received.use_count() > 1) received->detach();
  }

  std::string_view method_name() const { return method_name_; }
  std::string_view path_and_query() const { return path_and_query_; }
  std::string_view authority() const { return authority_; }
  http::HeaderView headers() const { return headers_.view(); }
  static std::shared_ptr<const SharedHeaders> share_headers(
      const std::shared_ptr<ReceivedRequest>& request) {
    return {request, &request->headers_};
  }

 private:
  void detach() {
    texts_.reserve(method_name_.size() + path_and_query_.size() + authority_.size());
    for (std::string_view* text : {&method_name_, &path_and_query_, &authority_}) {
      const size_t at = texts_.size();
      texts_ += *text;
      *text = std::string_view(texts_).substr(at);
    }
    headers_.detach();
  }

  std::string_view method_name_;
  std::string_view path_and_query_;
  std::string_view authority_;
  SharedHeaders headers_;
  std::string texts_;
};

}  // namespace spindle::wasi
