// The description of a profile as a tree of tables, as docs/new.md has it: what the form writes and the builder reads.

/** The steps of a path: `vpn.ikev2.mtu`. */
export const steps = (path) => path.split('.');

/** The value at a path, or undefined. */
export function get(tree, path) {
  return path.reduce((at, step) => at?.[step], tree);
}

/** Tables that say something by being there. */
const SAYS_BY_BEING = new Set(['per-app']);

/** Whether a value says nothing. */
export const isNothing = (value) => value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);

/** Sets the value at a path, making the tables on the way; nothing (`''`, `[]`, undefined) removes it and what is left empty. */
export function set(tree, path, value) {
  const [step, ...rest] = path;
  if (rest.length) {
    if (typeof tree[step] !== 'object' || tree[step] === null) {
      if (isNothing(value)) return;
      tree[step] = {};
    }
    set(tree[step], rest, value);
    if (Object.keys(tree[step]).length === 0 && !SAYS_BY_BEING.has(step)) delete tree[step];
  } else if (isNothing(value)) delete tree[step];
  else tree[step] = value;
}

/** What is built: without the fields that the chosen methods do not have, and the tables that the type has no place for. */
export function prepared(spec, type) {
  const tree = structuredClone(spec);
  const { fields } = type;
  for (const table of ['on-demand', 'per-app', 'dns', 'proxies']) {
    if (!fields.some(({ path }) => path === table || path.startsWith(`${table}.`))) delete tree[table];
  }
  for (const field of fields) {
    if (field.methods.length && !field.methods.includes(methodOf(tree, field))) set(tree, steps(field.path), undefined);
  }
  tree.profile ??= {};
  tree.vpn ??= {};
  tree.vpn[type.type] ??= {};
  return tree;
}

/** The authentication method beside a field. */
export const methodOf = (tree, field) => get(tree, [...steps(field.path).slice(0, -1), 'method']);

/** A new description of a type: what an old one says as far as the type has a place for it. */
export function turnedInto(spec, type, from) {
  const tree = structuredClone(spec);
  const old = spec.vpn ?? {};
  const bare = (path) => path.split('.').slice(2).join('.').replace(/^tunnel\./, '');
  const was = new Map((from?.fields ?? []).filter(({ path }) => path.startsWith(`vpn.${from.type}.`)).map((field) => [bare(field.path), field]));
  tree.vpn = { [type.type]: {} };
  for (const field of type.fields) {
    if (!field.path.startsWith(`vpn.${type.type}.`) || /\.(wifi|cellular)\./.test(field.path)) continue;
    const before = was.get(bare(field.path));
    const value = before && get({ vpn: old }, steps(before.path));
    if (isNothing(value) || JSON.stringify(before.kind) !== JSON.stringify(field.kind)) continue;
    set(tree, steps(field.path), value);
  }
  const method = type.fields.find(({ path, required }) => path.endsWith('authentication.method') && required);
  if (method && !get(tree, steps(method.path))) set(tree, steps(method.path), method.kind.word.includes('eap') ? 'eap' : method.kind.word[0]);
  return tree;
}

/** The tunnels of Always On that a description has. */
export const TUNNELS = ['tunnel', 'wifi', 'cellular'];
export const tunnelsOf = (spec) => TUNNELS.filter((name) => spec.vpn?.['always-on']?.[name]);

/** What an identity cannot be without, by where it comes from. */
export const SOURCES = {
  pkcs12: { title: 'PKCS#12 file', needs: ['content'] },
  scep: { title: 'SCEP server', needs: ['url'] },
  acme: { title: 'ACME server', needs: ['directory-url', 'client-identifier', 'key-type', 'key-size', 'hardware-bound', 'subject'] },
};
export const sourceOf = (identity) => Object.keys(SOURCES).find((name) => identity?.[name]) ?? null;

/** The paths that a profile cannot be made without and that say nothing yet, in the order of the form. */
export function missing(spec, type) {
  const wanted = [];
  const need = (path) => {
    if (isNothing(get(spec, path))) wanted.push(path.join('.'));
  };
  const inTunnels = tunnelsOf(spec);
  for (const field of type.fields) {
    const path = steps(field.path);
    const tunnel = type.type === 'always-on' && TUNNELS.includes(path[2]) ? path[2] : null;
    if (tunnel && !inTunnels.includes(tunnel)) continue;
    const last = path.at(-1);
    const secret = last === 'secret' && path.at(-2) === 'authentication' && methodOf(spec, field) === 'shared-secret';
    if (field.required || secret || (tunnel && (last === 'server' || last === 'method'))) need(path);
    if (last === 'server' && path[0] === 'proxies' && get(spec, path.slice(0, -1))) need(path);
  }
  for (const [name, identity] of Object.entries(spec.identity ?? {})) {
    const source = sourceOf(identity);
    for (const last of SOURCES[source]?.needs ?? []) need(['identity', name, source, last]);
  }
  return wanted;
}

/** The texts of secrets in a description, the longest first. */
export function secretsOf(spec, type) {
  const found = new Set();
  const take = (value) => {
    if (typeof value === 'string' && value) found.add(value);
  };
  for (const field of type.fields) {
    if (field.kind !== 'secret') continue;
    const path = steps(field.path);
    if (path[0] === 'identity') for (const name of Object.keys(spec.identity ?? {})) take(get(spec, ['identity', name, ...path.slice(2)]));
    else take(get(spec, path));
  }
  return [...found].sort((one, two) => two.length - one.length);
}

/** The place of a key path of the profile in the form: the path of a field that writes it, or null. */
export function fieldOfKey(path, spec, type) {
  const inside = path.includes('].') ? path.slice(path.indexOf('].') + 2) : path;
  const plain = inside.replace(/\[\d+\]/g, '[]');
  const fits = type.fields.filter(({ writes }) => {
    const key = writes.includes(':') ? writes.slice(writes.indexOf(':') + 1) : writes;
    return key !== '' && (key === plain || (plain.startsWith(key) && /^[[.]/.test(plain.slice(key.length))));
  });
  const used = fits.find((field) => !isNothing(get(spec, steps(field.path))) && (!field.methods.length || field.methods.includes(methodOf(spec, field))));
  const shown = fits.find((field) => !field.methods.length || field.methods.includes(methodOf(spec, field)));
  return (used ?? shown)?.path ?? null;
}
