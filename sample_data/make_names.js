// Prints names.jsonl: documents whose keys are beyond ASCII. First the emoji of Unicode's
// emoji-test.txt (Debian's package unicode-data), then the names of countries in languages that do
// not use Latin script (the translations in Debian's package iso-codes).
//
//   node sample_data/make_names.js > sample_data/names.jsonl
'use strict';

const fs = require('fs');

const kEmojiTest = process.argv[2] || '/usr/share/unicode/emoji/emoji-test.txt';
const kCountries = '/usr/share/iso-codes/json/iso_3166-1.json';
const kLanguages = [
  'am', 'ar', 'bn', 'el', 'fa', 'he', 'hi', 'hy', 'ja', 'ka', 'kn', 'ko', 'ml', 'ru', 'si', 'ta', 'te', 'th', 'zh_CN',
];

// `1F600 ; fully-qualified # 😀 E1.0 grinning face`, below lines that name group and subgroup.
function* emoji() {
  let group = '';
  let subgroup = '';
  for (const line of fs.readFileSync(kEmojiTest, 'utf8').split('\n')) {
    const heading = /^# (group|subgroup): (.*)$/.exec(line);
    if (heading && heading[1] === 'group') group = heading[2];
    if (heading && heading[1] === 'subgroup') subgroup = heading[2];

    const entry = /^([0-9A-F ]+?) *; fully-qualified +# \S+ E(\S+) (.*)$/.exec(line);
    if (!entry) continue;
    const codePoints = entry[1].split(' ');
    const key = String.fromCodePoint(...codePoints.map((digits) => parseInt(digits, 16)));
    yield [key, { name: entry[3], group, subgroup, since: entry[2], code_points: codePoints }];
  }
}

// The translations in a GNU .mo file, by message. Layout: magic, revision, count, offset of the
// table of messages, offset of the table of translations; a table has (length, offset) pairs.
function messages(file) {
  const bytes = fs.readFileSync(file);
  if (bytes.readUInt32LE(0) !== 0x950412de) throw new Error(`${file}: no little-endian .mo file`);
  const text = (table, i) => {
    const length = bytes.readUInt32LE(table + 8 * i);
    const offset = bytes.readUInt32LE(table + 8 * i + 4);
    return bytes.toString('utf8', offset, offset + length);
  };
  const result = new Map();
  for (let i = 0; i < bytes.readUInt32LE(8); ++i)
    result.set(text(bytes.readUInt32LE(12), i), text(bytes.readUInt32LE(16), i));
  return result;
}

// The countries that a name stands for, by the name: some are the same in several languages.
function countryNames() {
  const countries = JSON.parse(fs.readFileSync(kCountries, 'utf8'))['3166-1'];
  const names = new Map();
  for (const language of kLanguages) {
    const translations = messages(`/usr/share/locale/${language}/LC_MESSAGES/iso_3166-1.mo`);
    for (const { name, alpha_2 } of countries) {
      const translated = translations.get(name);
      if (!translated || /^[\x00-\x7f]*$/.test(translated)) continue;
      const value = names.get(translated) || { names: [] };
      value.names.push({ language, country: alpha_2, english: name });
      names.set(translated, value);
    }
  }
  return names;
}

for (const [key, value] of [...emoji(), ...countryNames()])
  console.log(JSON.stringify({ key, value }));
