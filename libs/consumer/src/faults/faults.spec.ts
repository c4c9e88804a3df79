import { EnvironmentError } from '@app/service-defaults';
import type { RawEvent } from '../ctx-host/raw-event.js';
import { Faults } from './faults.js';
import { faultsAreOn } from './faults-environment.js';

describe('faults on demand', () => {
  const about = (subject: string) => ({ attributes: { id: `of ${subject}`, subject } }) as RawEvent;

  it('strike the events of a customer, so many times', () => {
    const faults = new Faults(true);
    faults.set('a', 2);
    const strike = () => faults.strike([about('b'), about('a')]);
    expect(strike).toThrow(expect.objectContaining({ eventId: 'of a' }));
    expect(strike).toThrow('injected');
    expect(strike).not.toThrow();
  });

  it('go on without a number, until they are taken back', () => {
    const faults = new Faults(true);
    faults.set('a');
    for (let n = 0; n < 100; n++) expect(() => faults.strike([about('a')])).toThrow('injected');
    expect(faults.list()).toEqual([{ customerId: 'a', timesLeft: null }]);
    faults.clear();
    expect(() => faults.strike([about('a')])).not.toThrow();
  });

  describe('are there', () => {
    const before = { ...process.env };
    afterEach(() => {
      process.env = { ...before };
    });
    const withEnv = (env: Record<string, string>) => {
      process.env = { ...before, ...env };
      return faultsAreOn;
    };

    it('only where somebody turned them on', () => {
      expect(withEnv({})()).toBe(false);
      expect(withEnv({ FAULTS: 'on' })()).toBe(true);
      expect(withEnv({ FAULTS: 'on', HOST: '0.0.0.0', PUBLISHED: 'loopback' })()).toBe(true);
    });

    it('never where strangers could reach them', () => {
      expect(withEnv({ FAULTS: 'on', HOST: '0.0.0.0' })).toThrow(EnvironmentError);
    });
  });
});
