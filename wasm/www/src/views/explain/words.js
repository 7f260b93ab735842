// The words for what the explanation gives as data.

const PROOFS = {
  'shared-secret': ['Shared secret', 'a secret that both sides know'],
  certificate: ['Certificate', 'a certificate and its key'],
  eap: ['EAP, name and password', 'EAP with name and password'],
  'eap-tls': ['EAP-TLS, certificate', 'EAP-TLS with a certificate'],
  xauth: ['XAUTH, name and password', 'XAUTH with name and password'],
  password: ['Password', 'a password'],
  pin: ['PIN', 'a PIN'],
  ppk: ['Post-quantum key (PPK)', 'a post-quantum pre-shared key (RFC 8784)'],
};

/** A few words for a label. */
export const proofLabel = (proof) => PROOFS[proof]?.[0] ?? proof;
/** The same inside a sentence. */
export const proofWords = (proof) => PROOFS[proof]?.[1] ?? proof;

const PROTOCOLS = {
  ikev2: ['IKEv2', 'IKEv2 and ESP'],
  ikev1: ['IKEv1', 'IKEv1 and ESP'],
  l2tp: ['L2TP', 'L2TP over IPsec'],
  app: ['The app’s own', 'whatever the app speaks'],
  unknown: ['Unknown', 'no type that systems know'],
};
export const protocolLabel = (protocol) => PROTOCOLS[protocol]?.[0] ?? protocol;
export const protocolWords = (protocol) => PROTOCOLS[protocol]?.[1] ?? protocol;

const INSIDE = {
  everything: 'All traffic',
  routes: 'What the server’s routes say',
  apps: 'Chosen apps and domains',
  'app-decides': 'What the app decides',
};
export const insideWords = (inside) => INSIDE[inside] ?? inside;

/** `a`, `a and b`, `a, b and c`. */
export function list(items, last = 'and') {
  return items.length < 2 ? (items[0] ?? '') : `${items.slice(0, -1).join(', ')} ${last} ${items.at(-1)}`;
}

export const INTERFACES = { WiFi: 'Wi-Fi', Ethernet: 'Ethernet', Cellular: 'Cellular', Other: 'Another kind' };

/** The name of a rule's action, and what it carries. */
export function actionOf(rule) {
  return typeof rule.action === 'string' ? { word: rule.action, parameters: [] } : { word: 'EvaluateConnection', parameters: rule.action.EvaluateConnection ?? [] };
}

const ACTIONS = {
  Connect: ['Connect', 'The next connection starts the tunnel, whatever its host.', 'go'],
  Disconnect: ['Disconnect', 'The tunnel is taken down and stays down.', 'stop'],
  Ignore: ['Ignore', 'The tunnel is left as it is.', 'stay'],
  EvaluateConnection: ['Evaluate', 'Each connection is looked at by its host:', 'ask'],
  Allow: ['Allow', 'The lists of before iOS 7 decide (deprecated).', 'ask'],
};
export const actionTitle = (word) => ACTIONS[word]?.[0] ?? word;
export const actionWords = (word) => ACTIONS[word]?.[1] ?? '';
export const actionKind = (word) => ACTIONS[word]?.[2] ?? 'stay';

/** A rule's match keys: `{ key, label, entries }`. */
export function conditionsOf(rule) {
  return [
    rule.interface && { key: 'InterfaceTypeMatch', label: 'Interface is', entries: [INTERFACES[rule.interface] ?? rule.interface] },
    rule.ssids && { key: 'SSIDMatch', label: 'Wi-Fi network is', entries: rule.ssids },
    rule.search_domains && { key: 'DNSDomainMatch', label: 'Search domain is', entries: rule.search_domains },
    rule.dns_servers && { key: 'DNSServerAddressMatch', label: 'DNS server is', entries: rule.dns_servers },
    rule.probe_url && { key: 'URLStringProbe', label: 'Answers with status 200:', entries: [rule.probe_url] },
  ].filter(Boolean);
}

/** A URL without what stands before its `@`, as reports show it. */
export const bareUrl = (url) => url.replace(/^([a-z][a-z0-9+.-]*:\/\/)?[^/?#]*@/i, '$1');
