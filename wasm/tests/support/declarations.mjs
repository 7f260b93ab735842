// Reads the package's index.d.ts into plain objects, so that values can be held against it and every variant be counted.
//
// It knows exactly the part of TypeScript that the file is written in and fails on anything else. Whether values fit the
// types is decided by the TypeScript compiler itself (types.test.mjs); what is made here is the list of variants.

import { readFileSync } from 'node:fs';

const TOKEN = /\s+|\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:[^'\\]|\\.)*'|[A-Za-z_$][\w$]*|\d+|=>|[{}()[\]<>|;:,?.=]/y;

function tokens(text) {
  const found = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (!match) throw new Error(`index.d.ts: unknown characters: ${text.slice(at, at + 40)}`);
    if (!/^(\s|\/\*|\/\/)/.test(match[0])) found.push(match[0]);
  }
  return found;
}

/**
 * The declarations: `types` by name, each { kind: 'interface', extends, members } or { kind: 'alias', type }, and
 * `functions`, each { name, returns }.
 */
export function readDeclarations(path) {
  const all = tokens(readFileSync(path, 'utf8'));
  let at = 0;
  const peek = () => all[at];
  const next = () => all[at++];
  const take = (token) => {
    const found = next();
    if (found !== token) throw new Error(`index.d.ts: ${token} expected, ${all.slice(at - 3, at + 3).join(' ')} found`);
  };
  const taken = (token) => (peek() === token ? (next(), true) : false);

  function union() {
    taken('|');
    const members = [postfix()];
    while (taken('|')) members.push(postfix());
    return members.length === 1 ? members[0] : { kind: 'union', members };
  }

  function postfix() {
    let type = primary();
    while (peek() === '[' && all[at + 1] === ']') {
      at += 2;
      type = { kind: 'array', of: type };
    }
    return type;
  }

  function primary() {
    const token = next();
    if (token === '(') {
      const type = union();
      take(')');
      return type;
    }
    if (token === '{') return { kind: 'object', members: members() };
    if (token.startsWith("'")) return { kind: 'literal', value: token.slice(1, -1) };
    if (/^\d+$/.test(token)) return { kind: 'literal', value: Number(token) };
    if (token === 'null') return { kind: 'literal', value: null };
    if (token === 'true') return { kind: 'literal', value: true };
    if (['string', 'number', 'boolean', 'never', 'void'].includes(token)) return { kind: token };
    if (!/^[A-Za-z_$]/.test(token)) throw new Error(`index.d.ts: a type expected, ${token} found`);
    let name = token;
    while (taken('.')) name += `.${next()}`;
    const args = [];
    if (taken('<')) {
      do args.push(union());
      while (taken(','));
      take('>');
    }
    return { kind: 'name', name, args };
  }

  /** What stands between braces, the closing one too. */
  function members() {
    const found = [];
    while (!taken('}')) {
      taken('readonly');
      if (taken('[')) {
        next();
        take(':');
        take('string');
        take(']');
        take(':');
        found.push({ index: true, type: union() });
      } else {
        const token = next();
        const name = token.startsWith("'") ? token.slice(1, -1) : token;
        const optional = taken('?');
        take(':');
        found.push({ name, optional, type: union() });
      }
      take(';');
    }
    return found;
  }

  const types = new Map();
  const functions = [];
  while (at < all.length) {
    take('export');
    const what = next();
    const name = next();
    if (what === 'interface') {
      const bases = [];
      if (taken('extends')) {
        do bases.push(next());
        while (taken(','));
      }
      take('{');
      types.set(name, { kind: 'interface', extends: bases, members: members() });
    } else if (name === 'Draft') {
      // Known below: the one conditional type.
      while (next() !== ';');
    } else if (what === 'type') {
      take('=');
      types.set(name, { kind: 'alias', type: union() });
      take(';');
    } else if (what === 'function') {
      for (let depth = 0; ; ) {
        const token = next();
        if (token === '(') depth += 1;
        if (token === ')' && --depth === 0) break;
      }
      take(':');
      const returns = union();
      // What a promise is of is what is looked at.
      functions.push({ name, returns: returns.name === 'Promise' ? returns.args[0] : returns });
      take(';');
    } else if (what === 'class') {
      while (next() !== '{');
      for (let depth = 1; depth > 0; ) {
        const token = next();
        depth += token === '{' ? 1 : token === '}' ? -1 : 0;
      }
    } else {
      throw new Error(`index.d.ts: export ${what}`);
    }
  }
  return { types, functions };
}

/** The members of an interface with those of its bases. */
function membersOf(types, declared) {
  return [...declared.extends.flatMap((base) => membersOf(types, types.get(base))), ...declared.members];
}

/**
 * Counts variants: `hold(value, type, name)` throws when a value does not fit, and `missing()` lists the variants that no
 * value had so far. A variant is a member of a union, and an optional member that is there or is not.
 */
