// The reference's side of bench/run: the phases of phases.cpp, in the same order, on the npm package
// pixl-server-storage, and puts with its transactions. Prints its results, microseconds each, as one
// line of JSON.
//
//   node reference_side.js phases DIRECTORY KEYS [SAMPLE]
//   node reference_side.js together DIRECTORY
//
// With a SAMPLE it puts not all keys but about so many, at ten sizes of the hash; what lies between
// them is put by hexpage, whose files are the same.
'use strict';

const assert = require('assert');
const path = require('path');
const { execFileSync } = require('child_process');
const { withReference } = require('../../tests/interop/lib/reference.js');
const { referenceConfig } = require('../../tests/interop/lib/layouts.js');
const { keyOf, documentOf, randomPicks, spreadPicks } = require('./workload.js');

const kHash = 'bench/users';
const kPageSize = 50;
const kMostGets = 20000;
const kMostChanges = 5000;
const kBatch = 1000;

const kParts = 10;
const kTransactions = 500;

const [mode, directory, keyCount, sampleCount] = process.argv.slice(2);
const keys = Number(keyCount);
const sample = Number(sampleCount ?? keyCount);
const results = {};

// The reference's LRU cache, large enough for everything.
const kCache = { enabled: true, maxItems: 1000000, maxBytes: 1024 * 1024 * 1024 };

function withStore(name, use, cache) {
  const layout = { raw_file_paths: true, ...(cache ? { cache } : {}) };
  return withReference(referenceConfig(path.join(directory, name), layout, kPageSize), use);
}

const now = () => Number(process.hrtime.bigint()) / 1000;

// The reference never syncs, and puts nothing off.
async function measure(operation, store, count, use) {
  await withStore(store, async (storage) => {
    const start = now();
    await use(storage);
    results[operation] = (now() - start) / count;
  });
}

// What the reference puts itself, as [from, to).
function partsOf(least) {
  if (sample >= keys) return [[0, keys]];
  const size = Math.max(Math.floor(sample / kParts), least);
  return Array.from({ length: kParts }, (_, i) => {
    const to = Math.floor(((i + 1) * keys) / kParts);
    return [to - size, to];
  });
}

// Takes the time of putting the parts; hexpage puts the keys between them.
async function measureParts(operation, store, parts, put) {
  let micros = 0;
  let count = 0;
  let reached = 0;
  for (const [from, to] of parts) {
    if (from > reached) load(path.join(directory, store), reached, from);
    await measure(operation, store, 1, (storage) => put(storage, from, to));
    micros += results[operation];
    count += to - from;
    reached = to;
  }
  results[operation] = micros / count;
}

function load(store, from, to) {
  execFileSync(process.env.HEXPAGE_BENCH_PROGRAM, ['load', store, from, to].map(String));
}

async function put(items) {
  let worst = 0;
  await measureParts('put', 'put', partsOf(1), async (storage, from, to) => {
    for (const [key, document] of items.slice(from, to)) {
      const start = now();
      await storage.hashPut(kHash, key, document);
      worst = Math.max(worst, now() - start);
    }
  });
  results.putWorst = worst;
}

async function putMulti(operation, store, items, batch) {
  const parts = batch < keys ? partsOf(batch) : [[0, keys]];
  await measureParts(operation, store, parts, async (storage, from, to) => {
    for (let i = from; i < to; i += batch) {
      const object = Object.fromEntries(items.slice(i, Math.min(i + batch, to)));
      await storage.hashPutMulti(kHash, object);
    }
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
  await measure('update', 'put', picks.length, async (storage) => {
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
  await measure('delete', 'put', picks.length, async (storage) => {
    for (const pick of picks) await storage.hashDelete(kHash, items[pick][0]);
  });
  await withStore('put', async (storage) =>
    assert.strictEqual((await storage.hashGetInfo(kHash)).length, keys - picks.length),
  );
}

// With its transactions the reference syncs a log before each put. `callers` put at once.
async function putInTransactions(callers) {
  const config = referenceConfig(path.join(directory, `callers${callers}`), {}, kPageSize);
  await withReference({ ...config, transactions: true }, async (storage) => {
    await storage.hashCreate(kHash, {});
    let next = 0;
    const call = async () => {
      for (let i = next++; i < kTransactions; i = next++)
        await storage.hashPut(kHash, keyOf(i), documentOf(i));
    };
    const start = now();
    await Promise.all(Array.from({ length: callers }, call));
    results[`transactions${callers}`] = (now() - start) / kTransactions;
    assert.strictEqual((await storage.hashGetInfo(kHash)).length, kTransactions);
  });
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
}

async function runTogether() {
  for (const callers of [1, 8, 32]) await putInTransactions(callers);
}

const kModes = { phases: runPhases, together: runTogether };

kModes[mode]().then(() => console.log(JSON.stringify(results)));
