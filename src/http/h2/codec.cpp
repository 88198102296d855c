#include "http/h2/codec.h"

#include <fmt/format.h>
#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <vector>

namespace spindle::http::h2 {

namespace {

// Answers that wait for a peer which does not read.
constexpr size_t kUnsentAnswersMax = 1'000;
constexpr size_t kContinuationsMax = 8;
constexpr size_t kSettingsMax = 32;
// Header fields of one message that we send, compressed.
constexpr size_t kSentHeadBytesMax = 256 * 1024;
constexpr size_t kFrameHeadBytes = 9;

struct DeleteSession {
  void operator()(nghttp2_session* session) const { nghttp2_session_del(session); }
};
struct DeleteOption {
  void operator()(nghttp2_option* option) const { nghttp2_option_del(option); }
};
struct DeleteCallbacks {
  void operator()(nghttp2_session_callbacks* table) const { nghttp2_session_callbacks_del(table); }
};
using Session = std::unique_ptr<nghttp2_session, DeleteSession>;
using Option = std::unique_ptr<nghttp2_option, DeleteOption>;
using CallbackTable = std::unique_ptr<nghttp2_session_callbacks, DeleteCallbacks>;

std::string_view as_text(nghttp2_rcbuf* buffer) {
  auto view = nghttp2_rcbuf_get_buf(buffer);
  return {reinterpret_cast<const char*>(view.base), view.len};
}

// The library only reads what it is given.
uint8_t* as_bytes(std::string_view text) {
  return reinterpret_cast<uint8_t*>(const_cast<char*>(text.data()));
}

ErrorCode to_code(uint32_t code) {
  return static_cast<ErrorCode>(code);
}

class NgCodec final : public Codec {
 public:
  explicit NgCodec(CodecOwner& owner) : owner_(owner) {}

  Result<void> open(const CodecOptions& options);

  Result<void> receive(Bytes bytes) override;
  Result<void> produce(std::string& out, size_t limit) override;
  bool is_over() const override {
    return nghttp2_session_want_read(session_.get()) == 0 &&
           nghttp2_session_want_write(session_.get()) == 0;
  }
  Result<void> respond(StreamId id, CodecStream& stream, HeaderView fields,
                       HasBody has_body) override;
  Result<void> respond_interim(StreamId id, HeaderView fields) override;
  Result<StreamId> request(CodecStream& stream, HeaderView fields, HasBody has_body) override;
  size_t requests_max() const override;
  void resume(StreamId id) override { check(nghttp2_session_resume_data(session_.get(), id)); }
  void reset(StreamId id, ErrorCode code) override {
    check(nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE, id,
                                    static_cast<uint32_t>(code)));
  }
  void consume(StreamId id, size_t count) override {
    check(nghttp2_session_consume(session_.get(), id, count));
  }
  void ping() override { check(nghttp2_submit_ping(session_.get(), NGHTTP2_FLAG_NONE, nullptr)); }
  void announce_end() override { check(nghttp2_submit_shutdown_notice(session_.get())); }
  void go_away() override;
  void terminate(ErrorCode code) override {
    check(nghttp2_session_terminate_session(session_.get(), static_cast<uint32_t>(code)));
  }

 private:
  struct Callbacks;

  static CallbackTable make_callbacks();
  static Option make_options();
  CodecStream* find(StreamId id) const {
    return static_cast<CodecStream*>(nghttp2_session_get_stream_user_data(session_.get(), id));
  }
  // Memory is what these calls run out of, or their stream is gone already.
  void check(int code) {
    if (code == NGHTTP2_ERR_NOMEM) is_broken_ = true;
  }
  std::span<const nghttp2_nv> to_fields(HeaderView fields);

  CodecOwner& owner_;
  Session session_;
  std::vector<nghttp2_nv> scratch_;
  std::string* out_ = nullptr;  // during produce()
  bool is_broken_ = false;
};

struct NgCodec::Callbacks {
  static NgCodec& self(void* user) { return *static_cast<NgCodec*>(user); }

  static int begin_head(nghttp2_session* session, const nghttp2_frame* frame, void* user) {
    auto& me = self(user);
    const auto id = frame->hd.stream_id;
    auto* stream = me.find(id);
    if (frame->headers.cat == NGHTTP2_HCAT_REQUEST) {
      stream = me.owner_.open_stream(id);
      if (stream == nullptr) {
        me.reset(id, ErrorCode::RefusedStream);
        return 0;
      }
      nghttp2_session_set_stream_user_data(session, id, stream);
      // Bodies take turns, unless the client asks for another order.
      const nghttp2_extpri turns = {.urgency = NGHTTP2_EXTPRI_DEFAULT_URGENCY, .inc = 1};
      me.check(nghttp2_session_change_extpri_stream_priority(session, id, &turns, 0));
    }
    if (stream != nullptr) stream->begin_head();
    return 0;
  }

  static int field(nghttp2_session*, const nghttp2_frame* frame, nghttp2_rcbuf* name,
                   nghttp2_rcbuf* value, uint8_t, void* user) {
    auto* stream = self(user).find(frame->hd.stream_id);
    if (stream != nullptr) stream->field(as_text(name), as_text(value));
    return 0;
  }

