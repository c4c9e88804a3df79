import type { Customer } from '@app/contracts';
import { type CustomerContent, customerAdded, factsBetween } from './facts.js';

const at = '2026-05-01T00:00:00.000Z';
const home = { line1: '1 Main St', city: 'Lyon', country: 'FR' };
const before: Customer = {
  id: '0190a1b2-0000-7000-8000-000000000001',
  version: 4,
  accountNumber: 'A1',
  givenName: 'Ada',
  familyName: 'Byron',
  email: 'ada@example.org',
  addresses: { home },
  preferences: {},
  consents: {},
  createdAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-01T00:00:00.000Z',
};
const wish = (change: Partial<CustomerContent>): CustomerContent => ({ ...before, ...change });

describe('facts between two states of a customer', () => {
  it('records nothing where nothing changed, whatever the order of members', () => {
    const reordered = { country: 'FR', city: 'Lyon', line1: '1 Main St' };
    expect(factsBetween(before, wish({ addresses: { home: reordered } }), at)).toEqual([]);
  });

  it('numbers name and address as two facts, each with the state after it', () => {
    const moved = { ...home, city: 'Paris' };
    const facts = factsBetween(before, wish({ familyName: 'Lovelace', addresses: { home: moved } }), at);
    expect(facts.map((fact) => [fact.type, fact.current.version, fact.changed])).toEqual([
      ['CustomerNameChanged', 5, ['familyName']],
      ['AddressChanged', 6, ['addresses.home']],
    ]);
    expect(facts[0]?.current.addresses.home).toEqual(home);
    expect(facts[1]?.current).toEqual({
      ...before,
      familyName: 'Lovelace',
      addresses: { home: moved },
      version: 6,
      updatedAt: at,
    });
    expect(facts[1]?.previous).toEqual({ addresses: { home } });
  });

  it('makes one AddressChanged a kind, and says when there was no address before', () => {
    const facts = factsBetween(before, wish({ addresses: { billing: home, shipping: home } }), at);
    expect(facts.map((fact) => fact.changed)).toEqual([
      ['addresses.home'],
      ['addresses.billing'],
      ['addresses.shipping'],
    ]);
    expect(facts[0]?.current.addresses).toEqual({});
    expect(facts[1]?.previous).toEqual({ addresses: {} });
    expect(facts[2]?.current.addresses).toEqual({ billing: home, shipping: home });
  });

  it('removes a member', () => {
    const [fact] = factsBetween(before, wish({ email: undefined }), at);
    expect(fact?.type).toBe('ContactDetailsChanged');
    expect(fact?.current).not.toHaveProperty('email');
    expect(fact?.previous).toEqual({ email: 'ada@example.org' });
  });

  it('is one CustomerAdded for a new customer', () => {
    const { id, version: _v, createdAt: _c, updatedAt: _u, ...content } = before;
    expect(customerAdded(id, content, at)).toEqual({
      type: 'CustomerAdded',
      changed: ['accountNumber', 'givenName', 'familyName', 'email', 'addresses'],
      current: { ...before, version: 1, createdAt: at, updatedAt: at },
      previous: {},
    });
  });
});
