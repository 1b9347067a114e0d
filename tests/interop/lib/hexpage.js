// The hexpage program: one command, or a session of its pipe. Each call is a process of its own, so
// that the store is closed when it returns and Node may take its turn.
'use strict';

const assert = require('assert');
const { spawnSync } = require('child_process');

const kMaxOutput = 256 << 20;

function program() {
  const file = process.env.HEXPAGE_PROGRAM;
  assert.ok(file, 'HEXPAGE_PROGRAM must name the hexpage program');
  return file;
}

// hexpage's environment without what would change its answers.
function environment() {
  const { HEXPAGE_CONFIG, ...rest } = process.env;
  return rest;
}

class Hexpage {
  constructor(configFile) {
    this.configFile = configFile;
  }

  // Runs a command and gives {status, stdout, stderr}.
  try(args, input = '') {
    const result = spawnSync(program(), ['--config', this.configFile, ...args], {
      input,
      encoding: 'utf8',
      env: environment(),
      maxBuffer: kMaxOutput,
    });
    if (result.error) throw result.error;
    return result;
  }

  // Runs a command that must succeed and gives what it prints.
  run(...args) {
    const result = this.try(args);
    assert.strictEqual(result.status, 0, `hexpage ${args.join(' ')}: ${result.stderr}`);
    return result.stdout;
  }

  // The JSON value on each line that a command prints.
  lines(...args) {
    return this.run(...args)
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
  }

  // Sends commands, made by the functions below, through one `hexpage pipe`. Gives the answers'
  // values: undefined for a bare OK, null for NIL. All commands must be answered OK or NIL.
  pipe(commands) {
    const input = [...commands, 'QUIT'].join('\n') + '\n';
    const { status, stdout, stderr } = this.try(['pipe'], input);
    const [ready, ...answers] = stdout.trimEnd().split('\n');
    assert.match(ready, /^READY 1( |$)/, stderr);
    assert.strictEqual(answers.length, commands.length + 1, `${stdout.slice(-400)}\n${stderr}`);
    assert.strictEqual(answers.pop(), 'OK');
    assert.strictEqual(status, 0, stderr);
    return answers.map((answer, i) => answerValue(commands[i], answer));
  }
}

function answerValue(command, answer) {
  if (answer === 'NIL') return null;
  const shown = `${command.slice(0, 200)}: ${answer.slice(0, 400)}`;
  assert.ok(/^OK( |$)/.test(answer), shown);
  assert.ok(/^[\x20-\x7f]*$/.test(answer), `not ASCII: ${shown}`);
  return answer === 'OK' ? undefined : JSON.parse(answer.slice(3));
}

const json = JSON.stringify;

// The lines of the pipe's protocol.
const command = {
  put: (hash, key, value) => `PUT ${json(hash)} ${json(key)} ${json(value)}`,
  putText: (hash, key, text) =>
    `PUTRAW ${json(hash)} ${json(key)} ${Buffer.from(text).toString('base64')}`,
  putMulti: (hash, items) => `PUTMULTI ${json(hash)} ${json(items)}`,
  get: (hash, key) => `GET ${json(hash)} ${json(key)}`,
  del: (hash, key) => `DEL ${json(hash)} ${json(key)}`,
  drop: (hash) => `DROP ${json(hash)}`,
  scan: (hash) => `SCAN ${json(hash)}`,
  length: (hash) => `LEN ${json(hash)}`,
  hashes: () => 'HASHES',
  check: () => 'CHECK',
  files: () => 'FILES',
};

module.exports = { Hexpage, command };
