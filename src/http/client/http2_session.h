#pragma once

// Http2Session: one connection of HTTP/2 to a server, and the requests that share it.
//
// Requests become streams, from send() until the codec has closed them; whoever gives one up before
// calls abandon(). A task reads for as long as the connection lives, whatever its writing waits
// for, since a server may do neither before the client reads. Frames that many streams have to send
// leave together when the loop runs next. What callbacks of the codec learn is acted on when the
// codec has returned.
//
// A session that takes no more requests (the server said so, its stream numbers are used up, it
// fell silent) goes on with those that it has and ends with the last of them.

#include <map>
#include <memory>
#include <vector>

#include "http/client/limits.h"
#include "http/client/outcome.h"
#include "http/h2/codec.h"
#include "io/background_tasks.h"
#include "io/event_loop.h"
#include "io/stream.h"

namespace spindle::http {

class Http2Stream;

class Http2Session final : public std::enable_shared_from_this<Http2Session>,
                           private h2::CodecOwner {
 public:
  // Whoever shares it out; outlives the session, or its end.
  class Owner {
   public:
    virtual ~Owner() = default;
    // It has ended; nothing is said after this.
    virtual void session_over() = 0;
  };

  static Outcome<std::shared_ptr<Http2Session>> start(io::EventLoop& loop,
                                                      std::unique_ptr<io::ByteStream> stream,
                                                      const ClientLimits& limits, Owner& owner);
  Http2Session(const Http2Session&) = delete;
  Http2Session& operator=(const Http2Session&) = delete;
  ~Http2Session() override;

  // How many requests it takes at a time; 0 when none any more.
  size_t capacity() const;
  // Says good-bye. Streams that are left fail.
  void close();

  // False: it takes no more requests, the stream was not sent.
  bool send(const std::shared_ptr<Http2Stream>& stream, HeaderView fields, h2::HasBody has_body);
  // Nobody waits for it any more: it is reset.
  void abandon(Http2Stream& stream);
  // Bytes received so far: one that got none for long enough may be dead.
  uint64_t received() const { return received_; }
  // Takes no more requests.
  void retire();

  // For streams.
  io::EventLoop& loop() { return loop_; }
  const ClientLimits& limits() const { return limits_; }
  h2::Codec& codec() { return *codec_; }
  void flush_soon();
  void note_use() { idle_frames_ = 0; }
  void stream_closed(h2::StreamId id);

 private:
  Http2Session(io::EventLoop& loop, std::unique_ptr<io::ByteStream> stream,
               const ClientLimits& limits, Owner& owner);

  h2::CodecStream* open_stream(h2::StreamId) override { return nullptr; }
  void note_idle_frame() override { idle_frames_ += 1; }
  void peer_goes_away(h2::StreamId, h2::ErrorCode code) override;

  static io::Task<void> read_forever(std::shared_ptr<Http2Session> self);
  // False when nothing more is to be read.
  bool take_input(Bytes bytes);
  void flush_now();
  // One write of what the codec has; false when there was nothing, or it waits.
  bool write_once();
  static io::Task<void> write_later(std::shared_ptr<Http2Session> self,
                                    io::Eventual<size_t> waiting);
  // Tells those whose streams are over, and ends when it is time.
  void settle();
  void end(const Failure& why);
  Failure lost(std::string_view how) const;

  io::EventLoop& loop_;
  const ClientLimits limits_;
  Owner* owner_;
  const std::unique_ptr<io::ByteStream> stream_;
  std::unique_ptr<h2::Codec> codec_;
  std::map<h2::StreamId, std::shared_ptr<Http2Stream>> streams_;
  std::vector<std::shared_ptr<Http2Stream>> closed_;
  std::string out_;
  io::Piece unwritten_;
  uint64_t received_ = 0;
  unsigned idle_frames_ = 0;
  // What the server said when it went away.
  std::optional<h2::ErrorCode> farewell_;
  // The codec's.
  std::optional<Error> write_error_;
  bool is_retired_ = false;
  bool is_over_ = false;
  bool is_deaf_ = false;  // the stream takes no more
  bool is_busy_ = false;  // inside the codec
  bool is_writing_ = false;
  bool is_flush_scheduled_ = false;
  io::BackgroundTasks tasks_;
};

}  // namespace spindle::http