  static int invalid_field(nghttp2_session*, const nghttp2_frame* frame, nghttp2_rcbuf*,
                           nghttp2_rcbuf*, uint8_t, void* user) {
    self(user).reset(frame->hd.stream_id, ErrorCode::Protocol);
    return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  }

  static int frame_received(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    auto& me = self(user);
    const bool is_last = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    switch (frame->hd.type) {
      case NGHTTP2_HEADERS:
        if (auto* stream = me.find(frame->hd.stream_id)) stream->end_head(is_last);
        break;
      case NGHTTP2_DATA:
        if (frame->hd.length == 0 && !is_last) me.owner_.note_idle_frame();
        if (auto* stream = me.find(frame->hd.stream_id); stream != nullptr && is_last) {
          stream->end_body();
        }
        break;
      case NGHTTP2_GOAWAY:
        me.owner_.peer_goes_away(frame->goaway.last_stream_id, to_code(frame->goaway.error_code));
        break;
      default: break;
    }
    return 0;
  }

  static int frame_began(nghttp2_session*, const nghttp2_frame_hd* head, void* user) {
    switch (head->type) {
      case NGHTTP2_HEADERS:
      case NGHTTP2_DATA:
      case NGHTTP2_RST_STREAM:
      case NGHTTP2_WINDOW_UPDATE:
      case NGHTTP2_GOAWAY: break;
      default: self(user).owner_.note_idle_frame();
    }
    return 0;
  }

  static int data(nghttp2_session*, uint8_t, int32_t id, const uint8_t* bytes, size_t size,
                  void* user) {
    auto& me = self(user);
    auto* stream = me.find(id);
    if (stream != nullptr) {
      stream->data({bytes, size});
    } else {
      me.consume(id, size);
    }
    return 0;
  }

  static int frame_sent(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    if (frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA) return 0;
    if ((frame->hd.flags & NGHTTP2_FLAG_END_STREAM) == 0) return 0;
    if (auto* stream = self(user).find(frame->hd.stream_id)) stream->sent_last();
    return 0;
  }

  static int closed(nghttp2_session* session, int32_t id, uint32_t code, void* user) {
    auto* stream = self(user).find(id);
    if (stream == nullptr) return 0;
    nghttp2_session_set_stream_user_data(session, id, nullptr);
    stream->closed(to_code(code));
    return 0;
  }

  static ssize_t next_body(nghttp2_session* session, int32_t id, uint8_t*, size_t max,
                           uint32_t* flags, nghttp2_data_source* source, void* user) {
    auto& stream = *static_cast<CodecStream*>(source->ptr);
    auto step = stream.next_body(max);
    if (step.count == 0 && !step.is_last) return NGHTTP2_ERR_DEFERRED;
    *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
    if (step.is_last) {
      *flags |= NGHTTP2_DATA_FLAG_EOF;
      auto fields = self(user).to_fields(stream.trailers_to_send());
      if (!fields.empty()) {
        *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
        self(user).check(nghttp2_submit_trailer(session, id, fields.data(), fields.size()));
      }
    }
    return static_cast<ssize_t>(step.count);
  }

  static int append_body(nghttp2_session*, nghttp2_frame*, const uint8_t* head, size_t size,
                         nghttp2_data_source* source, void* user) {
    auto& out = *self(user).out_;
    out.append(reinterpret_cast<const char*>(head), kFrameHeadBytes);
    static_cast<CodecStream*>(source->ptr)->append_body(size, out);
    return 0;
  }
};

CallbackTable NgCodec::make_callbacks() {
  nghttp2_session_callbacks* table = nullptr;
  if (nghttp2_session_callbacks_new(&table) != 0) return nullptr;
  nghttp2_session_callbacks_set_on_begin_headers_callback(table, Callbacks::begin_head);
  nghttp2_session_callbacks_set_on_header_callback2(table, Callbacks::field);
  nghttp2_session_callbacks_set_on_invalid_header_callback2(table, Callbacks::invalid_field);
  nghttp2_session_callbacks_set_on_frame_recv_callback(table, Callbacks::frame_received);
  nghttp2_session_callbacks_set_on_begin_frame_callback(table, Callbacks::frame_began);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(table, Callbacks::data);
  nghttp2_session_callbacks_set_on_frame_send_callback(table, Callbacks::frame_sent);
  nghttp2_session_callbacks_set_on_stream_close_callback(table, Callbacks::closed);
  nghttp2_session_callbacks_set_send_data_callback(table, Callbacks::append_body);
  return CallbackTable(table);
}

Option NgCodec::make_options() {
  nghttp2_option* option = nullptr;
  if (nghttp2_option_new(&option) != 0) return nullptr;
  nghttp2_option_set_no_auto_window_update(option, 1);
  nghttp2_option_set_max_outbound_ack(option, kUnsentAnswersMax);
  nghttp2_option_set_max_continuations(option, kContinuationsMax);
  nghttp2_option_set_max_settings(option, kSettingsMax);
  nghttp2_option_set_no_closed_streams(option, 1);
  nghttp2_option_set_max_send_header_block_length(option, kSentHeadBytesMax);
  return Option(option);
}

Result<void> NgCodec::open(const CodecOptions& options) {
  static const CallbackTable table = make_callbacks();
  static const Option option = make_options();
  if (!table || !option) return Error::internal("out of memory");
  nghttp2_session* session = nullptr;
  const bool is_server = options.role == Role::Server;
  const int made = is_server
                       ? nghttp2_session_server_new2(&session, table.get(), this, option.get())
                       : nghttp2_session_client_new2(&session, table.get(), this, option.get());
  if (made != 0) return Error::internal(nghttp2_strerror(made));
  session_.reset(session);
  std::vector<nghttp2_settings_entry> settings = {
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, options.stream_window},
      {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, options.head_bytes},
      {NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1},
  };
  if (is_server) {
    settings.push_back({NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, options.streams});
  } else {
    settings.push_back({NGHTTP2_SETTINGS_ENABLE_PUSH, 0});
  }
  int code = nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, settings.data(), settings.size());
  if (code == 0) {
    code = nghttp2_session_set_local_window_size(session, NGHTTP2_FLAG_NONE, 0,
                                                 static_cast<int32_t>(options.connection_window));
  }
  if (code != 0) return Error::internal(nghttp2_strerror(code));
  return {};
}

