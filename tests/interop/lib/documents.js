// What the interop tests store: keys and values that a JSON store gets wrong when it gets something
// wrong, and a random generator with a printed seed.
'use strict';

const { createHash } = require('crypto');

// All keys the reference keeps through everything. It loses `__proto__` at a split, and a `length`
// makes its hashEach skip the page, so neither is here.
const kKeys = [
  'plain', 'with space', 'UPPER', 'upper', 'a/b/c', '../up', '.', 'trailing/', '"quoted"', 'back\\slash',
  '0', '1', '2', '10', '42', '007', '-1', '1.5', '4294967294', '4294967295', '9007199254740993',
  'constructor', 'toString', 'hasOwnProperty', 'type', 'items',
  'tab\there', 'line\nbreak', 'nul\u0000byte', 'bell\u0007', 'delete\u007f', 'separator\u2028\u2029',
  'é', 'e\u0301', 'ß', 'Ünïcödé', 'Ελληνικά', 'Русский', 'עברית', 'العربية', 'हिन्दी', 'ไทย', '日本語', '中文', '한국어',
  '😀', '👩‍👩‍👧‍👦', '🏳️‍🌈', '🇩🇪', '👍🏽', '𝒳𝒴', '\ufeffbom', '\uffff',
  'x'.repeat(5000), '長'.repeat(400),
];

const kValues = [
  null, true, false, 0, -1, 42, 1.5, -0.25, 1e21, 1e-7, 9007199254740991, 5e-324, 1.7976931348623157e308,
  '', 'text', 'quote " backslash \\ slash /', 'control \u0000\u0001\u001f\u007f\b\f\n\r\t', 'é ä 日本 😀 \u2028',
  [], {}, [[]], [{}], [1, 'two', null, [3, [4]]],
  { name: 'Ann', age: 41 }, { length: 3, type: 'hash', items: {}, page_size: 1 }, { '': 'empty name' },
  { 10: 'ten', 9: 'nine', z: 1, a: 2, 1: 'one' }, { nested: { deep: { deeper: [{ deepest: null }] } } },
  { '😀': '🇩🇪', 'ключ': 'значение' }, { long: 'lorem ipsum '.repeat(300) },
];

// The pairs that a varied hash begins with: each key, and each value at least once.
function variedItems() {
  const items = new Map();
  kKeys.forEach((key, i) => items.set(key, kValues[i % kValues.length]));
  return items;
}

// The first `count` keys of k0, k1, ... that belong below the child `digit` of a root index.
function keysOfDigit(digit, count) {
  const keys = [];
  for (let i = 0; keys.length < count; ++i)
    if (createHash('md5').update(`k${i}`).digest('hex').startsWith(digit)) keys.push(`k${i}`);
  return keys;
}

// mulberry32: the same numbers for the same seed on every machine.
class Random {
  constructor(seed) {
    this.state = seed >>> 0;
  }

  below(n) {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % n;
  }

  pick(list) {
    return list[this.below(list.length)];
  }
}

function chosenSeed() {
  const seed = Number(process.env.HEXPAGE_TEST_SEED || (Date.now() & 0x7fffffff));
  console.log(`HEXPAGE_TEST_SEED=${seed}`);
  return seed;
}

module.exports = { kKeys, kValues, variedItems, keysOfDigit, Random, chosenSeed };
