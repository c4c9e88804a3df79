import { ALL_TYPES } from '../decorators/event-batch-pattern.decorator.js';
import { HandlerRegistry } from './handler-registry.js';

const callback = Object.assign(async () => undefined, {}) as never;

describe('the handlers of a consumer', () => {
  it('are one a method, however many patterns it has', () => {
    const registry = new HandlerRegistry();
    const extras = { batch: true, opened: false };
    registry.add('AddressChanged', callback, extras);
    registry.add('CustomerAdded', callback, extras);
    registry.add('CustomerAdded', callback, {});
    expect(registry.handlers.map(({ types, batch, opened }) => [[...types], batch, opened])).toEqual([
      [['AddressChanged', 'CustomerAdded'], true, false],
      [['CustomerAdded'], false, true],
    ]);
    expect(registry.handlersOf('CustomerAdded').length).toBe(2);
  });

  it('want what their patterns name, and everything by ALL_TYPES', () => {
    const registry = new HandlerRegistry();
    registry.add('AddressChanged', callback, {});
    expect([registry.wants('AddressChanged'), registry.wants('com.example.Other')]).toEqual([true, false]);
    registry.add(ALL_TYPES, callback, {});
    expect(registry.wants('com.example.Other')).toBe(true);
  });
});
