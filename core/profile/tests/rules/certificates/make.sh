#!/bin/bash
# Makes the certificates and PKCS#12 files of the fixtures in this folder, in ../ikev2 and ../secrets, with OpenSSL 3 and its
# legacy provider, in an empty folder. The keys guard nothing. How they come into the fixtures: make.py.
set -e
subject() { printf '/O=Example Org/CN=%s' "$1"; }
# ca NAME CN VALIDITY [more of req]: a CA that signs itself
ca() { name=$1; cn=$2; shift 2; openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout $name.key -out $name.pem -subj "$(subject "$cn")" -days 36500 "$@" 2>/dev/null; }
# leaf NAME EXTENSIONS [more of x509]: a client's certificate
leaf() { name=$1; extensions=$2; shift 2; openssl req -new -key $name.key -subj "$(subject ${CN:-client.example.com})" 2>/dev/null |
  openssl x509 -req -CA ca.pem -CAkey ca.key -set_serial 0x$(openssl rand -hex 8) -days 36500 -extfile <(printf "$extensions") -out $name.pem "$@" 2>/dev/null; }
ec() { openssl ecparam -name ${2:-prime256v1} -genkey -noout -out $1.key; }
old() { openssl pkcs12 -export -legacy -keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-3DES -macalg sha1 "$@"; }
client="subjectAltName=DNS:client.example.com\nextendedKeyUsage=clientAuth"

ca ca "Example CA"
ec client; leaf client "$client"
old -inkey client.key -in client.pem -passout pass:gT4-mWq9xLz2 -out client.p12
openssl pkcs12 -export -inkey client.key -in client.pem -passout pass:gT4-mWq9xLz2 -out modern.p12
old -nokeys -in client.pem -passout pass:gT4-mWq9xLz2 -out no-key.p12
openssl pkcs12 -export -legacy -keypbe NONE -certpbe NONE -macalg sha1 -inkey client.key -in client.pem -passout pass:gT4-mWq9xLz2 -out open.p12
ec usage; leaf usage "subjectAltName=DNS:client.example.com\nextendedKeyUsage=emailProtection"
old -inkey usage.key -in usage.pem -passout pass:gT4-mWq9xLz2 -out usage.p12
ec other; CN=other.example.com leaf other "subjectAltName=DNS:other.example.com\nextendedKeyUsage=clientAuth"
old -inkey other.key -in other.pem -passout pass:gT4-mWq9xLz2 -out other.p12
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa.key 2>/dev/null; leaf rsa "$client"
old -inkey rsa.key -in rsa.pem -passout pass:gT4-mWq9xLz2 -out rsa.p12
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024 -out weak.key 2>/dev/null
openssl req -x509 -key weak.key -out weak.pem -subj "$(subject "Example CA")" -days 36500
# A CA that ended in 2021, and one that begins in 2040.
cat > ca.conf <<'C'
[ca]
default_ca=x
[x]
database=index
rand_serial=yes
policy=p
default_md=sha256
new_certs_dir=.
x509_extensions=e
[p]
organizationName=supplied
commonName=supplied
[e]
basicConstraints=critical,CA:TRUE
C
: > index
openssl req -new -key ca.key -subj "$(subject "Example CA")" -out ca.csr
self() { openssl ca -batch -config ca.conf -selfsign -keyfile ca.key -in ca.csr -notext -out $1.pem -startdate $2 -enddate $3 2>/dev/null; : > index; }
self expired 20200101000000Z 20210101000000Z
self later 20400101000000Z 20500101000000Z
openssl req -x509 -key ca.key -out server.pem -subj "$(subject vpn.example.com)" -days 36500 -addext basicConstraints=CA:FALSE
cat ca.pem client.pem > two.pem
(openssl x509 -in client.pem; openssl pkcs8 -topk8 -nocrypt -in client.key) > key.pem
for name in ca server expired later weak client; do openssl x509 -in $name.pem -outform DER -out $name.der; done
