// Names for people of the form's groups and fields. What a field is for, the schema says.

export const GROUPS = {
  profile: 'Profile', connection: 'Connection', authentication: 'Authentication', certificates: 'Certificates and keys', proposals: 'Proposals',
  routing: 'Routing', exceptions: 'Exceptions', 'on-demand': 'On demand', 'per-app': 'Per app', dns: 'DNS', proxies: 'Proxies', app: 'App',
};

/** Parts of a group that have a heading of their own. */
export const PARTS = {
  ike: 'IKE SA', child: 'Child SAs', manual: 'Proxy for HTTP and HTTPS', http: 'Proxy for HTTP alone', https: 'Proxy for HTTPS alone',
  'cellular-slice': '5G network slice', 'alternative-names': 'Alternative names in the certificate',
};

const WORDS = {
  uuid: 'UUID', vpn: 'VPN', url: 'URL', mtu: 'MTU', mobike: 'MOBIKE', pfs: 'Perfect forward secrecy', ppk: 'Post-quantum key (PPK)', dns: 'DNS', tls: 'TLS', ca: 'CA',
  apns: 'push notifications', nat: 'NAT', dnn: 'Data network name', smb: 'SMB', uri: 'URI', xauth: 'XAUTH', pin: 'PIN', id: 'ID', http: 'HTTP', https: 'HTTPS', ike: 'IKE', udp: 'UDP', mac: 'Mac',
  acme: 'ACME', scep: 'SCEP',
};

/** Names that the last word of a path does not give well. */
const LABELS = {
  'profile.name': 'Name of the profile', 'profile.uuid': 'UUID of the profile', 'profile.vpn-uuid': 'UUID of the VPN payload', 'profile.consent': 'Consent text',
  'authentication.secret': 'Pre-shared key', 'authentication.name': 'User name', 'authentication.method': 'Method', 'authentication.authentication-method': 'AuthenticationMethod beside EAP',
  'authentication.identity': 'Identity', 'dns.identity': 'Identity', 'ppk-identifier': 'Name of the post-quantum key', 'ppk-mandatory': 'Post-quantum key is mandatory',
  'dead-peer-detection': 'Dead peer detection', 'nat-keepalive-offload': 'NAT keepalives by the network chip', 'internal-subnets': 'Routes from the server',
  fallback: 'Fallback over cellular', 'idle-timer': 'Idle timer (seconds)', 'disconnect-on-idle': 'Disconnect on idle', 'diffie-hellman-group': 'Diffie-Hellman group',
  'lifetime-minutes': 'Lifetime (minutes)', 'post-quantum': 'Post-quantum key exchanges', 'post-quantum-fallback': 'Also without post-quantum key exchange',
  'on-demand.enabled': 'On demand', 'no-user-override': 'The user cannot switch it off', 'on-demand.rules': 'Rules', 'per-app': 'VPN for chosen apps and domains',
  'match-app': 'An app’s traffic starts it', 'per-app.uuid': 'VPNUUID', 'mac-apps': 'Apps of a Mac', 'exclude-device-communication': 'Exclude nearby devices',
  'captive-web-sheet': 'Web sheet for captive networks', 'all-captive-plugins': 'All apps for captive networks', 'captive-plugins': 'Apps for captive networks',
  subtype: 'Which app', 'provider-type': 'Kind of provider', 'custom-data': 'The app’s own settings', 'connection-name': 'Name of the connection', 'user-toggle': 'The user may switch it off',
  'ask-pin': 'Ask for a PIN', 'ask-each-time': 'Ask for the password each time', 'override-primary': 'All traffic', 'dns.domain': 'Primary domain', 'dns.servers': 'Name servers',
  'acme.attest': 'Attest the key', 'key-is-extractable': 'Key is extractable', 'all-apps-access': 'All apps may use the key', 'pkcs12.content': 'PKCS#12 file', 'pkcs12.password': 'Password of the file',
  'alternative-names.email': 'E-mail address', 'alternative-names.dns': 'Host name', 'alternative-names.principal': 'NT principal name',
};

/** The label of a field: `vpn.ikev2.local-identifier` is "Local identifier". */
export function labelOf(path) {
  const steps = path.split('.');
  const last = steps.at(-1);
  const known = LABELS[steps.slice(-2).join('.')] ?? LABELS[last];
  if (known) return known;
  const text = last.split('-').map((word) => WORDS[word] ?? word).join(' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Words of a choice for people. */
const CHOICES = {
  'shared-secret': 'Pre-shared key', certificate: 'Certificate', eap: 'User name and password (EAP)', 'eap-tls': 'Certificate by EAP-TLS', password: 'Password', 'password-and-certificate': 'Password and certificate',
  'packet-tunnel': 'Packets (packet-tunnel)', 'app-proxy': 'Connections of apps (app-proxy)',
};
export const choiceOf = (word) => CHOICES[word] ?? word;

/** The fields that most profiles need; the others of a group are folded up. By the name of the flag. */
const COMMON = new Set([
  'name', 'connection-name', 'identifier', 'organization', 'server', 'local-identifier', 'remote-identifier', 'auth', 'psk', 'username', 'password', 'use-identity', 'account', 'group', 'realm', 'role',
  'login-group-or-domain', 'certificate-type', 'ike-encryption', 'ike-integrity', 'ike-dh-group', 'child-encryption', 'child-integrity', 'child-dh-group', 'pfs', 'dead-peer-detection', 'include-all-networks',
  'exclude-local-networks', 'override-primary', 'rule', 'on-demand', 'per-app', 'safari-domains', 'match-app', 'associated-domains', 'excluded-domains', 'dns-servers', 'dns-match-domains', 'proxy-server',
  'proxy-port', 'proxy-auto-config-url', 'subtype', 'provider-type', 'app-identifier', 'custom-data', 'service', 'app', 'captive-web-sheet', 'identity', 'identity-password', 'scep-url', 'scep-name',
  'scep-subject', 'scep-challenge', 'scep-key-size', 'acme-directory-url', 'acme-client-identifier', 'acme-key-type', 'acme-key-size', 'acme-hardware-bound', 'acme-subject', 'user-toggle', 'remote-address',
]);

/** Whether most profiles need a field. */
export const isCommon = ({ flag, help }) => COMMON.has(flag.replace(/^(wifi|cellular)-/, '')) && !help.startsWith('No meaning');

/** What a field is for; the schema speaks of flags of the command line. */
export const helpOf = (help) =>
  help
    .replace('; follows from the other flags where they leave no choice', '')
    .replace('the other flags here', 'the other fields here')
    .replace('that of the one --ca beside', 'that of the one certificate to trust beside')
    .replace(/with --pfs/, 'with perfect forward secrecy');

/** Names of the tunnels of Always On. */
export const TUNNEL_TITLES = { tunnel: 'Tunnel for Wi-Fi and cellular', wifi: 'Tunnel for Wi-Fi', cellular: 'Tunnel for cellular' };
