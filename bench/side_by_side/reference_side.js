// The reference's side of bench/run: the phases of phases.cpp, in the same order, on the npm package
// pixl-server-storage. Prints its results, microseconds each, as one line of JSON.
//
//   node reference_side.js DIRECTORY KEYS
'use strict';

const assert = require('assert');
const path = require('path');
const { withReference } = require('../../tests/interop/lib/reference.js');
const { referenceConfig } = require('../../tests/interop/lib/layouts.js');
const { keyOf, documentOf, randomPicks, spreadPicks } = require('./workload.js');

const kHash = 'bench/users';
const kPageSize = 50;
const kMostGets = 20000;
const kMostChanges = 5000;
const kBatch = 1000;

const [directory, keyCount] = process.argv.slice(2);
const keys = Number(keyCount);
const results = {};

// The reference's LRU cache, large enough for everything.
const kCache = { enabled: true, maxItems: 1000000, maxBytes: 1024 * 1024 * 1024 };

function withStore(name, use, cache) {
  const layout = { raw_file_paths: true, ...(cache ? { cache } : {}) };
  return withReference(referenceConfig(path.join(directory, name), layout, kPageSize), use);
}

const now = () => Number(process.hrtime.bigint()) / 1000;

// Takes the time until the store is closed, as for hexpage; opening is not in it.
async function measureUntilClosed(operation, store, count, use) {
  let start;
  await withStore(store, async (storage) => {
    start = now();
    await use(storage);
  });
  results[operation] = (now() - start) / count;
}

async function put(items) {
  await measureUntilClosed('put', 'put', keys, async (storage) => {
    for (const [key, document] of items) await storage.hashPut(kHash, key, document);
  });
}

async function putMulti(operation, store, items, batch) {
  const objects = [];
  for (let i = 0; i < keys; i += batch)
    objects.push(Object.fromEntries(items.slice(i, i + batch)));
  await measureUntilClosed(operation, store, keys, async (storage) => {
    for (const object of objects) await storage.hashPutMulti(kHash, object);
  });
  await withStore(store, async (storage) =>
    assert.strictEqual((await storage.hashGetInfo(kHash)).length, keys),
  );
}

async function get(operation, items, cache) {
  const picks = randomPicks(Math.min(keys, kMostGets), keys);
  await withStore(
    'put',
    async (storage) => {
      for (const pick of picks) await storage.hashGet(kHash, items[pick][0]);
      let right = 0;
      const start = now();
      for (const pick of picks) right += (await storage.hashGet(kHash, items[pick][0])).id === pick;
      results[operation] = (now() - start) / picks.length;
      assert.strictEqual(right, picks.length);
    },
    cache,
  );
}

async function update(items) {
  const picks = spreadPicks(Math.min(keys, kMostChanges), keys);
  await measureUntilClosed('update', 'put', picks.length, async (storage) => {
    for (const pick of picks) await storage.hashUpdate(kHash, items[pick][0], { score: 1000 + pick });
  });
}

// Twice in one opened store, as for hexpage.
async function each(suffix, cache) {
  await withStore(
    'put',
    async (storage) => {
      for (const pass of ['each', 'eachAgain']) {
        let sum = 0;
        const start = now();
        await storage.hashEach(kHash, (key, document) => {
          sum += document.id;
        });
        results[pass + suffix] = (now() - start) / keys;
        assert.strictEqual(sum, (keys * (keys - 1)) / 2);
      }
    },
    cache,
  );
}

async function erase(items) {
  const picks = spreadPicks(Math.min(Math.floor(keys / 2), kMostChanges), keys);
  await measureUntilClosed('delete', 'put', picks.length, async (storage) => {
    for (const pick of picks) await storage.hashDelete(kHash, items[pick][0]);
  });
  await withStore('put', async (storage) =>
    assert.strictEqual((await storage.hashGetInfo(kHash)).length, keys - picks.length),
  );
}

async function runPhases() {
  const items = Array.from({ length: keys }, (_, i) => [keyOf(i), documentOf(i)]);
  await put(items);
  await putMulti('putMulti', 'multi', items, keys);
  await putMulti('putMulti1000', 'batches', items, kBatch);
  await get('get', items);
  await get('getCached', items, kCache);
  await update(items);
  await each('');
  await each('Cached', kCache);
  await erase(items);
  console.log(JSON.stringify(results));
}

runPhases();
