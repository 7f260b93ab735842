#!/bin/bash
# Makes the signed profiles of this folder and of ../container anew, with OpenSSL 3, from the base web-clip. The keys are
# thrown away. Run in this folder; then write the reports anew (see ../../rules.rs).
set -eu
here=$PWD
profile=$here/../bases/web-clip.mobileconfig
work=$(mktemp -d)
cd "$work"
quiet() { "$@" 2>/dev/null; }
cat > ca.cnf <<'CNF'
[ca]
default_ca = this
[this]
new_certs_dir = .
database = index.txt
rand_serial = yes
default_md = sha256
policy = any
x509_extensions = leaf
[any]
organizationName = optional
commonName = supplied
[leaf]
subjectKeyIdentifier = hash
CNF
: > index.txt
quiet openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem -subj "/CN=Example CA" -days 36500
issue() { # NAME START END
    quiet openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.key"
    quiet openssl req -new -key "$1.key" -subj "/O=Example/CN=$1" -out request.pem
    quiet openssl ca -batch -notext -config ca.cnf -cert ca.pem -keyfile ca.key -startdate "$2" -enddate "$3" -in request.pem -out "$1.pem"
}
issue signer 20200101000000Z 21200101000000Z
issue expired 20200101000000Z 20210101000000Z
issue future 21000101000000Z 21200101000000Z
sign() { # OUT SIGNER OPTIONS...
    out=$1; signer=$2; shift 2
    openssl cms -sign -binary -in "$profile" -signer "$signer.pem" -inkey "$signer.key" -outform DER -out "$out" "$@"
}
sign signed.mobileconfig signer -nodetach -certfile ca.pem
sign without-issuer.mobileconfig signer -nodetach
sign sha1.mobileconfig signer -nodetach -certfile ca.pem -md sha1
sign expired.mobileconfig expired -nodetach -certfile ca.pem
sign future.mobileconfig future -nodetach -certfile ca.pem
sign detached.mobileconfig signer -certfile ca.pem
# One letter of the content, after it was signed.
python3 - <<'PY'
signed = open('signed.mobileconfig', 'rb').read()
assert signed.count(b'Intranet') == 1
open('altered.mobileconfig', 'wb').write(signed.replace(b'Intranet', b'Extranet'))
open('truncated.mobileconfig', 'wb').write(signed[:-200])
PY
openssl cms -encrypt -binary -aes256 -in "$profile" -outform DER -out enveloped.mobileconfig signer.pem
cp signed.mobileconfig without-issuer.mobileconfig sha1.mobileconfig expired.mobileconfig future.mobileconfig \
    detached.mobileconfig altered.mobileconfig "$here/"
cp "$profile" "$here/plain.mobileconfig"
cp truncated.mobileconfig enveloped.mobileconfig signed.mobileconfig "$here/../container/"
rm -r "$work"
