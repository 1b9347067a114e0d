// Runs both sides of bench/run in turn and prints what they took, as markdown tables.
'use strict';

const fs = require('fs');
const os = require('os');
const path = require('path');
const { execFileSync } = require('child_process');
const { parseArgs } = require('util');

const kRoot = path.join(__dirname, '..', '..');
const kHelp = `bench/run [options]
  --keys N[,N...]         how many keys to load (10000)
  --rounds N              rounds of hexpage (3)
  --reference-rounds N    rounds of the reference (as many); at 100,000 keys one takes a quarter hour
  --growth N              instead, the cost of a hexpage put as its hash grows to N keys
  --directory DIR         where the stores are made and removed (build/bench/data)
  --output FILE           where the raw results go, as JSON (build/bench/results.json)`;

// What is compared: a name, hexpage's operation, the reference's.
const kRows = [
  ['put, one key a call', 'put', 'put'],
  ['putMulti, all keys in one call', 'putMulti', 'putMulti'],
  ['putMulti, 1,000 keys a call', 'putMulti1000', 'putMulti1000'],
  ['get, random', 'get', 'get'],
  ['get, random, the reference with its LRU cache', 'get', 'getCached'],
  ['update', 'update', 'update'],
  ['each, as JSON values, just opened', 'each', 'each'],
  ['each, as JSON values, again', 'eachAgain', 'eachAgain'],
  ['each, as JSON values, again, the reference with its LRU cache', 'eachAgain', 'eachAgainCached'],
  ['each, as text (the reference as values), just opened', 'eachText', 'each'],
  ['each, as text (the reference as values), again', 'eachTextAgain', 'eachAgain'],
  ['delete', 'delete', 'delete'],
];

const kSides = {
  hexpage: (directory, keys) => [process.env.HEXPAGE_BENCH_PROGRAM, [directory, keys]],
  reference: (directory, keys) => [
    process.execPath,
    [path.join(__dirname, 'reference_side.js'), directory, keys],
  ],
};

function readOptions() {
  const { values } = parseArgs({
    options: {
      keys: { type: 'string', default: '10000' },
      rounds: { type: 'string', default: '3' },
      'reference-rounds': { type: 'string' },
      growth: { type: 'string' },
      directory: { type: 'string', default: path.join(kRoot, 'build', 'bench', 'data') },
      output: { type: 'string', default: path.join(kRoot, 'build', 'bench', 'results.json') },
      help: { type: 'boolean', default: false },
    },
  });
  return {
    ...values,
    keys: values.keys.split(',').map((text) => countOf(text, 'keys')),
    rounds: countOf(values.rounds, 'rounds'),
    referenceRounds: countOf(values['reference-rounds'] ?? values.rounds, 'reference-rounds'),
    growth: values.growth === undefined ? undefined : countOf(values.growth, 'growth'),
  };
}

function countOf(text, option) {
  const count = Number(text);
  if (!Number.isSafeInteger(count) || count < 1) throw new Error(`--${option} ${text}: not a count`);
  return count;
}

// Runs a program on a fresh directory and gives the JSON that it prints. The directory stays until
// the end: where a disk is told of freed blocks, the next round would pay for the removal.
function runIn(directory, program, args) {
  fs.mkdirSync(directory, { recursive: true });
  const output = execFileSync(program, args.map(String), { maxBuffer: 64 << 20 });
  execFileSync('sync'); // The next round does not pay for this one's writes.
  return JSON.parse(output);
}

function runRounds({ directory, rounds, referenceRounds }, keys) {
  const results = { hexpage: [], reference: [] };
  for (let round = 1; round <= Math.max(rounds, referenceRounds); ++round) {
    for (const [side, limit] of [['hexpage', rounds], ['reference', referenceRounds]]) {
      if (round > limit) continue;
      console.error(`${keys} keys, round ${round}: ${side}`);
      const store = path.join(directory, `${keys}-${side}-${round}`);
      results[side].push(runIn(store, ...kSides[side](store, keys)));
    }
  }
  return results;
}

// The median of an operation over the rounds, with the least and the most.
function summaryOf(rounds, operation) {
  const times = rounds.map((round) => round[operation]).sort((a, b) => a - b);
  const middle = times.length >> 1;
  const median = times.length % 2 ? times[middle] : (times[middle - 1] + times[middle]) / 2;
  return { median, least: times[0], most: times[times.length - 1] };
}

const rounded = (micros) => micros.toFixed(micros < 10 ? 2 : micros < 100 ? 1 : 0);

function cell({ median, least, most }) {
  return `${rounded(median)} (${rounded(least)}–${rounded(most)})`;
}

function printTable(keys, { hexpage, reference }) {
  const count = keys.toLocaleString('en');
  console.log(`\n${count} keys; ${hexpage.length} rounds of hexpage, ${reference.length} of the reference\n`);
  console.log('| operation | hexpage, µs | pixl-server-storage, µs | times faster |');
  console.log('|---|---|---|---|');
  for (const [name, ourOperation, theirOperation] of kRows) {
    const ours = summaryOf(hexpage, ourOperation);
    const theirs = summaryOf(reference, theirOperation);
    const ratio = theirs.median / ours.median;
    const ratioText = ratio < 10 ? ratio.toFixed(1) : ratio.toFixed(0);
    console.log(`| ${name} | ${cell(ours)} | ${cell(theirs)} | ${ratioText} |`);
  }
}

function printGrowth(rows) {
  console.log('\n| keys in the hash | a new key, µs | replacing one, µs | worst of 10,000, µs |');
  console.log('|---|---|---|---|');
  for (const { keys, new_us, replace_us, worst_us } of rows)
    console.log(
      `| ${[keys.toLocaleString('en'), ...[new_us, replace_us, worst_us].map(rounded)].join(' | ')} |`,
    );
}

const lastLine = (output) => output.toString().trim().split('\n').pop();

function machine(directory) {
  fs.mkdirSync(directory, { recursive: true });
  const filesystem = lastLine(execFileSync('df', ['--output=fstype', directory]));
  const [{ model }] = os.cpus();
  const memory = Math.round(os.totalmem() / 2 ** 30);
  const kernel = os.release().replace(/-.*/, '');
  return [
    `${model}, ${os.cpus().length} cores, ${memory} GiB of memory`,
    `Linux ${kernel}, ${filesystem}, Node ${process.version}`,
  ].join(', ');
}

function main() {
  const options = readOptions();
  if (options.help) return console.log(kHelp);
  const raw = { machine: machine(options.directory) };
  console.log(raw.machine);
  fs.rmSync(options.directory, { recursive: true, force: true });
  try {
    if (options.growth === undefined) raw.rounds = compareAll(options);
    else raw.growth = measureGrowth(options);
  } finally {
    fs.rmSync(options.directory, { recursive: true, force: true });
  }
  fs.mkdirSync(path.dirname(options.output), { recursive: true });
  fs.writeFileSync(options.output, JSON.stringify(raw, null, 2) + '\n');
}

function compareAll(options) {
  const all = {};
  for (const keys of options.keys) {
    all[keys] = runRounds(options, keys);
    printTable(keys, all[keys]);
  }
  return all;
}

function measureGrowth({ directory, growth }) {
  const args = ['--growth', directory, growth];
  const rows = runIn(directory, process.env.HEXPAGE_BENCH_PROGRAM, args);
  printGrowth(rows);
  return rows;
}

main();
