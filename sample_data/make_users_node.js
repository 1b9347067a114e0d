// Writes users-node/: the hash `users` of eleven people that the documentation of
// pixl-server-storage uses as its example of a first split, written by that package itself.
//
//   tests/interop/install-node-packages && node sample_data/make_users_node.js
'use strict';

const fs = require('fs');
const path = require('path');
const { withReference } = require('../tests/interop/lib/reference.js');
const { referenceConfig } = require('../tests/interop/lib/layouts.js');

// The documentation gives the keys of all eleven, and names and ages of the first three and of
// ecummings. The others' are ours.
const kUsers = {
  bsanders: { name: 'Bernie', age: 75 },
  hclinton: { name: 'Hillary', age: 68 },
  dtrump: { name: 'Donald', age: 70 },
  asmith: { name: 'Alice', age: 41 },
  bhenry: { name: 'Buck', age: 33 },
  crooster: { name: 'Chanticleer', age: 5 },
  darment: { name: 'Dora', age: 62 },
  ecummings: { name: 'Eric', age: 54 },
  fhollister: { name: 'Frank', age: 47 },
  gsangrias: { name: 'Gloria', age: 29 },
  hpostit: { name: 'Henry', age: 38 },
};

const directory = path.join(__dirname, 'users-node');
fs.rmSync(directory, { recursive: true, force: true });

withReference(referenceConfig(directory, { raw_file_paths: true }, 10), async (reference) => {
  await reference.hashCreate('users', {});
  for (const [key, user] of Object.entries(kUsers)) await reference.hashPut('users', key, user);
}).then(() => fs.rmdirSync(path.join(directory, '_temp')));