Result<void> NgCodec::receive(Bytes bytes) {
  const ssize_t taken = nghttp2_session_mem_recv(session_.get(), bytes.data(), bytes.size());
  if (taken < 0) {
    return Error::invalid_input(
        fmt::format("HTTP/2: {}", nghttp2_strerror(static_cast<int>(taken))));
  }
  if (is_broken_) return Error::internal("out of memory");
  return {};
}

Result<void> NgCodec::produce(std::string& out, size_t limit) {
  out_ = &out;
  while (out.size() < limit) {
    const size_t before = out.size();
    const uint8_t* bytes = nullptr;
    const ssize_t size = nghttp2_session_mem_send(session_.get(), &bytes);
    if (size < 0) {
      return Error::internal(fmt::format("HTTP/2: {}", nghttp2_strerror(static_cast<int>(size))));
    }
    out.append(reinterpret_cast<const char*>(bytes), static_cast<size_t>(size));
    if (out.size() == before) break;
  }
  if (is_broken_) return Error::internal("out of memory");
  return {};
}

std::span<const nghttp2_nv> NgCodec::to_fields(HeaderView fields) {
  scratch_.clear();
  for (const auto& field : fields) {
    scratch_.push_back({as_bytes(field.name), as_bytes(field.value), field.name.size(),
                        field.value.size(), NGHTTP2_NV_FLAG_NONE});
  }
  return scratch_;
}

Result<void> NgCodec::respond(StreamId id, CodecStream& stream, HeaderView fields,
                              HasBody has_body) {
  auto list = to_fields(fields);
  nghttp2_data_provider body{.source = {.ptr = &stream}, .read_callback = Callbacks::next_body};
  const int code = nghttp2_submit_response(session_.get(), id, list.data(), list.size(),
                                           has_body == HasBody::Yes ? &body : nullptr);
  if (code != 0) return Error::unavailable(nghttp2_strerror(code));
  return {};
}

Result<void> NgCodec::respond_interim(StreamId id, HeaderView fields) {
  auto list = to_fields(fields);
  const int code = nghttp2_submit_headers(session_.get(), NGHTTP2_FLAG_NONE, id, nullptr,
                                          list.data(), list.size(), nullptr);
  if (code != 0) return Error::unavailable(nghttp2_strerror(code));
  return {};
}

Result<StreamId> NgCodec::request(CodecStream& stream, HeaderView fields, HasBody has_body) {
  auto list = to_fields(fields);
  nghttp2_data_provider body{.source = {.ptr = &stream}, .read_callback = Callbacks::next_body};
  const int32_t id = nghttp2_submit_request(session_.get(), nullptr, list.data(), list.size(),
                                            has_body == HasBody::Yes ? &body : nullptr, &stream);
  if (id < 0) return Error::unavailable(nghttp2_strerror(id));
  return StreamId(id);
}

size_t NgCodec::requests_max() const {
  if (nghttp2_session_check_request_allowed(session_.get()) == 0) return 0;
  return nghttp2_session_get_remote_settings(session_.get(),
                                             NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS);
}

void NgCodec::go_away() {
  const auto last = nghttp2_session_get_last_proc_stream_id(session_.get());
  check(
      nghttp2_submit_goaway(session_.get(), NGHTTP2_FLAG_NONE, last, NGHTTP2_NO_ERROR, nullptr, 0));
}

}  // namespace

std::string_view to_string(ErrorCode code) {
  return nghttp2_http2_strerror(static_cast<uint32_t>(code));
}

Result<std::unique_ptr<Codec>> Codec::create(const CodecOptions& options, CodecOwner& owner) {
  auto made = std::make_unique<NgCodec>(owner);
  TRY(made->open(options));
  return std::unique_ptr<Codec>(std::move(made));
}

}  // namespace spindle::http::h2
