// The least that a subscriber can do: counts the messages of one channel in a shared file.
//
//   redis_counter PORT CHANNEL FILE
#include <arpa/inet.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

static char buffer[1 << 20];

// The number after `kind` in the line at `at`, and where the next line begins; null: not all there.
static char* line(char* at, char* end, char kind, long* number) {
  char* stop = at < end ? memchr(at, '\n', (size_t)(end - at)) : NULL;
  if (!stop) return NULL;
  if (*at != kind) exit(2);
  *number = strtol(at + 1, NULL, 10);
  return stop + 1;
}

// One array of texts (a number at the end of a confirmation counts as one); null: not all there.
static char* message(char* at, char* end) {
  long parts, length;
  at = line(at, end, '*', &parts);
  for (long part = 0; at && part < parts; part++) {
    if (at < end && *at == ':') {
      at = line(at, end, ':', &length);
      continue;
    }
    at = line(at, end, '$', &length);
    if (!at || end - at < length + 2) return NULL;
    at += length + 2;
  }
  return at;
}

int main(int count, char** arguments) {
  if (count != 4) return 2;
  int file = open(arguments[3], O_RDWR | O_CREAT | O_TRUNC, 0644);
  if (file < 0 || ftruncate(file, 8) != 0) return 2;
  volatile uint64_t* counted = mmap(NULL, 8, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  struct sockaddr_in server = {.sin_family = AF_INET,
                               .sin_port = htons((uint16_t)atoi(arguments[1])),
                               .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int connection = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(connection, (struct sockaddr*)&server, sizeof server) != 0) return 2;
  if (dprintf(connection, "SUBSCRIBE %s\r\n", arguments[2]) < 0) return 2;
  size_t used = 0;
  int is_confirmed = 0;
  while (1) {
    ssize_t received = read(connection, buffer + used, sizeof buffer - used);
    if (received <= 0) return 1;
    used += (size_t)received;
    char *at = buffer, *next;
    while ((next = message(at, buffer + used))) {
      if (is_confirmed) *counted += 1;
      is_confirmed = 1;
      at = next;
    }
    used -= (size_t)(at - buffer);
    memmove(buffer, at, used);
  }
}
