"""A real mail server, as small as it can be: it speaks SMTP on a port of its own and keeps what it is given."""

import email
import email.policy
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage


class MailSink:
    """`answers` are its replies, by command; what it took is in `taken`, each with the addresses it was for."""

    def __init__(self) -> None:
        self.answers = {"RCPT": "250 OK", "DATA": "250 OK", "MAIL": "250 OK"}
        self.taken: list[tuple[list[str], EmailMessage]] = []
        self.port = 0


class _Conversation(socketserver.StreamRequestHandler):
    server: "_Server"

    def handle(self) -> None:
        sink, to = self.server.sink, []
        self._say("220 sink")
        while line := self.rfile.readline().decode().strip():
            command, _, rest = line.partition(" ")
            command = command.upper()
            if command == "QUIT":
                self._say("221 bye")
                return
            if command == "RCPT":
                to.append(rest.partition(":")[2].strip(" <>"))
            if command == "DATA":
                self._say("354 go on")
                mail = email.message_from_bytes(self._letter(), policy=email.policy.default)
                if sink.answers["DATA"].startswith("2"):
                    sink.taken.append((to, mail))
            self._say(sink.answers.get(command, "250 OK"))

    def _letter(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b"..") else line)
        return b"".join(lines)

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True
    sink: MailSink


@contextmanager
def mail_sink() -> Iterator[MailSink]:
    with _Server(("127.0.0.1", 0), _Conversation) as server:
        server.sink = sink = MailSink()
        sink.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield sink
        finally:
            server.shutdown()
            thread.join()
