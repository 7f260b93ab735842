"""Signed profiles that the openssl command cannot make: Ed25519, and signed attributes in another order than DER's.

Called by make.sh. Writes the DER by hand, independently of the crate under test.
"""

import datetime
import hashlib

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa


def tlv(tag, *parts):
    content = b"".join(parts)
    n = len(content)
    if n < 0x80:
        head = bytes([n])
    else:
        digits = n.to_bytes((n.bit_length() + 7) // 8, "big")
        head = bytes([0x80 | len(digits)]) + digits
    return bytes([tag]) + head + content


def oid(dotted):
    first, second, *rest = map(int, dotted.split("."))
    out = bytes([40 * first + second])
    for arc in rest:
        septets = [arc & 0x7F]
        while arc := arc >> 7:
            septets.append(0x80 | arc & 0x7F)
        out += bytes(reversed(septets))
    return tlv(0x06, out)


def integer(value):
    return tlv(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big"))


DATA = oid("1.2.840.113549.1.7.1")
SIGNED_DATA = oid("1.2.840.113549.1.7.2")
CONTENT = open("profile.mobileconfig", "rb").read()


def load(name):
    key = serialization.load_pem_private_key(open(f"{name}.key", "rb").read(), None)
    return key, x509.load_pem_x509_certificate(open(f"{name}.pem", "rb").read())


def attributes(digest):
    when = datetime.datetime(2026, 11, 21, 12, 0, 0).strftime("%y%m%d%H%M%SZ").encode()
    pairs = [
        (oid("1.2.840.113549.1.9.3"), DATA),
        (oid("1.2.840.113549.1.9.5"), tlv(0x17, when)),
        (oid("1.2.840.113549.1.9.4"), tlv(0x04, digest)),
    ]
    return sorted(tlv(0x30, kind, tlv(0x31, value)) for kind, value in pairs)


def signed(certificate, digest_algorithm, signed_attributes, signature_algorithm, signature, issuer=None):
    issuer = issuer or certificate.issuer.public_bytes()
    parts = [
        integer(1),
        tlv(0x30, issuer, integer(certificate.serial_number)),
        digest_algorithm,
        b"" if signed_attributes is None else tlv(0xA0, *signed_attributes),
        signature_algorithm,
        tlv(0x04, signature),
    ]
    data = tlv(
        0x30,
        integer(1),
        tlv(0x31, digest_algorithm),
        tlv(0x30, DATA, tlv(0xA0, tlv(0x04, CONTENT))),
        tlv(0xA0, certificate.public_bytes(serialization.Encoding.DER)),
        tlv(0x31, tlv(0x30, *parts)),
    )
    return tlv(0x30, SIGNED_DATA, tlv(0xA0, data))


def write(name, content):
    open(name, "wb").write(content)


SHA512 = tlv(0x30, oid("2.16.840.1.101.3.4.2.3"))
ED25519 = tlv(0x30, oid("1.3.101.112"))
key, certificate = load("ed25519")
list_ = attributes(hashlib.sha512(CONTENT).digest())
write("ed25519.cms", signed(certificate, SHA512, list_, ED25519, key.sign(tlv(0x31, *list_))))
write("ed25519-noattr.cms", signed(certificate, SHA512, None, ED25519, key.sign(CONTENT)))

SHA256 = tlv(0x30, oid("2.16.840.1.101.3.4.2.1"), tlv(0x05))
RSA_SHA256 = tlv(0x30, oid("1.2.840.113549.1.1.11"), tlv(0x05))
key, certificate = load("rsa")


def sign_rsa(message):
    return key.sign(message, padding.PKCS1v15(), hashes.SHA256())


list_ = attributes(hashlib.sha256(CONTENT).digest())
backwards = list(reversed(list_))
# Signed in the order of the file, which DER does not have.
write("unsorted-signed-so.cms", signed(certificate, SHA256, backwards, RSA_SHA256, sign_rsa(tlv(0x31, *backwards))))
# Signed in DER, as RFC 5652 section 5.4 has it, and put down in another order.
write("unsorted-signed-in-der.cms", signed(certificate, SHA256, backwards, RSA_SHA256, sign_rsa(tlv(0x31, *list_))))
# No message digest; the content type twice; another content type; no content type.
without = [item for item in list_ if oid("1.2.840.113549.1.9.4") not in item]
write("no-message-digest.cms", signed(certificate, SHA256, without, RSA_SHA256, sign_rsa(tlv(0x31, *without))))
kind = next(item for item in list_ if oid("1.2.840.113549.1.9.3") in item)
twice = sorted([*list_, kind])
write("content-type-twice.cms", signed(certificate, SHA256, twice, RSA_SHA256, sign_rsa(tlv(0x31, *twice))))
other = sorted([tlv(0x30, oid("1.2.840.113549.1.9.3"), tlv(0x31, SIGNED_DATA)), *(i for i in list_ if i != kind)])
write("other-content-type.cms", signed(certificate, SHA256, other, RSA_SHA256, sign_rsa(tlv(0x31, *other))))
missing = [item for item in list_ if item != kind]
write("no-content-type.cms", signed(certificate, SHA256, missing, RSA_SHA256, sign_rsa(tlv(0x31, *missing))))
# The signature says SHA2-384, the digest SHA2-256.
RSA_SHA384 = tlv(0x30, oid("1.2.840.113549.1.1.12"), tlv(0x05))
write("hashes-differ.cms", signed(certificate, SHA256, list_, RSA_SHA384, sign_rsa(tlv(0x31, *list_))))
# RSA numbers under an ECDSA name.
ECDSA = tlv(0x30, oid("1.2.840.10045.4.3.2"))
write("kinds-differ.cms", signed(certificate, SHA256, list_, ECDSA, sign_rsa(tlv(0x31, *list_))))
# The signer's information has its certificate's issuer in other letters: a capital sigma that ends a word, and an I with a
# dot, which are other letters, and one more, in lower case.


def name(text):
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])


own = rsa.generate_private_key(65537, 2048)
builder = x509.CertificateBuilder(name("ΟΔΟΣ İZMİR Signer"), name("ΟΔΟΣ İZMİR Signer"), own.public_key(), 7)
builder = builder.not_valid_before(datetime.datetime(2026, 1, 1)).not_valid_after(datetime.datetime(2076, 1, 1))
theirs = builder.sign(own, hashes.SHA256())
lower = name("ΟΔΟΣ İZMİR Signer".lower()).public_bytes()
signature = own.sign(tlv(0x31, *list_), padding.PKCS1v15(), hashes.SHA256())
write("issuer-in-other-letters.cms", signed(theirs, SHA256, list_, RSA_SHA256, signature, lower))
# Something else than a profile, signed soundly.
CONTENT = b"hello world\n"
list_ = attributes(hashlib.sha256(CONTENT).digest())
write("not-a-profile.cms", signed(certificate, SHA256, list_, RSA_SHA256, sign_rsa(tlv(0x31, *list_))))
