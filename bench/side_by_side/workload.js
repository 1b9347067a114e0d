// What both sides of the comparison store and ask for. workload.hpp is the same for hexpage: change
// both.
'use strict';

const kCities = ['Bonn', 'Kyoto', 'Lagos', 'Lima', 'Oslo', 'Perth', 'Quito', 'Sofia'];

const keyOf = (i) => `user${String(i).padStart(6, '0')}`;

const documentOf = (i) => ({
  id: i,
  name: `User ${i}`,
  email: `${keyOf(i)}@example.org`,
  city: kCities[i % kCities.length],
  score: (i * 7919) % 1000,
});

function randomPicks(count, limit) {
  let state = 2463534242;
  return Array.from({ length: count }, () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  });
}

const spreadPicks = (count, limit) =>
  Array.from({ length: count }, (_, i) => Math.floor((i * limit) / count));

module.exports = { keyOf, documentOf, randomPicks, spreadPicks };
