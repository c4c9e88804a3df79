// Customers as they come in a country: few names that many have, many that few have; the same for a seed.
import { Random } from '@app/testing';

const consonants = [
  'b',
  'br',
  'ch',
  'd',
  'f',
  'g',
  'h',
  'j',
  'k',
  'kl',
  'l',
  'm',
  'n',
  'p',
  'r',
  's',
  'st',
  't',
  'v',
  'w',
];
const vowels = ['a', 'e', 'i', 'o', 'u', 'é', 'ö', 'ai', 'ee'];
const ends = ['', 'n', 'r', 's', 'th', 'l', 'ng', 'ck'];
const streets = ['St', 'Road', 'Avenue', 'Lane', 'Way'];
const mails = ['example.com', 'example.org', 'mail.example', 'adventure.example'];

/** Numbers of a country as people write them at home; each # a digit. */
const countries = [
  { country: 'GB', code: '44', phones: ['020 7### ####', '0161 4## ####'] },
  { country: 'US', code: '1', phones: ['(212) 5##-####', '312-6##-####'] },
  { country: 'DE', code: '49', phones: ['030 2######', '089/3######'] },
  { country: 'FR', code: '33', phones: ['01 42 ## ## ##'] },
  { country: 'AU', code: '61', phones: ['02 92## ####'] },
  { country: 'NO', code: '47', phones: ['22 ## ## ##'] },
  { country: 'NL', code: '31', phones: ['020 6## ####'] },
  { country: 'ES', code: '34', phones: ['91 5## ## ##'] },
];

const counts = { given: 1_500, family: 30_000, streets: 20_000, cities: 3_000 };

/** Makes any customer by its number, always the same one. */
export class MadeCustomers {
  constructor(seed) {
    const random = new Random(seed);
    this.seed = seed;
    this.given = namesOf(random, counts.given, [1, 2]);
    this.family = namesOf(random, counts.family, [2, 3]);
    this.streets = namesOf(random, counts.streets, [2, 3]);
    this.cities = namesOf(random, counts.cities, [2, 3]).map((city) => [city, random.pick(countries)]);
  }

  customer(/** @type {number} */ n) {
    const random = new Random(this.seed ^ Math.imul(n + 1, 0x9e3779b1));
    const givenName = skewed(random, this.given, 2);
    const familyName = skewed(random, this.family, 2);
    const [city, { country, code, phones }] = skewed(random, this.cities, 3);
    const national = random.pick(phones).replace(/#/g, () => String(random.below(10)));
    const phone = random.chance(0.3) ? `+${code} ${national.replace(/^0/, '')}` : national;
    const email = `${givenName}.${familyName}${n % 97}@${random.pick(mails)}`;
    const line1 = `${1 + random.below(200)} ${skewed(random, this.streets, 2)} ${random.pick(streets)}`;
    const at = new Date(1_790_000_000_000 + n * 10).toISOString();
    return {
      id: idOf(n),
      version: 1,
      accountNumber: `AW${String(n).padStart(8, '0')}`,
      givenName,
      familyName,
      ...(random.chance(0.9) ? { email: email.toLowerCase().normalize('NFKD').replace(/\p{M}/gu, '') } : {}),
      ...(random.chance(0.8) ? { phone } : {}),
      addresses: {
        home: { line1, city, postalCode: String(10_000 + random.below(90_000)), country },
      },
      preferences: {},
      consents: {},
      createdAt: at,
      updatedAt: at,
    };
  }
}

const idOf = (n) => `0190b3c4-0000-7000-8000-${n.toString(16).padStart(12, '0')}`;

function namesOf(random, count, [least, most]) {
  const names = new Set();
  while (names.size < count) {
    const syllables = least + random.below(most - least + 1);
    let name = '';
    for (let i = 0; i < syllables; i++) name += random.pick(consonants) + random.pick(vowels);
    name += random.pick(ends);
    names.add(name[0].toUpperCase() + name.slice(1));
  }
  return [...names];
}

/** Early ones often, late ones seldom. */
const skewed = (random, list, power) => list[Math.floor(list.length * random.next() ** power)];
