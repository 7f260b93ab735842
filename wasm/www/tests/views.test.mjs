// The parts of Build and Explain that need no browser: descriptions as trees, what they lack, which field a finding belongs
// to; what the drawing of a tunnel says.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { helpOf, isCommon, labelOf } from '../src/views/build/labels.js';
import { fieldOfKey, get, missing, prepared, secretsOf, set, sourceOf, steps, turnedInto } from '../src/views/build/spec.js';
import { sentences } from '../src/views/explain/picture.js';
import { actionOf, bareUrl, conditionsOf, list } from '../src/views/explain/words.js';

const field = (path, writes, more = {}) => ({ path, writes, flag: path.split('.').at(-1), kind: 'text', required: false, methods: [], help: '', ...more });
const profile = field('profile.name', 'Configuration:PayloadDisplayName', { required: true });
const ikev2 = {
  type: 'ikev2',
  fields: [
    profile,
    field('vpn.ikev2.server', 'IKEv2.RemoteAddress', { required: true }),
    field('vpn.ikev2.mtu', 'IKEv2.MTU', { kind: 'integer' }),
    field('vpn.ikev2.authentication.method', 'IKEv2.AuthenticationMethod', { kind: { word: ['shared-secret', 'certificate', 'eap'] }, required: true }),
    field('vpn.ikev2.authentication.secret', 'IKEv2.SharedSecret', { kind: 'secret', methods: ['shared-secret'] }),
    field('vpn.ikev2.authentication.password', 'IKEv2.AuthPassword', { kind: 'secret', methods: ['eap'] }),
    field('vpn.ikev2.ike.diffie-hellman-group', 'IKEv2.IKESecurityAssociationParameters.DiffieHellmanGroup', { kind: 'integer' }),
    field('on-demand.rules', 'IKEv2.OnDemandRules', { kind: 'rules' }),
    field('per-app', 'VPNUUID', { kind: 'table' }),
    field('proxies.manual.server', 'Proxies.HTTPProxy'),
    field('proxies.manual.port', 'Proxies.HTTPPort', { kind: 'integer' }),
    field('identity.user.pkcs12.password', 'com.apple.security.pkcs12:Password', { kind: 'secret' }),
  ],
};
const alwaysOn = {
  type: 'always-on',
  fields: [
    profile,
    ...['tunnel', 'wifi', 'cellular'].flatMap((name) => [
      field(`vpn.always-on.${name}.server`, 'AlwaysOn.TunnelConfigurations[].RemoteAddress'),
      field(`vpn.always-on.${name}.authentication.method`, 'AlwaysOn.TunnelConfigurations[].AuthenticationMethod', { kind: { word: ['shared-secret', 'certificate', 'eap'] } }),
      field(`vpn.always-on.${name}.authentication.secret`, 'AlwaysOn.TunnelConfigurations[].SharedSecret', { kind: 'secret', methods: ['shared-secret'] }),
    ]),
  ],
};

test('values are set and taken away with the tables around them', () => {
  const tree = {};
  set(tree, steps('vpn.ikev2.ike.encryption'), 'AES-256');
  assert.deepEqual(tree, { vpn: { ikev2: { ike: { encryption: 'AES-256' } } } });
  set(tree, steps('vpn.ikev2.mtu'), 0);
  set(tree, steps('vpn.ikev2.pfs'), false);
  set(tree, steps('vpn.ikev2.ike.encryption'), '');
  assert.deepEqual(tree, { vpn: { ikev2: { mtu: 0, pfs: false } } });
  for (const nothing of [undefined, null, '', []]) set(tree, steps('dns.servers'), nothing);
  assert.equal(get(tree, steps('dns.servers.0')), undefined);
  assert.ok(!('dns' in tree));
  // A per-app VPN is one by its table being there, however empty.
  set(tree, ['per-app', 'safari-domains'], ['a']);
  set(tree, ['per-app', 'safari-domains'], []);
  assert.deepEqual(tree['per-app'], {});
});

test('what is built has the fields of the chosen method and the tables of the type alone', () => {
  const spec = { profile: { name: 'x' }, vpn: { ikev2: { server: 'a', authentication: { method: 'eap', secret: 'psk', password: 'word' } } }, 'per-app': {}, dns: { servers: ['10.0.0.1'] } };
  const built = prepared(spec, ikev2);
  assert.deepEqual(built, { profile: { name: 'x' }, vpn: { ikev2: { server: 'a', authentication: { method: 'eap', password: 'word' } } }, 'per-app': {} });
  assert.equal(spec.vpn.ikev2.authentication.secret, 'psk', 'the form keeps what the other method needs');
  assert.deepEqual(prepared({}, alwaysOn), { profile: {}, vpn: { 'always-on': {} } });
});

test('another type takes over what it has a place for', () => {
  const spec = { profile: { name: 'x' }, vpn: { ikev2: { server: 'a', mtu: 1300, authentication: { method: 'shared-secret', secret: 'psk' } } } };
  const turned = turnedInto(spec, alwaysOn, ikev2);
  assert.deepEqual(turned.vpn, { 'always-on': { tunnel: { server: 'a', authentication: { method: 'shared-secret', secret: 'psk' } } } });
  assert.deepEqual(turnedInto(turned, ikev2, alwaysOn).vpn, { ikev2: { server: 'a', authentication: { method: 'shared-secret', secret: 'psk' } } });
  assert.equal(turnedInto({}, ikev2, ikev2).vpn.ikev2.authentication.method, 'eap');
});

