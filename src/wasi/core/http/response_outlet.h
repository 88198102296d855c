#pragma once

// ResponseOutlet: carries one response from a guest to the client.
//
// The guest sets a head (or an error) once, and goes on writing the body through a BodyPipe,
// possibly long after. The outlet sends both. It runs only when it must: a guest that sets its
// response, writes it whole and returns costs one write at the end (run() by the caller); a guest
// that gives way in between lets the loop start the sending in the background.

#include <cstdint>
#include <memory>
#include <optional>

#include "http/handler.h"
#include "io/event_loop.h"
#include "wasi/core/http/body_pipe.h"

namespace spindle::wasi {

struct OutgoingHead {
  uint16_t status = 200;
  http::Headers headers;
};

class ResponseOutlet {
 public:
  // `tasks` is drained before `writer` and this die.
  ResponseOutlet(io::EventLoop& loop, io::TaskGroup& tasks, http::ResponseWriter& writer)
      : loop_(loop),
        tasks_(tasks),
        writer_(writer),
        done_(loop),
        link_(std::make_shared<ResponseOutlet*>(this)) {}
  ~ResponseOutlet() { *link_ = nullptr; }
  ResponseOutlet(const ResponseOutlet&) = delete;
  ResponseOutlet& operator=(const ResponseOutlet&) = delete;

  // For who may live longer: null afterwards.
  std::shared_ptr<ResponseOutlet*> link() const { return link_; }

  // The response; without a pipe its body is empty. Only once.
  void set(OutgoingHead head, std::shared_ptr<BodyPipe> body);
  // A response whose body is all there.
  void set_whole(OutgoingHead head, std::vector<uint8_t> body);
  bool is_set() const { return head_.has_value(); }
  // The guest answers with an error instead.
  void refuse() { refused_ = true; }
  bool is_refused() const { return refused_; }
  // Whether anything has gone to the writer.
  bool is_started() const { return sending_; }

  // Everything has gone to the writer, or sending failed.
  bool is_done() const { return outcome_.has_value(); }

  // Sends what is left, or waits for the background to do it. Only after set().
  io::Task<Result<void>> run();
  // The guest returned: a body that it neither finished nor dropped ends here.
  void complete();
  // The guest failed: a started response breaks, an unstarted one is forgotten.
  void abort();

 private:
  io::Task<void> send_in_background();
  io::Task<Result<void>> send();
  io::Task<Result<void>> send_streamed();

  io::EventLoop& loop_;
  io::TaskGroup& tasks_;
  http::ResponseWriter& writer_;
  std::optional<OutgoingHead> head_;
  std::shared_ptr<BodyPipe> body_;
  std::vector<uint8_t> whole_;
  io::Event done_;
  std::optional<Result<void>> outcome_;
  bool sending_ = false;
  bool refused_ = false;
  std::shared_ptr<ResponseOutlet*> link_;
};

}  // namespace spindle::wasi
