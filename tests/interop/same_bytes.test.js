// The same operations by Node and by hexpage leave the same files, byte for byte, wherever the
// reference does what its own documentation says. Where hexpage does better on purpose, the
// difference is shown, and that Node reads the result.
'use strict';

const assert = require('assert');
const test = require('node:test');
const { kLayouts } = require('./lib/layouts.js');
const { withStore } = require('./lib/store.js');
const { command } = require('./lib/hexpage.js');
const { kKeys, kValues, variedItems, keysOfDigit } = require('./lib/documents.js');
const { Model, assertNodeSees } = require('./lib/model.js');

// Runs `node` on one store and `hexpage` on another and compares their files; `keeps` says which of
// Node's files hexpage has too.
async function assertSameFiles(layout, pageSize, { node, hexpage }, keeps = () => true) {
  await withStore(layout, pageSize, (nodeStore) =>
    withStore(layout, pageSize, async (ours) => {
      await nodeStore.node(node);
      hexpage(ours.hexpage);
      const files = Object.entries(nodeStore.files()).filter(([, text]) => keeps(text));
      assert.deepStrictEqual(ours.files(), Object.fromEntries(files));
    }),
  );
}

// Below an index the reference leaves the page of its last deleted item; hexpage removes the file.
function hasItems(text) {
  const { type, length } = JSON.parse(text);
  return type !== 'hash_page' || length > 0;
}

const kPut = 'put';
const kDelete = 'delete';

// [kind, key, value] as a program for either side, on the hash `h/x`.
function programs(operations) {
  return {
    node: async (reference) => {
      for (const [kind, key, value] of operations) {
        if (kind === kPut) await reference.hashPut('h/x', key, value);
        else await reference.hashDelete('h/x', key);
      }
    },
    hexpage: (hexpage) =>
      hexpage.pipe(
        operations.map(([kind, key, value]) =>
          kind === kPut ? command.put('h/x', key, value) : command.del('h/x', key),
        ),
      ),
  };
}

// Inside a document JSON.stringify puts integer-like names first, and hexpage keeps a document as it
// is given: documents with such names are left to a test of their own.
const kPlainValues = kValues.filter((value) => !(value && value[10] && value[9]));
const plainPuts = () =>
  [...variedItems().keys()].map((key, i) => [kPut, key, kPlainValues[i % kPlainValues.length]]);

for (const [name, layout] of Object.entries(kLayouts)) {
  test(`a page of every kind of document: ${name}`, () =>
    assertSameFiles(layout, 50, programs(plainPuts().slice(0, 45))));

  test(`one split: ${name}`, () => assertSameFiles(layout, 20, programs(plainPuts())));

  test(`splits at two levels, then replaced and deleted items: ${name}`, () => {
    const puts = Array.from({ length: 160 }, (_, i) => [kPut, `key${i}`, { i, text: 'é😀' }]);
    const again = puts.filter((_, i) => i % 7 === 3).map(([, key]) => [kPut, key, { again: [key] }]);
    const deletes = puts.filter((_, i) => i % 11 === 5).map(([, key]) => [kDelete, key]);
    const back = deletes.slice(0, 5).map(([, key]) => [kPut, key, 'back']);
    const all = [...puts, ...again, ...deletes, ...back];
    return assertSameFiles(layout, 10, programs(all), hasItems);
  });
}

test('an empty hash with options of its own', () => {
  const options = { zz: 1, page_size: 7, aa: {}, note: 'Ünï 😀' };
  return assertSameFiles(kLayouts['raw paths'], 50, {
    node: (reference) => reference.hashCreate('h', { ...options }),
    hexpage: (hexpage) => hexpage.run('create', 'h', JSON.stringify(options)),
  });
});

test('a hash emptied item by item before it ever split', () =>
  assertSameFiles(
    kLayouts['raw paths'],
    10,
    programs([
      ...kKeys.slice(0, 5).map((key) => [kPut, key, key]),
      ...kKeys.slice(0, 5).map((key) => [kDelete, key]),
    ]),
  ));

