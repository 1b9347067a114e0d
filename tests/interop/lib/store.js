// A store in a directory of its own that both sides open in turn, and what its files hold.
'use strict';

const fs = require('fs');
const os = require('os');
const path = require('path');
const { Hexpage } = require('./hexpage.js');
const { hexpageConfig, referenceConfig } = require('./layouts.js');
const { withReference } = require('./reference.js');

class Store {
  constructor(layout, pageSize) {
    this.root = fs.mkdtempSync(path.join(os.tmpdir(), 'hexpage-interop-'));
    this.directory = path.join(this.root, 'data');
    this.configFile = path.join(this.root, 'config.json');
    this.nodeConfig = referenceConfig(this.directory, layout, pageSize);
    fs.writeFileSync(
      this.configFile,
      JSON.stringify(hexpageConfig(this.directory, layout, pageSize)),
    );
    this.hexpage = new Hexpage(this.configFile);
  }

  // Node's turn: opens the store with the reference for as long as `use` runs.
  node(use) {
    return withReference(this.nodeConfig, use);
  }

  // The text of every file of the store by its name, sorted; without what either side keeps for
  // itself.
  files() {
    const files = {};
    for (const name of filesBelow(this.directory))
      if (!/^(_temp|\.hexpage)\//.test(name))
        files[name] = fs.readFileSync(path.join(this.directory, name), 'utf8');
    return files;
  }

  remove() {
    fs.rmSync(this.root, { recursive: true, force: true });
  }
}

function filesBelow(directory, prefix = '') {
  if (!fs.existsSync(directory)) return [];
  const names = [];
  for (const entry of fs.readdirSync(directory, { withFileTypes: true })) {
    if (entry.isDirectory())
      names.push(...filesBelow(path.join(directory, entry.name), `${prefix}${entry.name}/`));
    else names.push(prefix + entry.name);
  }
  return names.sort();
}

// Makes a store for as long as `use` runs. What a failed test leaves is kept and named.
async function withStore(layout, pageSize, use) {
  const store = new Store(layout, pageSize);
  try {
    await use(store);
  } catch (error) {
    console.error(`the store of the failure below is kept in ${store.root}`);
    throw error;
  }
  store.remove();
}

module.exports = { withStore };
