// The reference, pixl-server-storage in its standalone mode, with promises for callbacks.
'use strict';

const path = require('path');

function nodeModules() {
  return (
    process.env.HEXPAGE_NODE_MODULES ||
    path.join(__dirname, '..', '..', '..', 'build', 'node', 'node_modules')
  );
}

// The reference merges `--name value` arguments of the program into every config.
function withoutArguments(run) {
  const argv = process.argv;
  process.argv = argv.slice(0, 2);
  try {
    return run();
  } finally {
    process.argv = argv;
  }
}

const kMethods = [
  'put', 'get', 'delete',
  'hashCreate', 'hashPut', 'hashPutMulti', 'hashGet', 'hashGetMulti', 'hashGetAll', 'hashGetInfo',
  'hashUpdate', 'hashUpdateMulti', 'hashDelete', 'hashDeleteMulti', 'hashDeleteAll',
  'hashCopy', 'hashRename',
];

function promised(storage, method) {
  return (...args) =>
    new Promise((resolve, reject) => {
      storage[method](...args, (error, result) => (error ? reject(error) : resolve(result)));
    });
}

class Reference {
  constructor(storage) {
    this.storage = storage;
    for (const method of kMethods) this[method] = promised(storage, method);
  }

  // Calls visit(key, value) with each item in the reference's own order.
  hashEach(hash, visit) {
    return new Promise((resolve, reject) => {
      this.storage.hashEachSync(
        hash,
        (key, value) => {
          visit(key, value);
        },
        (error) => (error ? reject(error) : resolve()),
      );
    });
  }

  async close() {
    await new Promise((resolve) => this.storage.shutdown(resolve));
    // Each instance listens to the one server of the process and never stops by itself.
    this.storage.server.removeAllListeners();
  }
}

let opening = Promise.resolve();

// Opens a store. All instances of a process share one startup, so they are opened one by one.
function openReference(config) {
  opening = opening.catch(() => {}).then(
    () =>
      new Promise((resolve, reject) => {
        const Standalone = require(path.join(nodeModules(), 'pixl-server-storage', 'standalone.js'));
        const quiet = { get: () => '', set() {}, debug() {}, error() {}, transaction() {} };
        const copy = JSON.parse(JSON.stringify(config));
        const storage = withoutArguments(
          () =>
            new Standalone({ ...copy, logger: quiet }, (error) =>
              error ? reject(error) : resolve(new Reference(storage)),
            ),
        );
      }),
  );
  return opening;
}

// Opens the store for as long as `use` runs.
async function withReference(config, use) {
  const reference = await openReference(config);
  try {
    return await use(reference);
  } finally {
    await reference.close();
  }
}

module.exports = { openReference, withReference, nodeModules };
