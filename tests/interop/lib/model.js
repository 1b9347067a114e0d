// What a store must hold, kept beside it in memory, and the proofs that each side sees just that.
'use strict';

const assert = require('assert');
const { command } = require('./hexpage.js');

// The text of a value with the members of every object sorted: equal texts, equal values.
function canonical(value) {
  return JSON.stringify(value, (_, v) => {
    if (v === null || typeof v !== 'object' || Array.isArray(v)) return v;
    // Entries rather than an object, in which integer-like names would come first again.
    return { members: Object.keys(v).sort().map((name) => [name, v[name]]) };
  });
}

// Items as sorted [key, canonical text] pairs, from a Map or from an array of pairs.
function sortedItems(pairs) {
  return [...pairs]
    .map(([key, value]) => [key, canonical(value)])
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

class Model {
  constructor() {
    this.hashes = new Map(); // path -> {options, items: Map}
    this.records = new Map(); // path -> value
  }

  create(path, options = {}) {
    this.hashes.set(path, { options, items: new Map() });
    return this.hashes.get(path).items;
  }

  items(path) {
    return this.hashes.get(path).items;
  }

  // A header as it must be: the options in their order, `page_size` among them, and the length.
  header(path) {
    const { options, items } = this.hashes.get(path);
    return { ...options, length: items.size, type: 'hash' };
  }
}

const kAbsentKey = 'no such key';

// Node's own reads: every key by hashGet, its iteration, its header.
async function assertNodeSees(reference, model) {
  for (const [path, { items }] of model.hashes) {
    const expected = sortedItems(items);
    assert.strictEqual(canonical(await reference.hashGetInfo(path)), canonical(model.header(path)));

    const each = [];
    await reference.hashEach(path, (key, value) => each.push([key, value]));
    assert.deepStrictEqual(sortedItems(each), expected, `hashEach of ${path}`);

    const got = [];
    for (const key of items.keys()) got.push([key, await reference.hashGet(path, key)]);
    assert.deepStrictEqual(sortedItems(got), expected, `hashGet in ${path}`);
    await assert.rejects(reference.hashGet(path, kAbsentKey), { code: 'NoSuchKey' });
  }
  for (const [path, value] of model.records)
    assert.strictEqual(canonical(await reference.get(path)), canonical(value), path);
}

// The same by hexpage: every key by GET, SCAN and the length, in one session of the pipe; the first
// hash by `each` too; and nothing for verify to say.
function assertHexpageSees(hexpage, model) {
  const paths = [...model.hashes.keys()];
  const answers = hexpage.pipe(paths.flatMap((path) => readsOf(path, model.items(path))));
  for (const path of paths) {
    const items = model.items(path);
    const [length, all, absent, ...values] = answers.splice(0, 3 + items.size);
    const got = [...items.keys()].map((key, i) => [key, values[i]]);
    assert.strictEqual(length, items.size, `LEN of ${path}`);
    assert.deepStrictEqual(sortedItems(Object.entries(all)), sortedItems(items), `SCAN of ${path}`);
    assert.strictEqual(absent, null);
    assert.deepStrictEqual(sortedItems(got), sortedItems(items), `GET in ${path}`);
  }
  const each = hexpage.lines('each', paths[0]).map(({ key, value }) => [key, value]);
  assert.deepStrictEqual(sortedItems(each), sortedItems(model.items(paths[0])), 'each');
  assertVerified(hexpage);
}

function readsOf(path, items) {
  return [
    command.length(path),
    command.scan(path),
    command.get(path, kAbsentKey),
    ...[...items.keys()].map((key) => command.get(path, key)),
  ];
}

function assertVerified(hexpage) {
  const { status, stdout, stderr } = hexpage.try(['verify']);
  assert.strictEqual(status, 0, `verify: ${stdout}${stderr}`);
}

module.exports = { Model, assertNodeSees, assertHexpageSees, assertVerified, canonical };