test('hashUpdate by nested paths', () => {
  const before = { name: 'Ann', address: { city: 'Ulm' }, tags: ['a', 'b'] };
  const changes = { 'address.city': 'Bonn', 'address.zip.code': 53111, 'a\\.b': 1, age: 41 };
  return assertSameFiles(kLayouts['raw paths'], 10, {
    node: async (reference) => {
      await reference.hashPut('h', 'ann', before);
      await reference.hashUpdate('h', 'ann', changes);
    },
    hexpage: (hexpage) => {
      hexpage.run('put', 'h', 'ann', JSON.stringify(before));
      hexpage.run('update', 'h', 'ann', JSON.stringify(changes));
    },
  });
});

test('copy, rename and clear', () => {
  const puts = programs(Array.from({ length: 40 }, (_, i) => [kPut, `k${i}`, i]));
  return assertSameFiles(kLayouts['raw paths'], 10, {
    node: async (reference) => {
      await puts.node(reference);
      await reference.hashCopy('h/x', 'copied');
      await reference.hashCopy('h/x', 'other');
      await reference.hashRename('other', 'renamed/hash');
      await reference.hashDeleteAll('h/x', true);
    },
    hexpage: (hexpage) => {
      puts.hexpage(hexpage);
      hexpage.run('copy', 'h/x', 'copied');
      hexpage.run('copy', 'h/x', 'other');
      hexpage.run('rename', 'other', 'renamed/hash');
      hexpage.run('drop', 'h/x');
    },
  });
});

// hexpage keeps the text of a document, Node makes it anew: integer-like names move to the front. The
// values are the same, and Node's next write of the page brings its own order.
test('integer-like names in a document differ in order only', () =>
  withStore(kLayouts['raw paths'], 50, (nodeStore) =>
    withStore(kLayouts['raw paths'], 50, async (ours) => {
      const text = '{"z":1,"10":2,"9":{"y":3,"1":4}}';
      await nodeStore.node((reference) => reference.hashPut('h/x', 'a', JSON.parse(text)));
      ours.hexpage.run('put', 'h/x', 'a', text);
      assert.strictEqual(ours.hexpage.run('get', 'h/x', 'a', '--raw'), `${text}\n`);
      const page = (store) => JSON.parse(store.files()['h/x/data.json']);
      assert.deepStrictEqual(page(ours), page(nodeStore));

      await nodeStore.node((reference) => reference.hashPut('h/x', 'c', 3));
      await ours.node((reference) => reference.hashPut('h/x', 'c', 3));
      assert.deepStrictEqual(ours.files(), nodeStore.files());
    }),
  ));

// The reference splits one level a put and leaves an overfull child as it is.
test('a split goes on until no page is overfull', () => {
  const keys = keysOfDigit('3', 8);
  return withStore(kLayouts['raw paths'], 4, async (ours) => {
    const model = new Model();
    const items = model.create('h/x', { page_size: 4 });
    keys.forEach((key, i) => items.set(key, i));
    ours.hexpage.pipe([command.putMulti('h/x', Object.fromEntries(items))]);

    const files = ours.files();
    assert.strictEqual(files['h/x/data.json'], '{"type":"hash_index"}');
    assert.strictEqual(files['h/x/data/3.json'], '{"type":"hash_index"}');
    for (const text of Object.values(files)) {
      const page = JSON.parse(text);
      if (page.type === 'hash_page') assert.ok(page.length <= 4, text);
    }
    await ours.node((reference) => assertNodeSees(reference, model));
  });
});

// The reference keeps an index over sparse and empty pages; hexpage gathers them into one.
test('what is left of an index is gathered into a page that Node reads', () =>
  withStore(kLayouts['raw paths'], 10, async (ours) => {
    const model = new Model();
    const items = model.create('h/x', { page_size: 10 });
    for (let i = 0; i < 200; ++i) items.set(`k${i}`, i);
    const keys = [...items.keys()];
    await ours.node((reference) => reference.hashPutMulti('h/x', Object.fromEntries(items)));

    const gone = keys.slice(2);
    gone.forEach((key) => items.delete(key));
    ours.hexpage.pipe(gone.map((key) => command.del('h/x', key)));

    assert.deepStrictEqual(Object.keys(ours.files()), ['h/x.json', 'h/x/data.json']);
    await ours.node((reference) => assertNodeSees(reference, model));
  }));
