#!/usr/bin/env python3
"""Receives what an Alertmanager sends: webhooks and Slack messages over HTTP, e-mail over SMTP, on loopback ports.

In a test:   with Receiver() as receiver: ... receiver.wait(lambda messages: ..., 30)
By hand:     receiver.py --http PORT [--smtp PORT]   prints one line of JSON a message
A message is a dictionary: "path" ("/page", or "smtp"), "body" (JSON of the webhook, or the raw e-mail), "headers".
"""
import argparse
import base64
import http.server
import json
import socketserver
import threading
import time


class Receiver:
    def __init__(self, http_port=0, smtp_port=0, on_message=None):
        self.messages, self.logins = [], []
        self._changed = threading.Condition()
        self._on_message = on_message
        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", http_port), self._http_handler())
        self.smtp = socketserver.ThreadingTCPServer(("127.0.0.1", smtp_port), self._smtp_handler())
        self.smtp.daemon_threads = True
        self.http_port, self.smtp_port = self.http.server_address[1], self.smtp.server_address[1]

    def __enter__(self):
        for server in (self.http, self.smtp):
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_):
        for server in (self.http, self.smtp):
            server.shutdown()
            server.server_close()

    def add(self, message):
        with self._changed:
            self.messages.append(message)
            self._changed.notify_all()
        if self._on_message:
            self._on_message(message)

    def wait(self, condition, timeout=30):
        """What condition(messages) gives, as soon as it is true; raises TimeoutError with what came instead."""
        end = time.monotonic() + timeout
        with self._changed:
            while not (result := condition(self.messages)):
                left = end - time.monotonic()
                if left <= 0:
                    raise TimeoutError(f"not received within {timeout} s; received: {[m['path'] for m in self.messages]}")
                self._changed.wait(left)
            return result

    def _http_handler(self):
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                try:
                    body = json.loads(raw)
                except ValueError:
                    body = raw.decode("utf-8", "replace")
                receiver.add({"path": self.path, "body": body, "headers": dict(self.headers)})
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"ok")

            def log_message(self, *_):
                pass

        return Handler

    def _smtp_handler(self):
        receiver = self

        class Handler(socketserver.StreamRequestHandler):
            """As much of SMTP as Alertmanager speaks: EHLO, AUTH PLAIN, MAIL, RCPT, DATA, QUIT."""

            def reply(self, text):
                self.wfile.write(text.encode() + b"\r\n")

            def handle(self):
                self.reply("220 test")
                recipients = []
                while line := self.rfile.readline():
                    command, _, rest = line.decode("utf-8", "replace").strip().partition(" ")
                    command = command.upper()
                    if command == "EHLO":
                        self.reply("250-test\r\n250 AUTH PLAIN")
                    elif command == "AUTH":
                        receiver.logins.append(base64.b64decode(rest.split()[-1]).decode())
                        self.reply("235 ok")
                    elif command == "RCPT":
                        recipients.append(rest)
                        self.reply("250 ok")
                    elif command == "DATA":
                        self.reply("354 go on")
                        lines = []
                        while (data := self.rfile.readline()) not in (b".\r\n", b""):
                            lines.append(data[1:] if data.startswith(b"..") else data)
                        receiver.add({"path": "smtp", "body": b"".join(lines).decode("utf-8", "replace"),
                                      "headers": {"To": recipients}})
                        recipients = []
                        self.reply("250 ok")
                    elif command == "QUIT":
                        self.reply("221 bye")
                        return
                    else:
                        self.reply("250 ok")

        return Handler


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--http", type=int, required=True)
    parser.add_argument("--smtp", type=int, default=0)
    options = parser.parse_args()
    with Receiver(options.http, options.smtp, lambda message: print(json.dumps(message), flush=True)):
        threading.Event().wait()


if __name__ == "__main__":
    main()