export function variants({ types, functions }) {
  const seen = new Set();
  /** Inside how many drafts, of which every member may be missing. */
  let drafts = 0;

  const nameOf = (type) => {
    if (type.kind === 'literal') return JSON.stringify(type.value);
    if (type.kind === 'array') return `${nameOf(type.of)}[]`;
    return type.kind === 'name' ? type.name : type.kind;
  };

  /** Why a value does not fit a type, or null; the variants it has go to `found`. */
  function misfit(value, type, where, found) {
    switch (type.kind) {
      case 'literal':
        return value === type.value ? null : `${where}: ${JSON.stringify(type.value)} expected`;
      case 'string':
      case 'number':
      case 'boolean':
        return typeof value === type.kind ? null : `${where}: ${type.kind} expected`;
      case 'never':
        return `${where}: nothing may stand here`;
      case 'array': {
        if (!Array.isArray(value)) return `${where}: an array expected`;
        for (const item of value) {
          const wrong = misfit(item, type.of, `${where}[]`, found);
          if (wrong) return wrong;
        }
        return null;
      }
      case 'union': {
        const reasons = [];
        for (const member of type.members) {
          const inner = new Set();
          const wrong = misfit(value, member, where, inner);
          if (!wrong) {
            for (const one of inner) found.add(one);
            found.add(`${where} is ${nameOf(member)}`);
            return null;
          }
          reasons.push(wrong);
        }
        return `${where}: no member of the union fits: ${reasons.join('; ')}`;
      }
      case 'object':
        return misfitMembers(value, type.members, where, found);
      case 'name':
        return misfitNamed(value, type, where, found);
      default:
        throw new Error(`${where}: ${type.kind}`);
    }
  }

  function misfitNamed(value, type, where, found) {
    if (type.name === 'Uint8Array') return value instanceof Uint8Array ? null : `${where}: bytes expected`;
    if (type.name === 'Draft') {
      drafts += 1;
      try {
        return misfit(value, type.args[0], where, found);
      } finally {
        drafts -= 1;
      }
    }
    if (type.name === 'Record') return misfitMembers(value, [{ index: true, type: type.args[1] }], where, found);
    const declared = types.get(type.name);
    if (!declared) throw new Error(`index.d.ts has no ${type.name}`);
    if (declared.kind === 'alias') return misfit(value, declared.type, type.name, found);
    return misfitMembers(value, membersOf(types, declared), type.name, found);
  }

  function misfitMembers(value, members, where, found) {
    if (value === null || typeof value !== 'object' || Array.isArray(value)) return `${where}: an object expected`;
    const index = members.find((member) => member.index);
    const known = new Map(members.filter((member) => !member.index).map((member) => [member.name, member]));
    for (const name of Object.keys(value)) {
      const member = known.get(name) ?? index;
      if (!member) return `${where}.${name} is no member`;
      const wrong = misfit(value[name], member.type, `${where}.${name === member.name ? name : '*'}`, found);
      if (wrong) return wrong;
    }
    for (const member of known.values()) {
      const there = Object.hasOwn(value, member.name);
      if (!there && !member.optional && drafts === 0) return `${where}.${member.name} is missing`;
      if (member.optional && member.type.kind !== 'never') {
        found.add(`${where}.${member.name} is ${there ? 'there' : 'left out'}`);
      }
    }
    return null;
  }

  /** Every variant that a type has, into `all`. */
  function list(type, where, all, visited) {
    if (type.kind === 'union') {
      for (const member of type.members) {
        all.add(`${where} is ${nameOf(member)}`);
        list(member, where, all, visited);
      }
    } else if (type.kind === 'array') {
      list(type.of, `${where}[]`, all, visited);
    } else if (type.kind === 'object') {
      listMembers(type.members, where, all, visited);
    } else if (type.kind === 'name') {
      if (type.name === 'Draft') return list(type.args[0], where, all, visited);
      if (type.name === 'Record') return list(type.args[1], `${where}.*`, all, visited);
      const declared = types.get(type.name);
      if (!declared || visited.has(type.name)) return undefined;
      visited.add(type.name);
      if (declared.kind === 'alias') list(declared.type, type.name, all, visited);
      else listMembers(membersOf(types, declared), type.name, all, visited);
    }
    return undefined;
  }

  function listMembers(members, where, all, visited) {
    for (const member of members) {
      if (member.type.kind === 'never') continue;
      const inside = `${where}.${member.index ? '*' : member.name}`;
      if (member.optional) for (const how of ['there', 'left out']) all.add(`${inside} is ${how}`);
      list(member.type, inside, all, visited);
    }
  }

  return {
    hold(value, type, where) {
      const found = new Set();
      const wrong = misfit(value, type, where, found);
      if (wrong) throw new Error(`what ${where} gives does not fit: ${wrong}`);
      for (const one of found) seen.add(one);
    },
    /** The variants of everything that a function gives. */
    all() {
      const all = new Set();
      const visited = new Set();
      // Of several signatures the last is the one that takes everything.
      const last = new Map(functions.map(({ name, returns }) => [name, returns]));
      for (const [name, returns] of last) list(returns, name, all, visited);
      return all;
    },
    missing() {
      return [...this.all()].filter((one) => !seen.has(one)).sort();
    },
  };
}
