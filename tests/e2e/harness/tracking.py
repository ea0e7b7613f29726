"""Makes the kernel track a connection in this host's own network namespace, whatever firewall the host has."""

import socket
import subprocess
from contextlib import contextmanager

from .engine import run

# Any rule that asks for the state of connections makes the kernel track those of its namespace. This one has no target: it
# decides nothing.
RULE = ("INPUT", "-i", "lo", "-p", "tcp", "-m", "conntrack", "--ctstate", "ESTABLISHED", "-m", "comment", "--comment", "bn-e2e")


@contextmanager
def tracked_connection():
    _forget()  # what a killed run left
    try:
        run("iptables", "-w", "-I", *RULE)
        # Only after the rule: a connection without traffic would not come into the table any more.
        with socket.create_server(("127.0.0.1", 0)) as listener, socket.create_connection(listener.getsockname()):
            yield
    finally:
        _forget()


def _forget():
    while subprocess.run(["iptables", "-w", "-D", *RULE], capture_output=True, check=False).returncode == 0:
        pass
