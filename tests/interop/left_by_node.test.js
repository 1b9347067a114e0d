// What Node may leave behind is nothing for hexpage to stumble over: it reads it, calls it no error,
// and does not touch it until it has to.
'use strict';

const assert = require('assert');
const fs = require('fs');
const path = require('path');
const test = require('node:test');
const { kLayouts } = require('./lib/layouts.js');
const { withStore } = require('./lib/store.js');
const { command } = require('./lib/hexpage.js');
const { variedItems, keysOfDigit } = require('./lib/documents.js');
const { Model, assertNodeSees, assertHexpageSees, assertVerified } = require('./lib/model.js');

const kRaw = kLayouts['raw paths'];
const kMd5 = kLayouts['MD5 directories'];

test('reading and verifying change no file', () =>
  withStore(kRaw, 10, async (store) => {
    const model = new Model();
    const items = model.create('users', { page_size: 10 });
    for (const [key, value] of variedItems()) items.set(key, value);
    await store.node((reference) => reference.hashPutMulti('users', Object.fromEntries(items)));
    const before = store.files();
    assertHexpageSees(store.hexpage, model);
    assert.deepStrictEqual(store.files(), before);
  }));

test('a change leaves the rest of the page as Node wrote it', () =>
  withStore(kLayouts['raw paths, pretty'], 50, async (store) => {
    await store.node((reference) =>
      reference.hashPutMulti('h', { a: { n: 1 }, b: [1.5, '😀'], c: { 2: 'x', y: null } }),
    );
    const before = store.files()['h/data.json'];
    store.hexpage.run('put', 'h', 'a', '{"n":2}');
    assert.strictEqual(store.files()['h/data.json'], before.replace('"n": 1', '"n": 2'));
  }));

// Eight puts into a page of one digit: the reference splits once and leaves the child overfull.
test('overfull pages are read, verified and split when they are next written', () =>
  withStore(kRaw, 4, async (store) => {
    const model = new Model();
    const items = model.create('h', { page_size: 4 });
    for (const key of keysOfDigit('7', 5)) items.set(key, key);
    await store.node((reference) => reference.hashPutMulti('h', Object.fromEntries(items)));
    assert.strictEqual(JSON.parse(store.files()['h/data/7.json']).length, 5);
    assertHexpageSees(store.hexpage, model);

    const sixth = keysOfDigit('7', 6)[5];
    items.set(sixth, 'sixth');
    store.hexpage.pipe([command.put('h', sixth, 'sixth')]);
    assert.strictEqual(store.files()['h/data/7.json'], '{"type":"hash_index"}');
    await store.node((reference) => assertNodeSees(reference, model));
    assertHexpageSees(store.hexpage, model);
  }));

test('an index over empty pages is an empty hash', () =>
  withStore(kRaw, 2, async (store) => {
    const model = new Model();
    const items = model.create('h', { page_size: 2 });
    const keys = Array.from({ length: 60 }, (_, i) => `k${i}`);
    await store.node(async (reference) => {
      for (const key of keys) await reference.hashPut('h', key, key);
      for (const key of keys) await reference.hashDelete('h', key);
    });
    assert.strictEqual(store.files()['h/data.json'], '{"type":"hash_index"}');
    assertHexpageSees(store.hexpage, model);

    items.set('again', 1);
    store.hexpage.pipe([command.put('h', 'again', 1)]);
    await store.node((reference) => assertNodeSees(reference, model));
    assertHexpageSees(store.hexpage, model);
  }));

test('a hash without pages, after hashDeleteAll', () =>
  withStore(kRaw, 10, async (store) => {
    const model = new Model();
    const items = model.create('h', { page_size: 10 });
    await store.node(async (reference) => {
      await reference.hashPutMulti('h', { a: 1, b: 2 });
      await reference.hashDeleteAll('h');
    });
    assert.deepStrictEqual(Object.keys(store.files()), ['h.json']);
    assertHexpageSees(store.hexpage, model);
    items.set('c', 3);
    store.hexpage.pipe([command.put('h', 'c', 3)]);
    await store.node((reference) => assertNodeSees(reference, model));
  }));

test('records, lists and binary records live beside hashes', () =>
  withStore(kRaw, 10, async (store) => {
    const bytes = Buffer.from([0, 255, 1, 254, 10, 13]);
    const push = (reference) =>
      new Promise((resolve, reject) =>
        reference.storage.listPush('list', { n: 1 }, (error) => (error ? reject(error) : resolve())),
      );
    await store.node(async (reference) => {
      await reference.hashPut('h', 'k', 1);
      await reference.put('settings/main', { theme: 'dark' });
      await reference.put('pictures/cat.gif', bytes);
      await push(reference);
    });
    store.hexpage.pipe([command.put('h', 'k2', 2)]);
    assertVerified(store.hexpage);
    assert.deepStrictEqual(
      store.hexpage.lines('ls', '--json').map((hash) => hash.path),
      ['h'],
    );
    await store.node(async (reference) => {
      assert.deepStrictEqual(await reference.get('settings/main'), { theme: 'dark' });
      assert.deepStrictEqual(await reference.get('pictures/cat.gif'), bytes);
      assert.deepStrictEqual({ ...(await reference.hashGetAll('h')) }, { k: 1, k2: 2 });
    });
  }));

test('integers beyond 2^53 that hexpage stored are exact until Node rewrites their page', () =>
  withStore(kRaw, 10, async (store) => {
    store.hexpage.pipe([command.putText('h', 'big', '{"n":9007199254740993}')]);
    await store.node((reference) => reference.hashGetAll('h'));
    assert.match(store.files()['h/data.json'], /9007199254740993/);
    await store.node((reference) => reference.hashPut('h', 'other', 1));
    assert.match(store.files()['h/data.json'], /9007199254740992/);
  }));

test('MD5 directories tell no paths: adopt makes a hash of Node known', () =>
  withStore(kMd5, 10, async (store) => {
    await store.node((reference) => reference.hashPutMulti('team/users', { a: 1, b: 2 }));
    const known = () => store.hexpage.lines('ls', '--json').map((hash) => hash.path);
    assert.deepStrictEqual(known(), []);
    assert.deepStrictEqual(store.hexpage.pipe([command.get('team/users', 'a')]), [1]);
    store.hexpage.run('adopt', 'team/users');
    assert.deepStrictEqual(known(), ['team/users']);
  }));

test('a directory of the other layout is refused with the setting to use', () =>
  withStore(kMd5, 10, async (store) => {
    await store.node((reference) => reference.hashPut('users', 'a', 1));
    const before = store.files();
    const config = JSON.parse(fs.readFileSync(store.configFile, 'utf8'));
    config.filesystem.raw_file_paths = true;
    fs.writeFileSync(path.join(store.root, 'config.json'), JSON.stringify(config));
    const { status, stderr } = store.hexpage.try(['get', 'users', 'a']);
    assert.strictEqual(status, 2, stderr);
    assert.match(stderr, /raw_file_paths/);
    assert.deepStrictEqual(store.files(), before);
  }));
