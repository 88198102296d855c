#pragma once

// H2Connection: the life of one HTTP/2 connection on the server.
//
// Its task reads and feeds the codec; a head that is complete gets a handler, which runs to its end
// at once or in a task of its own. What streams have to send is collected and written when a batch
// of input was handled, when the loop runs next, or when a handler writes much. While the socket
// takes nothing, nothing is read either. Every stream that a client gives up is counted, running
// handlers as open streams: resetting is no way to have more work done than the limits allow.

#include <map>
#include <vector>

#include "http/h2/stream.h"
#include "http/server_connection.h"

namespace spindle::http::h2 {

class H2Connection final : public ServerConnection,
                           public std::enable_shared_from_this<H2Connection>,
                           private CodecOwner,
                           private StreamHost,
                           private StreamEvents {
 public:
  // `begun` are bytes that have been read from the stream already.
  H2Connection(ServerState& state, std::unique_ptr<io::ByteStream> stream,
               std::vector<uint8_t> begun);

  io::Task<std::shared_ptr<ServerConnection>> run() override;
  void tick() override;
  void begin_drain() override;
  void force_close() override;

 private:
  using StreamPointer = std::shared_ptr<Stream>;

  ServerState& state() override { return state_; }
  Codec& codec() override { return *codec_; }
  const io::ByteStream& wire() const override { return *stream_; }
  void flush_soon() override;
  void flush_now() override;

  CodecStream* open_stream(StreamId id) override;
  void note_idle_frame() override { idle_frames_ += 1; }
  void peer_goes_away(StreamId, ErrorCode) override {}
  void head_complete(Stream& stream) override;
  void stream_closed(Stream& stream) override;

  Result<void> open();
  io::Task<void> serve();
  // False when nothing more is to be read.
  bool take_input(Bytes bytes);
  void start_handlers();
  void start_handler(const StreamPointer& stream);
  void refuse(Stream& stream, const Rejection& rejection);
  io::Task<void> run_handler(StreamPointer stream, io::Eventual<void> handled);
  // The response of a handler that did not finish it itself.
  void end_handler(Stream& stream, Result<void> handled);
  // What the codec told about streams that are over.
  void settle();
  void update_idle();
  bool is_flooded() const;
  // One write of what the codec has; false when there was nothing, or it waits.
  bool write_once();
  io::Task<void> write_later(io::Eventual<size_t> waiting);
  void end_soon();
  io::Task<void> leave();
  io::Task<void> linger();

  ServerState& state_;
  std::unique_ptr<io::ByteStream> stream_;
  std::unique_ptr<Codec> codec_;
  std::vector<uint8_t> input_;
  std::string out_;
  io::Piece unwritten_;
  io::Event written_;
  std::map<StreamId, StreamPointer> streams_;
  std::vector<StreamPointer> ready_;
  std::vector<StreamPointer> closed_;
  // Those whose handlers run; they may be closed.
  std::map<StreamId, StreamPointer> running_;
  io::Event handlers_done_;
  unsigned resets_ = 0;
  unsigned idle_frames_ = 0;
  uint64_t flood_until_ = 0;
  uint64_t idle_due_ = 0;
  uint64_t write_due_ = 0;
  uint64_t linger_due_ = 0;
  uint64_t drain_at_ = 0;
  bool had_request_ = false;
  bool batching_ = false;
  bool flush_scheduled_ = false;
  bool flushing_ = false;
  bool writing_ = false;
  bool broken_ = false;
  bool ending_ = false;
  bool reading_ = false;
};

}  // namespace spindle::http::h2
