// The payloads of a profile's XML, by their place, for the headings of the list of problems. It only labels: what it
// cannot read it leaves out, and the judgement is the checker's.

const TOKEN = /<!--[\s\S]*?-->|<!\[CDATA\[([\s\S]*?)\]\]>|<(\/?)(dict|array|key|string)\s*(\/?)>|([^<]+)|<[^>]*>/g;
const ENTITIES = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** `{ type, name }` of each dictionary in the profile's PayloadContent, in order. */
export function payloadsOf(text) {
  const found = [];
  const open = []; // { tag, key }: the dictionaries and arrays around
  let word = null; // the text of the key or string being read
  for (const [, cdata, closing, tag, empty, plain] of text.matchAll(TOKEN)) {
    if (cdata !== undefined || plain !== undefined) {
      if (word !== null) word += cdata ?? plain.replace(/&(lt|gt|amp|quot|apos);/g, (_, name) => ENTITIES[name]);
    } else if (tag === 'dict' || tag === 'array') {
      if (closing) open.pop();
      else if (!empty) {
        open.push({ tag, key: null });
        if (inPayloads(open) && tag === 'dict') found.push({ type: '', name: '' });
      } else if (open.length === 2 && tag === 'dict' && isPayloads(open)) found.push({ type: '', name: '' });
    } else if (tag && !closing) {
      word = empty ? null : '';
    } else if (tag && word !== null) {
      const around = open.at(-1);
      if (tag === 'key' && around) around.key = word;
      else if (inPayloads(open) && around.key === 'PayloadType') found.at(-1).type = word;
      else if (inPayloads(open) && around.key === 'PayloadDisplayName') found.at(-1).name = word;
      word = null;
    }
  }
  return found;
}

const isPayloads = (open) => open[0]?.tag === 'dict' && open[0].key === 'PayloadContent' && open[1]?.tag === 'array';
const inPayloads = (open) => open.length === 3 && open[2].tag === 'dict' && isPayloads(open);
