// Compares a profile with a strongSwan server's swanctl.conf: whether they agree, on what, and what to change where.

import { h, icon, prose, replace, sentence } from '../../dom.js';
import { callout, copyButton, field, fileButton, later, scroller, select, takesDrops, uid, unreadable } from '../parts.js';

const EXAMPLE = `connections {
  office {
    version = 2
    proposals = aes256gcm16-prfsha384-ecp384
    pools = clients
    local {
      auth = pubkey
      certs = server.pem
      id = vpn.example.com
    }
    remote {
      auth = eap-mschapv2
      eap_id = %any
    }
    children {
      net {
        local_ts = 0.0.0.0/0
        esp_proposals = aes256gcm16-ecp384
      }
    }
  }
}
pools {
  clients {
    addrs = 10.10.0.0/24
  }
}
`;

const WEIGHTS = { fails: ['error', 'The tunnel does not come up'], 'rekey-fails': ['warning', 'It cannot be rekeyed'], note: ['notice', 'Worth knowing'] };

/** The comparison; `ask(swanctl, connection)` gives the engine's report. The text stays when another profile is shown. */
export function serverPanel(context, ask) {
  let connection = '';
  const text = h('textarea', {
    rows: 12, spellcheck: 'false', autocapitalize: 'none', autocomplete: 'off', class: 'mono', placeholder: 'connections { … }',
    oninput: () => {
      connection = '';
      compared();
    },
  });
  const result = h('div', { class: 'stack', role: 'status' });
  const load = async (file) => {
    if (file.size > 4_000_000) return context.notify(`${file.name} is too large for a swanctl.conf.`);
    text.value = await file.text();
    connection = '';
    return run();
  };
  const input = h(
    'div',
    { class: 'stack' },
    field('swanctl.conf', text, 'Connections, pools and secrets in one file. Paste it, or drop the file here; it stays in this page.'),
    h(
      'div',
      { class: 'row' },
      fileButton('Choose a file', load),
      h('button', { class: 'button small', type: 'button', onclick: () => {
        text.value = EXAMPLE;
        connection = '';
        run();
      } }, 'Insert an example'),
      h('button', { class: 'button small quiet', type: 'button', onclick: () => clear() }, icon('trash'), 'Clear'),
    ),
  );
  takesDrops(input, load);
  const element = h('div', { class: 'split compare' }, input, result);
  const compared = later(run, 250);

  async function run() {
    if (!text.value.trim()) return replace(result, h('p', { class: 'hint' }, 'Nothing to compare with yet.'));
    try {
      const asked = text.value;
      const report = await ask(asked, connection);
      return report && asked === text.value && show(report);
    } catch (error) {
      return replace(result, callout('error', prose(error.message)));
    }
  }

  function show(report) {
    if (report.error) return replace(result, unreadable(context, context.state.file(), report));
    const names = report.connections.map((one) => one.connection);
    if (!connection) known = names;
    const chooser = known.length > 1 && field('Connection', select([['', `all ${known.length}`], ...known.map((name) => [name, name])], connection, (value) => {
      connection = value;
      run();
    }));
    return replace(
      result,
      report.agree
        ? callout('ok', h('strong', null, 'Profile and server agree.'))
        : callout('error', h('strong', null, 'Profile and server do not agree.'), ' The differences say what to change on either side.'),
      chooser,
      report.connections.map((one) => verdict(context, one)),
      names.length > 1 && h('p', { class: 'hint' }, 'Which connection strongSwan takes also depends on addresses.'),
    );
  }
  let known = [];

  run();
  function clear() {
    text.value = '';
    connection = '';
    run();
  }

  return { element, run };
}

function verdict(context, one) {
  const [kind, words] = one.agree ? ['ok', 'Agrees'] : one.connects ? ['warning', 'Comes up, but cannot be rekeyed'] : ['error', 'Does not agree'];
  const chosen = [['IKE SA', one.ike], ['Child SA', one.child], ['Its rekey', one.rekey]].filter(([, found]) => found);
  const id = uid('connection');
  return h(
    'article',
    { class: 'connection stack', 'aria-labelledby': id },
    h('div', { class: 'row' }, h('h3', { id }, 'Connection ', h('code', null, one.connection)), h('span', { class: `badge ${kind}` }, icon(kind), words), h('span', { class: 'hint' }, `line ${one.line}`)),
    chosen.length > 0 &&
      scroller(
        `Chosen proposals of ${one.connection}`,
        h(
          'table',
          { class: 'table' },
          h('caption', null, 'What is chosen'),
          h('thead', null, h('tr', null, ['', 'Proposal', 'The profile’s', 'The server’s'].map((name) => (name ? h('th', { scope: 'col' }, name) : h('td', null))))),
          h('tbody', null, chosen.map(([name, found]) => h('tr', null, h('th', { scope: 'row' }, name), h('td', null, found.text), h('td', null, `No. ${found.number}`), h('td', null, h('code', null, found.server))))),
        ),
      ),
    one.differences.length > 0 && h('ul', { class: 'differences' }, one.differences.map((found) => difference(context, found))),
    one.authentication.length > 0 && h('div', null, h('h4', null, 'Who proves what'), h('ul', { class: 'plain-list' }, one.authentication.map(line))),
    one.unknown.length > 0 && h('div', null, h('h4', null, 'Neither file says'), h('ul', { class: 'plain-list' }, one.unknown.map(line))),
  );
}

const line = (text) => h('li', null, h('span', { class: sentence(text) }, prose(text)));

function difference(context, found) {
  const [kind, words] = WEIGHTS[found.weight] ?? ['notice', found.weight];
  return h(
    'li',
    { class: 'difference', 'data-kind': kind },
    h('p', null, h('span', { class: `badge ${kind}` }, icon(kind), words), found.server_line ? h('span', { class: 'hint' }, ` line ${found.server_line}`) : null),
    h('p', { class: sentence(found.message) }, prose(found.message)),
    (found.profile_fix || found.server_fix) &&
      h(
        'ul',
        { class: 'fixes' },
        found.profile_fix && h('li', null, h('span', { class: 'where' }, 'In the profile'), h('span', null, found.profile_key && [h('code', null, found.profile_key), ': '], prose(found.profile_fix))),
        found.server_fix && h('li', null, h('span', { class: 'where' }, 'In swanctl.conf'), h('code', null, found.server_fix), copyButton(context, () => found.server_fix)),
      ),
  );
}
