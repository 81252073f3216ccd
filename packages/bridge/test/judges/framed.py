# As PyAPNs did it: command 2 by struct, a thread that reads the answer, what was sent kept in a deque, and the rest again
# behind the identifier that was refused, as frames of command 1, which is what its resend did.
import collections
import socket
import ssl
import struct
import sys
import threading
import time

host, port, pem, ca, path = sys.argv[1:6]
with open(path) as file:
    tokens = file.read().split()
payload = b'{"aps":{"alert":"Hello from Python","badge":7}}'


def framed(identifier, token):
    items = b"".join(
        struct.pack(">BH", number, len(data)) + data
        for number, data in (
            (1, bytes.fromhex(token)),
            (2, payload),
            (3, struct.pack(">I", identifier)),
            (4, struct.pack(">I", int(time.time()) + 3600)),
            (5, struct.pack(">B", 10)),
        )
    )
    return struct.pack(">BI", 2, len(items)) + items


def enhanced(identifier, token):
    raw = bytes.fromhex(token)
    head = struct.pack(">BIIH", 1, identifier, int(time.time()) + 3600, len(raw))
    return head + raw + struct.pack(">H", len(payload)) + payload


def connect():
    context = ssl.create_default_context(cafile=ca)
    context.load_cert_chain(pem)
    return context.wrap_socket(socket.create_connection((host, int(port))), server_hostname="localhost")


def listen(connection, answers):
    answer = b""
    while len(answer) < 6:
        try:
            chunk = connection.recv(6 - len(answer))
        except OSError:
            break
        if not chunk:
            break
        answer += chunk
    if len(answer) == 6:
        answers.append(struct.unpack(">BBI", answer)[1:])


sent = collections.deque((index + 1, token) for index, token in enumerate(tokens))
encode = framed
while sent:
    connection = connect()
    answers = []
    reader = threading.Thread(target=listen, args=(connection, answers), daemon=True)
    reader.start()
    try:
        for identifier, token in sent:
            connection.sendall(encode(identifier, token))
    except OSError:
        pass
    reader.join(5)
    if not answers:
        break
    status, refused = answers[0]
    print("ERROR", status, refused)
    while sent and sent.popleft()[0] != refused:
        pass
    encode = enhanced
    connection.close()
print("DONE")