test('what is missing is named in the order of the form', () => {
  assert.deepEqual(missing({}, ikev2), ['profile.name', 'vpn.ikev2.server', 'vpn.ikev2.authentication.method']);
  const spec = { profile: { name: 'x' }, vpn: { ikev2: { server: 'a', authentication: { method: 'shared-secret' } } }, proxies: { manual: { port: 1 } }, identity: { user: { pkcs12: {} }, other: { scep: { url: 'u' } } } };
  assert.deepEqual(missing(spec, ikev2), ['vpn.ikev2.authentication.secret', 'proxies.manual.server', 'identity.user.pkcs12.content']);
  assert.equal(sourceOf(spec.identity.other), 'scep');
  // Of Always On, of the tunnels that there are.
  const always = { profile: { name: 'x' }, vpn: { 'always-on': { wifi: { server: 'a' } } } };
  assert.deepEqual(missing(always, alwaysOn), ['vpn.always-on.wifi.authentication.method']);
});

test('secrets of a description are found wherever they stand, the longest first', () => {
  const spec = { vpn: { ikev2: { authentication: { secret: 'short', password: 'a longer one' } } }, identity: { a: { pkcs12: { password: 'word', content: { base64: 'AA==' } } } } };
  assert.deepEqual(secretsOf(spec, ikev2), ['a longer one', 'short', 'word']);
});

test('a finding belongs to the field that writes its key', () => {
  const spec = { vpn: { ikev2: { authentication: { method: 'eap' } } } };
  const of = (path, type = ikev2, tree = spec) => fieldOfKey(path, tree, type);
  assert.equal(of('PayloadContent[0].IKEv2.RemoteAddress'), 'vpn.ikev2.server');
  assert.equal(of('PayloadContent[3].IKEv2.OnDemandRules[1].ActionParameters[0].Domains'), 'on-demand.rules');
  assert.equal(of('PayloadDisplayName'), 'profile.name');
  assert.equal(of('PayloadContent[0].IKEv2.SharedSecret'), null, 'the method has no such field');
  assert.equal(of('PayloadContent[0].IKEv2.Unheard'), null);
  const always = { vpn: { 'always-on': { wifi: { server: 'a' } } } };
  assert.equal(of('PayloadContent[0].AlwaysOn.TunnelConfigurations[0].RemoteAddress', alwaysOn, always), 'vpn.always-on.wifi.server');
});

test('fields have names for people', () => {
  assert.equal(labelOf('vpn.ikev2.local-identifier'), 'Local identifier');
  assert.equal(labelOf('identity.user.pkcs12.content'), 'PKCS#12 file');
  assert.equal(labelOf('vpn.ikev2.mtu'), 'MTU');
  assert.equal(labelOf('dns.server-url'), 'Server URL');
  assert.ok(isCommon({ flag: 'wifi-server', help: '' }));
  assert.ok(!isCommon({ flag: 'provider-type', help: 'No meaning for the system’s own client' }));
  assert.ok(!/--|flags/.test(helpOf('Further key exchanges of the Child SAs, with --pfs') + helpOf('the other flags here imply it')));
});

test('rules are told by their conditions, URLs without credentials', () => {
  const rule = { action: { EvaluateConnection: [{ domains: ['a'] }] }, interface: 'WiFi', ssids: ['Office'], probe_url: 'https://u:p@a/' };
  assert.deepEqual(actionOf(rule), { word: 'EvaluateConnection', parameters: [{ domains: ['a'] }] });
  assert.deepEqual(actionOf({ action: 'Connect' }), { word: 'Connect', parameters: [] });
  assert.deepEqual(conditionsOf(rule).map(({ key }) => key), ['InterfaceTypeMatch', 'SSIDMatch', 'URLStringProbe']);
  assert.equal(bareUrl('https://user:se@cret@probe.example.com/a@b'), 'https://probe.example.com/a@b');
  assert.equal(bareUrl('https://probe.example.com/a@b'), 'https://probe.example.com/a@b');
  assert.equal(list(['a', 'b', 'c']), 'a, b and c');
  assert.equal(list([]), '');
});

test('the drawing says in words what it shows', () => {
  const ends = { protocol: 'ikev2', server: 'vpn.example.com', interfaces: [], device: { identity: 'alice', proofs: ['eap', 'ppk'] }, remote: { identity: null, proofs: ['certificate'] } };
  const picture = { connections: [ends], app: null, inside: 'everything', domains: [], outside: ['local networks'], blocks_when_down: true };
  const words = sentences(picture, ends).join('\n');
  for (const part of ['vpn.example.com', 'EAP with name and password and a post-quantum', 'as “alice”', 'The server proves itself by a certificate', 'Outside stays: local networks', 'nothing leaves']) {
    assert.ok(words.includes(part), `${part} in ${words}`);
  }
  const app = sentences({ ...picture, inside: 'app-decides', outside: [], blocks_when_down: false }, { ...ends, remote: { identity: null, proofs: [] } }).join('\n');
  assert.ok(!app.includes('Outside stays') && app.includes('the profile does not say'));
});
