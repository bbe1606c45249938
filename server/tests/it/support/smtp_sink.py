"""An SMTP server on loopback, for tests only: writes each message into a folder as NUMBER.eml, with its envelope on top.

Usage: python smtp_sink.py FOLDER PORT. Needs aiosmtpd.

What it answers to a recipient is in the address: one that begins with "refuse" is refused for good (550), one that begins with
"later" is put off the first time (451). It knows one client: "pginstall" with the password "right".
"""

import asyncio
import pathlib
import sys

from aiosmtpd.smtp import SMTP, AuthResult

folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
put_off = set()


class Sink:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("refuse"):
            return f"550 5.1.1 <{address}> is nobody here"
        if address.startswith("later") and address not in put_off:
            put_off.add(address)
            return "451 4.3.0 Try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        # A server that was started again goes on counting.
        name = f"{len(list(folder.glob('*.eml'))) + 1:06}"
        head = f"X-Hello: {session.host_name}\r\nX-Envelope-From: {envelope.mail_from}\r\n"
        head += "".join(f"X-Envelope-To: {to}\r\n" for to in envelope.rcpt_tos)
        part = folder / f"{name}.part"
        part.write_bytes(head.encode() + envelope.original_content)
        # Whoever looks never sees half a message.
        part.rename(folder / f"{name}.eml")
        return f"250 OK {name}"


def authenticate(server, session, envelope, mechanism, login):
    return AuthResult(success=(login.login, login.password) == (b"pginstall", b"right"), handled=False)


def session():
    return SMTP(
        Sink(), hostname="localhost", enable_SMTPUTF8=True, authenticator=authenticate, auth_require_tls=False
    )


async def main():
    server = await asyncio.get_running_loop().create_server(session, "127.0.0.1", int(sys.argv[2]))
    await server.serve_forever()


asyncio.run(main())
