#!/bin/sh
# Makes the PKCS#12 files of this folder anew, with OpenSSL 3 and its legacy provider, and Python. The keys guard
# nothing. Run in an empty folder beside pbmac1.py, with bash.
set -e
ca() { openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem -subj "/CN=Adit Test CA" -days 36500 2>/dev/null; openssl ecparam -name prime256v1 -genkey -noout -out int.key; openssl req -new -key int.key -subj "/CN=Adit Test Intermediate" | openssl x509 -req -CA ca.pem -CAkey ca.key -days 36500 -extfile <(echo "basicConstraints=critical,CA:TRUE") -out int.pem 2>/dev/null; }
leaf() { name=$1; shift; openssl genpkey "$@" -out $name.key 2>/dev/null; openssl req -new -key $name.key -subj "/CN=$name" | openssl x509 -req -CA int.pem -CAkey int.key -days 36500 -out $name.pem 2>/dev/null; }
ca
leaf rsa -algorithm RSA -pkeyopt rsa_keygen_bits:2048
leaf p256 -algorithm EC -pkeyopt ec_paramgen_curve:P-256
leaf p384 -algorithm EC -pkeyopt ec_paramgen_curve:P-384
leaf p521 -algorithm EC -pkeyopt ec_paramgen_curve:P-521
leaf ed25519 -algorithm ED25519
cat ca.pem int.pem > chain.pem
x() { out=$1; key=$2; shift 2; openssl pkcs12 -export -inkey $key.key -in $key.pem -certfile chain.pem -out $out.p12 "$@"; }
x modern-p256 p256 -passout pass:secret
x modern-rsa rsa -passout pass:secret
x modern-p384 p384 -passout pass:secret
x modern-p521 p521 -passout pass:secret
x modern-ed25519 ed25519 -passout pass:secret
x legacy-rc2-40 p256 -legacy -passout pass:secret
x pbe-3des p256 -legacy -keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-3DES -macalg sha1 -passout pass:secret
x pbe-2des-rc2-128 p256 -legacy -keypbe PBE-SHA1-2DES -certpbe PBE-SHA1-RC2-128 -macalg sha1 -passout pass:secret
x pbe-rc4 p256 -legacy -keypbe PBE-SHA1-RC4-128 -certpbe PBE-SHA1-RC4-128 -passout pass:secret
x aes128-sha384 p256 -keypbe AES-128-CBC -certpbe AES-128-CBC -macalg sha384 -passout pass:secret
x aes192-sha512 p256 -keypbe AES-192-CBC -certpbe AES-192-CBC -macalg sha512 -passout pass:secret
x pbes2-3des p256 -keypbe DES-EDE3-CBC -certpbe DES-EDE3-CBC -passout pass:secret
x no-mac p256 -nomac -passout pass:secret
x plain-certs p256 -certpbe NONE -passout pass:secret
x nothing-encrypted p256 -keypbe NONE -certpbe NONE -passout pass:secret
x empty-password p256 -passout pass:
x empty-password-legacy p256 -legacy -keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-3DES -macalg sha1 -passout pass:
x unicode-password p256 -passout pass:pässwörd€😀
x unicode-password-legacy p256 -legacy -keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-3DES -macalg sha1 -passout pass:pässwörd€
openssl pkcs12 -export -nokeys -in chain.pem -out no-key.p12 -passout pass:secret
openssl pkcs12 -export -nocerts -inkey p256.key -out no-certificate.p12 -passout pass:secret
python3 pbmac1.py modern-p256.p12 pbmac1.p12
for k in rsa p256 p384 p521 ed25519; do openssl pkcs8 -topk8 -nocrypt -in $k.key -outform DER -out $k.pk8; openssl x509 -in $k.pem -outform DER -out $k.der; done
openssl x509 -in ca.pem -outform DER -out ca.der; openssl x509 -in int.pem -outform DER -out int.der
# Made apart, from the files of ../rules/certificates/make.sh: a certificate with a name and a usage, and one signed over SHA-1.
#   openssl x509 -in client.pem -outform DER -out named.der
#   openssl req -new -key client.key -subj /CN=sha1 | openssl x509 -req -CA ca.pem -CAkey ca.key -sha1 -set_serial 7 -days 36500 -outform DER -out sha1.der
