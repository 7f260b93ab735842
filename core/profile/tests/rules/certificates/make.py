#!/usr/bin/env python3
"""Puts the files that make.sh made into the base ikev2-pkcs12 and into the fixtures about certificates.

usage: make.py FOLDER-OF-MAKE.SH   (then ADIT_REGENERATE=1 cargo test -p adit-profile --test rules)"""
import base64
import pathlib
import sys

made = pathlib.Path(sys.argv[1])
rules = pathlib.Path(__file__).resolve().parent.parent
INDENT = "\t\t\t"


def data(name):
    text = base64.b64encode((made / name).read_bytes()).decode()
    lines = [text[i:i + 88] for i in range(0, len(text), 88)]
    return "\n".join([INDENT + "<data>"] + [INDENT + line for line in lines] + [INDENT + "</data>"])


def payload(kind, name, uuid, content, more=""):
    return f"""\t\t<dict>
\t\t\t<key>PayloadDisplayName</key>
\t\t\t<string>{name}</string>
\t\t\t<key>PayloadIdentifier</key>
\t\t\t<string>com.example.profile.{name.lower()}</string>
\t\t\t<key>PayloadType</key>
\t\t\t<string>{kind}</string>
\t\t\t<key>PayloadUUID</key>
\t\t\t<string>{uuid}</string>
\t\t\t<key>PayloadVersion</key>
\t\t\t<integer>1</integer>
{more}\t\t\t<key>PayloadContent</key>
{content}
\t\t</dict>
"""


psk = (rules / "bases/ikev2-psk.mobileconfig").read_text()
password = "\t\t\t<key>Password</key>\n\t\t\t<string>gT4-mWq9xLz2</string>\n"
root = payload("com.apple.security.root", "Root", "B1F0A6D2-9C3E-4E57-A8D4-2C6B7E8F9A01", data("ca.der"))
identity = payload("com.apple.security.pkcs12", "Identity", "A6C0E1D2-48B9-4C57-8E6F-90A1B2C3D4E5",
                   data("client.p12"), password)
start = psk.index("\t\t<dict>")
alone = psk[:start] + root + psk[psk.index("\t</array>\n</dict>\n</plist>"):]
(rules / "bases/certificate.mobileconfig").write_text(alone)
base = psk.replace("\t<array>\n", "\t<array>\n" + root + identity, 1)
base = base.replace("""				<string>SharedSecret</string>
				<key>SharedSecret</key>
				<string>rW7-fpQz4kLm2vXy9sTb6nHc</string>
""", """				<string>Certificate</string>
				<key>PayloadCertificateUUID</key>
				<string>A6C0E1D2-48B9-4C57-8E6F-90A1B2C3D4E5</string>
				<key>CertificateType</key>
				<string>ECDSA256</string>
				<key>ServerCertificateIssuerCommonName</key>
				<string>Example CA</string>
""")
(rules / "bases/ikev2-pkcs12.mobileconfig").write_text(base)


def fixture(path, old, new, head="", setup=""):
    text = f"base: ikev2-pkcs12\n{head}{setup}--- replace\n{old}\n--- with\n{new}\n"
    (rules / path).write_text(text)


def contents(path, old, new, **more):
    fixture(path, data(old), data(new), **more)


time = "at: 2027-01-01T00:00:00Z\n"
(made / "noise").write_bytes(b"MII no certificate")
contents("certificates/unreadable.fixture", "ca.der", "noise")
contents("certificates/der-pem-mixup.fixture", "ca.der", "ca.pem")
contents("certificates/p12-unreadable.fixture", "client.p12", "client.pem")
contents("certificates/p12-no-key.fixture", "client.p12", "no-key.p12")
contents("certificates/p12-modern-encryption.fixture", "client.p12", "modern.p12", head="targets: ios-18.0\n")
contents("certificates/expired.fixture", "ca.der", "expired.der", head=time)
contents("certificates/not-yet-valid.fixture", "ca.der", "later.der", head=time)
contents("certificates/not-ca.fixture", "ca.der", "server.der")
contents("certificates/weak-key.fixture", "ca.der", "weak.der")
contents("certificates/eku.fixture", "client.p12", "usage.p12")
fixture("certificates/p12-password.fixture", "<string>gT4-mWq9xLz2</string>", "<string>gT4-mWq9xLz3</string>")
fixture("certificates/p12-no-password.fixture", password.rstrip("\n"), "")
contents("ikev2/local-id-vs-cert.fixture", "client.p12", "other.p12")
fixture("ikev2/certtype-mismatch.fixture", "<string>ECDSA256</string>", "<string>ECDSA384</string>")
plain = "\t\t\t\t<key>CertificateType</key>\n\t\t\t\t<string>ECDSA256</string>\n"
setup = f"--- setup\n{plain}--- by\n\n--- setup\n{data('client.p12')}\n--- by\n{data('rsa.p12')}\n"
fixture("ikev2/certtype-default-rsa.fixture", data("rsa.p12"), data("client.p12"), setup=setup)
