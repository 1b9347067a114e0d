// Node and hexpage take turns on one store, in every layout: what either wrote, the other reads,
// changes and removes, and both agree on everything that is there.
'use strict';

const test = require('node:test');
const { kLayouts } = require('./lib/layouts.js');
const { withStore } = require('./lib/store.js');
const { command } = require('./lib/hexpage.js');
const { kKeys, kValues, variedItems, Random, chosenSeed } = require('./lib/documents.js');
const { Model, assertNodeSees, assertHexpageSees } = require('./lib/model.js');

const kSeed = chosenSeed();
const kTurns = 2;

// `users` splits once, `deep/er/numbers` at three levels, `one/page` never.
const kHashes = {
  users: { zeta: 1, page_size: 10, owner: { name: 'Ünï 😀', ids: [1, 2] } },
  'deep/er/numbers': { page_size: 1 },
  'one/page': { page_size: 50 },
};

function modelOfFirstTurn() {
  const model = new Model();
  for (const [path, options] of Object.entries(kHashes)) model.create(path, options);
  for (const [key, value] of variedItems()) model.items('users').set(key, value);
  for (let i = 0; i < 60; ++i) model.items('deep/er/numbers').set(`n${i}`, { i });
  for (const key of kKeys.slice(0, 20)) model.items('one/page').set(key, { key });
  return model;
}

// Some changes of every kind, made in the model and given as [kind, path, key, value].
function drawChanges(random, model) {
  const changes = [];
  for (const path of model.hashes.keys()) {
    const items = model.items(path);
    for (let i = 0; i < 25; ++i) {
      const isPut = items.size === 0 || random.below(5) < 2;
      const key = isPut && random.below(2) ? `new ${random.below(1000)} ж` : pickKey(random, items);
      const value = random.pick(kValues);
      if (isPut) items.set(key, value);
      else items.delete(key);
      changes.push([isPut ? 'put' : 'delete', path, key, value]);
    }
  }
  return changes;
}

function pickKey(random, items) {
  return items.size === 0 ? 'first' : random.pick([...items.keys()]);
}

async function nodeApplies(reference, changes) {
  for (const [kind, path, key, value] of changes) {
    if (kind === 'put') await reference.hashPut(path, key, value);
    else await reference.hashDelete(path, key);
  }
}

function hexpageApplies(hexpage, changes) {
  hexpage.pipe(
    changes.map(([kind, path, key, value]) =>
      kind === 'put' ? command.put(path, key, value) : command.del(path, key),
    ),
  );
}

async function nodeFills(reference, model) {
  for (const [path, { options, items }] of model.hashes) {
    await reference.hashCreate(path, { ...options });
    for (const [key, value] of items) await reference.hashPut(path, key, value);
  }
}

function hexpageFills(hexpage, model) {
  for (const [path, { options, items }] of model.hashes) {
    hexpage.run('create', path, JSON.stringify(options));
    hexpage.pipe([...items].map(([key, value]) => command.put(path, key, value)));
  }
}

async function takeTurns(store, model, random) {
  for (let turn = 0; turn < kTurns; ++turn) {
    hexpageApplies(store.hexpage, drawChanges(random, model));
    await store.node((reference) => assertNodeSees(reference, model));
    assertHexpageSees(store.hexpage, model);

    await store.node((reference) => nodeApplies(reference, drawChanges(random, model)));
    assertHexpageSees(store.hexpage, model);
  }
}

Object.entries(kLayouts).forEach(([name, layout], i) => {
  test(`Node begins, in turns: ${name}`, () =>
    withStore(layout, 50, async (store) => {
      const model = modelOfFirstTurn();
      await store.node((reference) => nodeFills(reference, model));
      assertHexpageSees(store.hexpage, model);
      await takeTurns(store, model, new Random(kSeed + i));
    }));

  test(`hexpage begins, in turns: ${name}`, () =>
    withStore(layout, 50, async (store) => {
      const model = modelOfFirstTurn();
      hexpageFills(store.hexpage, model);
      await store.node((reference) => assertNodeSees(reference, model));
      await takeTurns(store, model, new Random(kSeed + 100 + i));
    }));
});
