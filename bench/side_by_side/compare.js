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
  --reference-rounds N    rounds of the reference (as many)
  --reference-sample N    let the reference put only about N of the keys one by one, and as many in
                          batches of 1,000, at ten sizes of the hash; hexpage puts those between
  --growth N              instead, the cost of a hexpage put as its hash grows to N keys
  --directory DIR         where the stores are made and removed (build/bench/data)
  --output FILE           where the raw results go, as JSON (build/bench/results.json)`;

// What is compared: a name, hexpage's operation, the reference's.
const kRows = [
  ['put, one key a call', 'put', 'put'],
  ['put, the slowest of them', 'putWorst', 'putWorst'],
  ['putMulti, all keys in one call', 'putMulti', 'putMulti'],
  ['putMulti, 1,000 keys a call', 'putMulti1000', 'putMulti1000'],
  ['get, random', 'get', 'get'],
  ['get, random, the reference with its LRU cache', 'get', 'getCached'],
  ['update of every key (the reference of 5,000)', 'update', 'update'],
  ['each, as JSON values, just opened', 'each', 'each'],
  ['each, as JSON values, again', 'eachAgain', 'eachAgain'],
  ['each, as JSON values, again, the reference with its LRU cache', 'eachAgain', 'eachAgainCached'],
  ['each, as text (the reference as values), just opened', 'eachText', 'each'],
  ['each, as text (the reference as values), again', 'eachTextAgain', 'eachAgain'],
  ['delete of every other key (the reference of 5,000)', 'delete', 'delete'],
];

// The same for what goes on at once, at durability "power" beside the reference's transactions.
const kTogetherRows = [1, 8, 32].map((callers) => [
  `put, ${callers === 1 ? 'one caller' : `${callers} callers at once`}`,
  `power${callers}`,
  `transactions${callers}`,
]);

const kPrograms = {
  hexpage: [process.env.HEXPAGE_BENCH_PROGRAM],
  reference: [process.execPath, path.join(__dirname, 'reference_side.js')],
};

function readOptions() {
  const { values } = parseArgs({
    options: {
      keys: { type: 'string', default: '10000' },
      rounds: { type: 'string', default: '3' },
      'reference-rounds': { type: 'string' },
      'reference-sample': { type: 'string' },
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
    sample: optionalCountOf(values['reference-sample'], 'reference-sample'),
    growth: optionalCountOf(values.growth, 'growth'),
  };
}

function countOf(text, option) {
  const count = Number(text);
  if (!Number.isSafeInteger(count) || count < 1) throw new Error(`--${option} ${text}: not a count`);
  return count;
}

function optionalCountOf(text, option) {
  return text === undefined ? undefined : countOf(text, option);
}

// Runs a program on a fresh directory and gives the JSON that it prints. The directory stays until
// the end: where a disk is told of freed blocks, the next round would pay for the removal.
function runIn(directory, [program, ...before], args) {
  fs.mkdirSync(directory, { recursive: true });
  const output = execFileSync(program, [...before, ...args].map(String), { maxBuffer: 64 << 20 });
  execFileSync('sync'); // The next round does not pay for this one's writes.
  return JSON.parse(output);
}

// argsOf(side, store) are what the program of a side is to do in an empty store.
function runRounds({ directory, rounds, referenceRounds }, name, argsOf) {
  const results = { hexpage: [], reference: [] };
  for (let round = 1; round <= Math.max(rounds, referenceRounds); ++round) {
    for (const [side, limit] of [['hexpage', rounds], ['reference', referenceRounds]]) {
      if (round > limit) continue;
      console.error(`${name}, round ${round}: ${side}`);
      const store = path.join(directory, `${name}-${side}-${round}`.replace(/\W+/g, '-'));
      results[side].push(runIn(store, kPrograms[side], argsOf(side, store)));
    }
  }
  return results;
}

// The median of an operation over the rounds, with the least and the most.
function summaryOf(rounds, valueOf) {
  const times = rounds.map(valueOf).sort((a, b) => a - b);
  const middle = times.length >> 1;
  const median = times.length % 2 ? times[middle] : (times[middle - 1] + times[middle]) / 2;
  return { median, least: times[0], most: times[times.length - 1] };
}

const rounded = (micros) => micros.toFixed(micros < 10 ? 2 : micros < 100 ? 1 : 0);

function cell({ median, least, most }) {
  return `${rounded(median)} (${rounded(least)}–${rounded(most)})`;
}

function printTable(title, rows, { hexpage, reference }) {
  console.log(`\n${title}; ${hexpage.length} rounds of hexpage, ${reference.length} of the reference\n`);
  console.log('| operation | hexpage, µs | pixl-server-storage, µs | times faster |');
  console.log('|---|---|---|---|');
  for (const [name, ourOperation, theirOperation] of rows) {
    const ours = summaryOf(hexpage, (round) => round[ourOperation]);
    const theirs = summaryOf(reference, (round) => round[theirOperation]);
    const ratio = theirs.median / ours.median;
    const ratioText = ratio < 10 ? ratio.toFixed(1) : ratio.toFixed(0);
    console.log(`| ${name} | ${cell(ours)} | ${cell(theirs)} | ${ratioText} |`);
  }
}

// Writers at once, by what they are; the first of them is the one that the others are compared with.
function printTogether(rounds, kind, title, hasTurns) {
  const turnsTitle = hasTurns ? ' turns a second |' : '';
  console.log(`\n| ${title} | puts a second | of the first |${turnsTitle} longest put, ms |`);
  console.log(`|---|---|---|${hasTurns ? '---|' : ''}---|`);
  const median = (name, figure) => summaryOf(rounds, (round) => round[kind][name][figure]).median;
  const whole = (number) => Math.round(number).toLocaleString('en');
  const names = Object.keys(rounds[0][kind]);
  for (const name of names) {
    const calls = median(name, 'calls');
    const part = (calls / median(names[0], 'calls')).toFixed(2);
    const turns = hasTurns ? ` ${whole(median(name, 'turns'))} |` : '';
    const longest = summaryOf(rounds, (round) => round[kind][name].longest).most.toFixed(1);
    console.log(`| ${name} | ${whole(calls)} | ${part} |${turns} ${longest} |`);
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
    const sample = options.sample === undefined ? [] : [options.sample];
    all[keys] = runRounds(options, `${keys} keys`, (side, store) => [
      'phases',
      store,
      keys,
      ...(side === 'reference' ? sample : []),
    ]);
    printTable(`${keys.toLocaleString('en')} keys`, kRows, all[keys]);
  }
  all.together = runRounds(options, 'together', (side, store) => ['together', store]);
  printTable('Durable when the call returns', kTogetherRows, all.together);
  printTogether(all.together.hexpage, 'processes', 'processes that put', true);
  printTogether(all.together.hexpage, 'threads', 'threads that put into one hash', false);
  return all;
}

function measureGrowth({ directory, growth }) {
  const rows = runIn(directory, kPrograms.hexpage, ['growth', directory, growth]);
  printGrowth(rows);
  return rows;
}

main();
