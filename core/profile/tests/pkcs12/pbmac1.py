#!/usr/bin/env python3
"""Replaces the MAC of a PKCS#12 file (password "secret") by PBMAC1 (RFC 9579), for an OpenSSL that cannot write it."""
import hashlib, hmac, sys

def tlv(tag, body):
    n = len(body)
    size = bytes([n]) if n < 128 else bytes([0x80 | (n.bit_length() + 7) // 8]) + n.to_bytes((n.bit_length() + 7) // 8, "big")
    return bytes([tag]) + size + body

def read(data, at):
    tag, size, at = data[at], data[at + 1], at + 2
    if size & 0x80:
        count = size & 0x7f
        size, at = int.from_bytes(data[at:at + count], "big"), at + count
    return tag, at, at + size

def oid(dotted):
    parts = [int(part) for part in dotted.split(".")]
    body = [parts[0] * 40 + parts[1]]
    for part in parts[2:]:
        septets = [part & 0x7f]
        while part := part >> 7:
            septets.insert(0, part & 0x7f | 0x80)
        body += septets
    return tlv(6, bytes(body))

data = open(sys.argv[1], "rb").read()
_, inside, end = read(data, 0)
_, _, after_version = read(data, inside)
_, safe, after_safe = read(data, after_version)
_, _, after_kind = read(data, safe)
_, explicit, _ = read(data, after_kind)
_, content, content_end = read(data, explicit)
salt, iterations = bytes(range(16)), 2048
key = hashlib.pbkdf2_hmac("sha256", b"secret", salt, iterations, 32)
tag = hmac.new(key, data[content:content_end], "sha256").digest()
prf = tlv(0x30, oid("1.2.840.113549.2.9") + tlv(5, b""))
kdf = tlv(0x30, tlv(4, salt) + tlv(2, iterations.to_bytes(2, "big")) + tlv(2, b"\x20") + prf)
algorithm = tlv(0x30, oid("1.2.840.113549.1.5.14") + tlv(0x30, tlv(0x30, oid("1.2.840.113549.1.5.12") + kdf) + prf))
mac = tlv(0x30, tlv(0x30, algorithm + tlv(4, tag)) + tlv(4, b"NOT USED") + tlv(2, b"\x01"))
open(sys.argv[2], "wb").write(tlv(0x30, data[inside:after_safe] + mac))
