#!/bin/sh
# Makes the keys and certificates of the handshake benches. They protect nothing; made once, committed.
# Needs openssl. Run it in the folder where the files shall be.
set -eu

key() { # name, openssl genpkey arguments
    name=$1
    shift
    openssl genpkey "$@" 2>/dev/null | openssl pkcs8 -topk8 -nocrypt -outform DER -out "$name.key.der"
}

issue() { # name, common name, subject alternative name, extended key usage
    openssl req -new -key "$1.key.der" -keyform DER -subj "/CN=$2" -out "$1.csr"
    printf 'subjectAltName=%s\nextendedKeyUsage=%s\nkeyUsage=critical,digitalSignature\n' "$3" "$4" > "$1.ext"
    openssl x509 -req -in "$1.csr" -CA ca.der -CAkey ca.key.der -days 36500 -set_serial "0x$(openssl rand -hex 8)" \
        -extfile "$1.ext" -outform DER -out "$1.der" 2>/dev/null
    rm "$1.csr" "$1.ext"
}

key ca -algorithm EC -pkeyopt ec_paramgen_curve:P-256
openssl req -x509 -new -key ca.key.der -keyform DER -subj '/CN=Bench CA' -days 36500 -outform DER -out ca.der \
    -addext 'keyUsage=critical,keyCertSign,cRLSign' -addext 'basicConstraints=critical,CA:TRUE'

for side in server client; do
    case $side in
    server) san=DNS:vpn.bench.test usage=serverAuth ;;
    client) san=email:client@bench.test usage=clientAuth ;;
    esac
    for kind in ${KINDS:-rsa p256 ed25519}; do
        case $kind in
        rsa) key "$side-rsa" -algorithm RSA -pkeyopt rsa_keygen_bits:2048 ;;
        p256) key "$side-p256" -algorithm EC -pkeyopt ec_paramgen_curve:P-256 ;;
        ed25519) key "$side-ed25519" -algorithm ED25519 ;;
        esac
        issue "$side-$kind" "$side" "$san" "$usage"
    done
done
rm ca.key.der
