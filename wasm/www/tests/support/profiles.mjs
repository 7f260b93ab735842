// Profiles that tests make up.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { make } from './cli.mjs';
import { ROOT } from './places.mjs';

/** A PKCS#12 file of the command line's tests, and what opens it. */
export const IDENTITY = { path: join(ROOT, 'cli/tests/new/alice.p12'), password: 'secret' };
/** The certificate that issued the one in it. */
export const AUTHORITY = { path: join(ROOT, 'cli/tests/new/ca.pem') };

/** A binary profile with text beyond ASCII and one weak setting. */
export const binary = () =>
  make(
    'binary.mobileconfig',
    [
      ...['ikev2', '--format', 'binary', '--seed', 'page tests', '--name', 'Büro 🔐', '--server', 'vpn.example.com'],
      ...['--username', 'alice', '--password-file', 'password.txt', '--ike-dh-group', '2', '--allow', 'sa.weak-dh'],
    ],
    { 'password.txt': 'correct horse' },
  );

/** A profile with a PKCS#12 that does not say its password. */
export const withIdentity = async () =>
  make(
    'identity.mobileconfig',
    [
      ...['ikev2', '--seed', 'page tests', '--name', 'Wiki', '--server', 'vpn.example.com'],
      ...['--local-identifier', 'alice@example.com', '--identity', 'alice.p12'],
    ],
    { 'alice.p12': await readFile(IDENTITY.path) },
  );

const HEAD = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
	<key>PayloadContent</key>
	<array>
`;

const TAIL = `	</array>
	<key>PayloadDisplayName</key>
	<string>A large profile</string>
	<key>PayloadIdentifier</key>
	<string>com.example.large</string>
	<key>PayloadType</key>
	<string>Configuration</string>
	<key>PayloadUUID</key>
	<string>00000000-0000-4000-8000-FFFFFFFFFFFF</string>
	<key>PayloadVersion</key>
	<integer>1</integer>
</dict>
</plist>
`;

const payload = (number) => {
  const uuid = `00000000-0000-4000-8000-${number.toString(16).toUpperCase().padStart(12, '0')}`;
  return `		<dict>
			<key>IKEv2</key>
			<dict>
				<key>AuthenticationMethod</key>
				<string>None</string>
				<key>ExtendedAuthEnabled</key>
				<integer>1</integer>
				<key>AuthName</key>
				<string>user${number}</string>
				<key>IKESecurityAssociationParameters</key>
				<dict>
					<key>DiffieHellmanGroup</key>
					<integer>${number % 2 ? 2 : 19}</integer>
					<key>EncryptionAlgorithm</key>
					<string>${number % 3 ? 'AES-256-GCM' : '3DES'}</string>
				</dict>
				<key>RemoteAddress</key>
				<string>vpn${number}.example.com</string>
				<key>RemoteIdentifier</key>
				<string>vpn${number}.example.com</string>
			</dict>
			<key>PayloadDisplayName</key>
			<string>Office ${number}</string>
			<key>PayloadIdentifier</key>
			<string>com.example.large.vpn${number}</string>
			<key>PayloadType</key>
			<string>com.apple.vpn.managed</string>
			<key>PayloadUUID</key>
			<string>${uuid}</string>
			<key>PayloadVersion</key>
			<integer>1</integer>
			<key>UserDefinedName</key>
			<string>Office ${number}</string>
			<key>VPNType</key>
			<string>IKEv2</string>
		</dict>
`;
};

/** A profile of many connections, as large as `bytes` allows. */
export function large(bytes) {
  const parts = [HEAD];
  let size = HEAD.length + TAIL.length;
  for (let number = 1; ; number++) {
    const next = payload(number);
    size += next.length;
    if (size > bytes) break;
    parts.push(next);
  }
  return { name: 'large.mobileconfig', bytes: Buffer.from(`${parts.join('')}${TAIL}`) };
}
