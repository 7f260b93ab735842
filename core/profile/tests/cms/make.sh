#!/bin/bash
# Makes the signed profiles of this folder anew, with OpenSSL 3 and Python's `cryptography`. The keys guard nothing and
# are thrown away. Run in an empty folder beside handmade.py.
set -eu
quiet() { "$@" 2>/dev/null; }

cat > profile.mobileconfig <<'XML'
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
	<key>PayloadContent</key>
	<array>
		<dict>
			<key>PayloadType</key>
			<string>com.apple.wifi.managed</string>
			<key>Password</key>
			<string>correct horse</string>
		</dict>
	</array>
	<key>PayloadIdentifier</key>
	<string>com.example.signed</string>
	<key>PayloadType</key>
	<string>Configuration</string>
	<key>PayloadUUID</key>
	<string>9B7E2C94-3C71-4B62-9F3F-6A4C1E7D5A01</string>
	<key>PayloadVersion</key>
	<integer>1</integer>
</dict>
</plist>
XML
python3 -c "import plistlib; plistlib.dump(plistlib.load(open('profile.mobileconfig', 'rb')), open('profile.bplist', 'wb'), fmt=plistlib.FMT_BINARY)"

# A root, an intermediate, and a signer of each kind below it.
quiet openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem -subj "/CN=Adit Test CA" -days 36500
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
[intermediate]
basicConstraints = critical, CA:TRUE
subjectKeyIdentifier = hash
CNF
: > index.txt
issue() { # NAME EXTENSIONS ISSUER START END
    quiet openssl req -new -key "$1.key" -subj "/O=Adit Tests/CN=$1 signer" -out request.pem
    quiet openssl ca -batch -notext -config ca.cnf -extensions "$2" -cert "$3.pem" -keyfile "$3.key" -startdate "$4" -enddate "$5" -in request.pem -out "$1.pem"
}
quiet openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out intermediate.key
issue intermediate intermediate ca 20200101000000Z 21200101000000Z
for key in "rsa -algorithm RSA -pkeyopt rsa_keygen_bits:2048" "p256 -algorithm EC -pkeyopt ec_paramgen_curve:P-256" \
    "p384 -algorithm EC -pkeyopt ec_paramgen_curve:P-384" "p521 -algorithm EC -pkeyopt ec_paramgen_curve:P-521" \
    "brainpool -algorithm EC -pkeyopt ec_paramgen_curve:brainpoolP256r1" "ed25519 -algorithm ED25519"; do
    set -- $key
    name=$1; shift
    quiet openssl genpkey "$@" -out "$name.key"
    issue "$name" leaf intermediate 20200101000000Z 21200101000000Z
done
quiet openssl dsaparam -genkey -noout -out dsa.key 1024
issue dsa leaf intermediate 20200101000000Z 21200101000000Z
# An RSA key that says of itself that it is for PSS with SHA2-256 only.
quiet openssl genpkey -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048 -pkeyopt rsa_pss_keygen_md:sha256 -pkeyopt rsa_pss_keygen_mgf1_md:sha256 -pkeyopt rsa_pss_keygen_saltlen:32 -out rsapss.key
issue rsapss leaf intermediate 20200101000000Z 21200101000000Z
cp p256.key expired.key; issue expired leaf intermediate 20200101000000Z 20210101000000Z
cp p256.key future.key; issue future leaf intermediate 21000101000000Z 21200101000000Z

sign() { # OUT KEY OPTIONS...
    out=$1; key=$2; shift 2
    openssl cms -sign -binary -nodetach -in profile.mobileconfig -signer "$key.pem" -inkey "$key.key" -outform DER -out "$out" "$@"
}
for md in sha1 sha256 sha384 sha512 md5; do sign "rsa-$md.cms" rsa -md $md; done
sign rsa-noattr.cms rsa -noattr -md sha256
pss="-keyopt rsa_padding_mode:pss"
sign pss-sha256.cms rsa -md sha256 $pss -keyopt rsa_pss_saltlen:digest
sign pss-sha384.cms rsa -md sha384 $pss -keyopt rsa_pss_saltlen:digest
sign pss-sha512-max-salt.cms rsa -md sha512 $pss -keyopt rsa_pss_saltlen:max
sign pss-sha1.cms rsa -md sha1 $pss -keyopt rsa_pss_saltlen:20
sign pss-noattr.cms rsa -noattr -md sha256 $pss -keyopt rsa_pss_saltlen:0
sign pss-mgf1-sha1.cms rsa -md sha256 $pss -keyopt rsa_mgf1_md:sha1 -keyopt rsa_pss_saltlen:32
sign pss-key.cms rsapss -md sha256 $pss -keyopt rsa_pss_saltlen:32
sign p256-sha256.cms p256 -md sha256
sign p256-sha1.cms p256 -md sha1
sign p256-sha512.cms p256 -md sha512
sign p256-noattr.cms p256 -noattr -md sha256
sign p384-sha384.cms p384 -md sha384
sign p384-sha1.cms p384 -md sha1
sign p521-sha512.cms p521 -md sha512
sign p521-sha256.cms p521 -md sha256
sign brainpool.cms brainpool -md sha256
sign dsa.cms dsa -md sha256
sign keyid.cms p256 -keyid
sign nocerts.cms p256 -nocerts
sign chain.cms p256 -certfile <(cat intermediate.pem ca.pem)
sign chain-without-root.cms p256 -certfile intermediate.pem
sign expired.cms expired
sign future.cms future
sign two-signers.cms rsa -signer p384.pem -inkey p384.key
sign receipt.cms rsa -econtent_type 1.2.840.113549.1.9.16.1.4
openssl cms -sign -binary -nodetach -stream -in profile.mobileconfig -signer rsa.pem -inkey rsa.key -outform DER -out ber.cms
openssl cms -sign -binary -nodetach -stream -noattr -in profile.mobileconfig -signer p256.pem -inkey p256.key -outform DER -out ber-noattr.cms
openssl cms -sign -binary -nodetach -in profile.bplist -signer p256.pem -inkey p256.key -outform DER -out binary.cms
openssl cms -sign -binary -nodetach -in profile.mobileconfig -signer p256.pem -inkey p256.key -outform PEM -out cms.pem
openssl smime -sign -binary -nodetach -in profile.mobileconfig -signer rsa.pem -inkey rsa.key -outform PEM -out pkcs7.pem
openssl smime -sign -binary -nodetach -in profile.mobileconfig -signer rsa.pem -inkey rsa.key -outform DER -out pkcs7.cms
openssl cms -sign -binary -in profile.mobileconfig -signer p256.pem -inkey p256.key -outform DER -out detached.cms
openssl cms -sign -binary -nodetach -in p256-sha256.cms -signer p256.pem -inkey p256.key -outform DER -out nested.cms
openssl cms -encrypt -binary -in profile.mobileconfig -outform DER -out enveloped.cms rsa.pem
openssl cms -encrypt -binary -in profile.mobileconfig -outform PEM -out enveloped.pem rsa.pem
openssl crl2pkcs7 -nocrl -certfile p256.pem -outform DER -out certificates-only.cms
python3 handmade.py
openssl x509 -in p256.pem -outform DER -out certificate.der
openssl x509 -in p256.pem -out certificate.pem
rm -f ./*.key ./*.cnf ./index.txt* request.pem [0-9A-F][0-9A-F]*.pem intermediate.pem rsa.pem p256.pem p384.pem p521.pem brainpool.pem ed25519.pem dsa.pem rsapss.pem expired.pem future.pem ca.pem
