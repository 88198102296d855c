#!/usr/bin/env python3
"""The Redis trigger: messages a second through a component that only counts, beside a plain C client
that only counts, and that all of them arrive, once each.

    ./dev bench redis [--json] [--messages N] [--rounds N]

redis-server and the publisher run on one core, what listens on the other. All messages are published
at full speed in pipelined batches; the time runs from the first one to the last that was handled. The
component adds one to the number under the message's own text in a key-value store on the same server,
so that each of them must be 1 in the end.
"""

import os
import signal
import socket
import subprocess
import time

from common import ROOT, Path, json, medians, parser, sys, tempfile

sys.path.insert(0, str(ROOT / "test"))
import services  # noqa: E402

BATCH = 500
PATIENCE_SECONDS = 120


class Client:
    """Commands to the server, and their replies."""

    def __init__(self, port):
        self.connection = socket.create_connection(("127.0.0.1", port), 30)
        self.lines = self.connection.makefile("rb")

    @staticmethod
    def encode(*words):
        words = [str(word).encode() for word in words]
        return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words)

    def reply(self):
        line = self.lines.readline().rstrip()
        if line[:1] == b"$":
            return None if line == b"$-1" else self.lines.read(int(line[1:]) + 2)[:-2]
        if line[:1] == b"*":
            return [self.reply() for _ in range(int(line[1:]))]
        return int(line[1:]) if line[:1] == b":" else line

    def ask(self, *words):
        self.connection.sendall(self.encode(*words))
        return self.reply()

    def publish(self, channel, count):
        """Returns to how many subscribers they went."""
        heard = 0
        for first in range(0, count, BATCH):
            numbers = range(first, min(first + BATCH, count))
            self.connection.sendall(b"".join(self.encode("PUBLISH", channel, f"m{n}") for n in numbers))
            heard += sum(self.reply() for _ in numbers)
        return heard


def wait_until(what, holds, process):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        if time.monotonic() > deadline or process.poll() is not None:
            raise RuntimeError(f"{what} did not come true")
        time.sleep(0.005)


def cpu_seconds(process):
    fields = Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def is_each_once(client, count):
    for first in range(0, count, BATCH):
        names = [f"m{n}" for n in range(first, min(first + BATCH, count))]
        if any(value != b"1" for value in client.ask("MGET", *names)):
            return False
    return True


def measure(client, command, count, handled, folder):
    """Starts the listener, publishes, waits until handled() says `count`."""
    process = subprocess.Popen(["taskset", "-c", "0", *command], cwd=folder, stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               env={**os.environ, "XDG_CACHE_HOME": f"{folder}/cache"})
    try:
        wait_until("the subscription", lambda: client.ask("PUBSUB", "NUMSUB", "bench")[1] == 1, process)
        client.ask("FLUSHALL")
        before, cpu = handled(), cpu_seconds(process)
        began = time.monotonic()
        heard = client.publish("bench", count)
        published = time.monotonic() - began
        wait_until("the last message", lambda: handled() - before >= count, process)
        seconds = time.monotonic() - began
        time.sleep(0.1)
        return {"messages_per_second": round(count / seconds), "published_per_second": round(count / published),
                "cpu_us_per_message": round((cpu_seconds(process) - cpu) * 1e6 / count, 2),
                "published": heard, "handled": handled() - before}
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def write_application(build, folder, port):
    guest = (build / "test" / "guests" / "listener.wasm").resolve()
    (Path(folder) / "spin.toml").write_text(f"""spin_manifest_version = 2
[application]
name = "bench"
[application.trigger.redis]
address = "redis://127.0.0.1:{port}"
[[trigger.redis]]
channel = "bench"
component = "listener"
[component.listener]
source = "{guest}"
key_value_stores = ["default"]
""")
    (Path(folder) / "runtime-config.toml").write_text(
        f'[key_value_store.default]\ntype = "redis"\nurl = "redis://127.0.0.1:{port}"\n')


def main():
    options = parser(__doc__, messages=50_000, rounds=3).parse_args()
    with tempfile.TemporaryDirectory() as folder, services.Services(["redis"]) as running:
        os.sched_setaffinity(running["redis"].process.pid, {1})
        os.sched_setaffinity(0, {1})
        port = running["redis"].port
        client = Client(port)
        counter = f"{folder}/counter"
        subprocess.run(["clang-19", "-O2", "-o", counter, str(ROOT / "bench" / "redis_counter.c")], check=True)
        write_application(options.build, folder, port)
        spindle = str((options.build / "bin" / "spindle").resolve())
        count_file = Path(folder) / "count"

        def counted():
            return int.from_bytes(count_file.read_bytes(), "little") if count_file.exists() else 0

        listeners = {
            "spindle": ([spindle, "up", "--threads", "1", "--quiet", "--runtime-config-file", "runtime-config.toml"],
                        lambda: client.ask("DBSIZE")),
            "plain C client": ([counter, str(port), "bench", str(count_file)], counted),
        }
        figures = {name: [] for name in listeners}
        complete = True
        for _ in range(options.rounds):
            for name, (command, handled) in listeners.items():
                one = measure(client, command, options.messages, handled, folder)
                complete = complete and one["handled"] == one["published"] == options.messages
                complete = complete and (name != "spindle" or is_each_once(client, options.messages))
                figures[name].append(one)
    result = {name: medians(rounds) for name, rounds in figures.items()}
    if options.json:
        print(json.dumps({"benchmark": "redis", "messages": options.messages, "figures": result,
                          "each_once": complete}, indent=2))
    else:
        for name, one in result.items():
            print(f"{name}: {one['messages_per_second']} messages/s, {one['cpu_us_per_message']} us CPU each, "
                  f"{one['handled']} of {one['published']} handled")
        print("each exactly once" if complete else "NOT each exactly once")
    return 0 if complete else 1


if __name__ == "__main__":
    sys.exit(main())
