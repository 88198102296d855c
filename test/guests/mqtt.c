// A handler that publishes and says "published", or what went wrong:
//
//   /ROUTE/publish/URL     opens URL, sends ten bytes with every quality of service
//   /ROUTE/big/URL         a payload of 2,000 bytes
//   /ROUTE/topic/URL       a topic that is none
//   /ROUTE/leave/URL       traps with the connection open
#include "guest.h"

#define MQTT "fermyon:spin/mqtt@2.0.0"

IMPORT(MQTT, "[static]connection.open")
void mqtt_open(const void* address, u32 address_len, const char* user, u32 user_len,
               const char* password, u32 password_len, u64 keep_alive, void* ret);
IMPORT(MQTT, "[method]connection.publish")
void mqtt_publish(handle self, const char* topic, u32 topic_len, const void* payload,
                  u32 payload_len, int qos, void* ret);
IMPORT(MQTT, "[resource-drop]connection") void mqtt_drop(handle self);

static const char* const errors[] = {"invalid-address", "too-many-connections",
                                     "connection-failed: ", "other: "};

// Whether a result<_, error> is one; then it is said.
static int failed(struct response* to, const u32* result) {
  if (!(result[0] & 0xff)) return 0;
  u32 error = result[1] & 0xff;
  put(to, errors[error], length_of(errors[error]));
  if (error >= 2) put(to, (const void*)result[2], result[3]);
  put(to, "\n", 1);
  return 1;
}

static void publish(struct response* to, handle connection, const char* topic, u32 length) {
  static char payload[2000];
  u32 result[4];
  for (int qos = 0; qos < 3; qos++) {
    mqtt_publish(connection, topic, length_of(topic), payload, length, qos, result);
    if (failed(to, result)) return;
  }
  put(to, "published\n", 10);
}

EXPORT("wasi:http/incoming-handler@0.2.3#handle")
void handle_request(handle request, handle outparam) {
  u32 path[3], result[4];
  request_path(request, path);
  const u8* text = (const u8*)path[1];
  u32 what = 1;
  while (text[what] != '/') what++;
  u32 url = ++what;
  while (text[url] != '/') url++;
  const char* name = (const char*)text + what;
  u32 name_length = url++ - what;
  struct response made = begin(outparam, 200, fields_new());
  mqtt_open(text + url, path[2] - url, "user", 4, "secret", 6, 30, result);
  if (!failed(&made, result)) {
    handle connection = (handle)result[1];
    if (same(name, name_length, "publish")) publish(&made, connection, "test/one", 10);
    if (same(name, name_length, "big")) publish(&made, connection, "test/one", 2000);
    if (same(name, name_length, "topic")) publish(&made, connection, "test/#", 10);
    if (same(name, name_length, "leave")) {
      publish(&made, connection, "test/one", 10);
      __builtin_trap();
    }
    mqtt_drop(connection);
  }
  end(&made);
}
