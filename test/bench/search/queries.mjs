// What people type when they look for a customer whom they know, by kind.

const digits = (text) => text.replace(/\D/g, '');
const swap = (text, at) => text.slice(0, at) + text[at + 1] + text[at] + text.slice(at + 2);
const home = ({ addresses }) => addresses.home;
const named = (customer) => `${customer.givenName} ${customer.familyName}`;
const codes = { GB: '44', US: '1', DE: '49', FR: '33', AU: '61', NO: '47', NL: '31', ES: '34' };

/** As it is dialled from abroad, whatever form it is kept in; without the trunk prefix. */
function international({ phone, addresses }) {
  if (phone.startsWith('+')) return digits(phone);
  return codes[addresses.home.country] + digits(phone).replace(/^0/, '');
}
const hasPhone = ({ phone }) => phone !== undefined;
const hasEmail = ({ email }) => email !== undefined;
/** Whether an answer has the name that was typed. */
const sameName = (found, sought) => named(found) === named(sought);
const same = (found, sought) => found.id === sought.id;

/**
 * @typedef {object} Kind
 * @property {(customer: object, random: import('@app/testing').Random) => object} ask what is asked
 * @property {(customer: object) => boolean} [of] whom it can be asked of
 * @property {(found: object, sought: object) => boolean} [first] whether the first answer is the obvious one
 */

/** @type {Record<string, Kind>} */
export const kinds = {
  'full name': { ask: (c) => ({ q: named(c) }), first: sameName },
  'name turned round': { ask: (c) => ({ q: `${c.familyName}, ${c.givenName}` }), first: sameName },
  'family name': { ask: (c) => ({ q: c.familyName }), first: (f, c) => f.familyName === c.familyName },
  'given name': { ask: (c) => ({ q: c.givenName }), first: (f, c) => f.givenName === c.givenName },
  'name without accents': {
    ask: (c) => ({ q: named(c).normalize('NFKD').replace(/\p{M}/gu, '') }),
    first: sameName,
  },
  'first letter': { ask: (c) => ({ q: c.familyName[0] }) },
  'first two letters': { ask: (c) => ({ q: c.familyName.slice(0, 2) }) },
  'first four letters': { ask: (c) => ({ q: c.familyName.slice(0, 4) }) },
  'initial and family name': { ask: (c) => ({ q: `${c.givenName[0]} ${c.familyName}` }) },
  'beginnings of both names': {
    ask: (c) => ({ q: `${c.givenName.slice(0, 3)} ${c.familyName.slice(0, 4)}` }),
  },
  'a slip in the family name': {
    ask: (c, random) => ({ q: swap(c.familyName, random.below(c.familyName.length - 2)) }),
  },
  'a slip in each name': {
    ask: (c, random) => ({
      q: `${swap(c.givenName, random.below(c.givenName.length - 2))} ${swap(c.familyName, 1)}`,
    }),
  },
  'e-mail address': {
    of: hasEmail,
    ask: (c) => ({ q: c.email.toUpperCase() }),
    first: (f, c) => f.email === c.email,
  },
  'half an e-mail address': { of: hasEmail, ask: (c) => ({ q: c.email.split('@')[0] }) },
  'telephone, national': {
    of: (c) => hasPhone(c) && !c.phone.startsWith('+'),
    ask: (c) => ({ q: digits(c.phone) }),
    first: (f, c) => digits(f.phone ?? '').endsWith(digits(c.phone).slice(-8)),
  },
  'telephone, international': {
    of: hasPhone,
    ask: (c) => ({ q: `+${international(c)}` }),
    first: (f, c) => digits(f.phone ?? '').endsWith(digits(c.phone).slice(-7)),
  },
  'telephone, with 00 and dashes': {
    of: hasPhone,
    ask: (c) => ({ q: `00${international(c).replace(/(\d{4})(?=\d)/g, '$1-')}` }),
    first: (f, c) => digits(f.phone ?? '').endsWith(digits(c.phone).slice(-7)),
  },
  'account number': { ask: (c) => ({ q: c.accountNumber.toLowerCase() }), first: same },
  'digits of an account number': { ask: (c) => ({ q: digits(c.accountNumber) }), first: same },
  'street and city': { ask: (c) => ({ q: `${home(c).line1} ${home(c).city}` }) },
  'family name and city': {
    ask: (c) => ({ q: `${c.familyName} ${home(c).city}` }),
    first: (f, c) => f.familyName === c.familyName,
  },
  city: { ask: (c) => ({ q: home(c).city }) },
  'postal code': { ask: (c) => ({ q: home(c).postalCode }) },
  'family name, one city only': {
    ask: (c) => ({ q: c.familyName, city: home(c).city }),
    first: (f, c) => f.familyName === c.familyName,
  },
  'family name, one country only': { ask: (c) => ({ q: c.familyName, country: home(c).country }) },
  'one word too many': { ask: (c) => ({ q: `xyzzy ${named(c)}` }), first: sameName },
  'who is not there': { ask: (c) => ({ q: `qqx${c.familyName}zz` }) },
  'everybody of a country': { ask: (c) => ({ q: '', country: home(c).country }) },
};
