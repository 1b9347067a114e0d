// Prints countries.jsonl: the countries of ISO 3166-1 as Debian's package iso-codes has them, one
// {"key","value"} a line by two-letter code, ready for `hexpage import`.
//
//   node sample_data/make_countries.js > sample_data/countries.jsonl
'use strict';

const fs = require('fs');

const source = process.argv[2] || '/usr/share/iso-codes/json/iso_3166-1.json';
const countries = JSON.parse(fs.readFileSync(source, 'utf8'))['3166-1'];

for (const country of countries.sort((a, b) => (a.alpha_2 < b.alpha_2 ? -1 : 1)))
  console.log(JSON.stringify({ key: country.alpha_2, value: country }));
