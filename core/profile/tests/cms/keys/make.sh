#!/bin/sh
# Makes the private keys of this folder anew, with OpenSSL 3. They guard nothing.
set -e
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out plain.pem
openssl pkcs8 -topk8 -in plain.pem -passout pass:secret -out encrypted.pem
openssl pkcs8 -topk8 -in plain.pem -passout pass:secret -outform DER -out encrypted.der
openssl pkcs8 -topk8 -v1 PBE-SHA1-3DES -in plain.pem -passout pass:secret -out encrypted-3des.pem
openssl ec -in plain.pem -out sec1.pem
openssl ec -in plain.pem -aes128 -passout pass:secret -out old.pem
