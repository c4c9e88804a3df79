import { EventPattern, Payload } from '@nestjs/microservices';
import { PATTERN_EXTRAS_METADATA } from '@nestjs/microservices/constants.js';
import { ALL_TYPES, EventBatchPattern } from '../decorators/event-batch-pattern.decorator.js';
import { EventFilter } from '../decorators/event-filter.decorator.js';
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

  it('are narrowed down by attributes where they have a filter, and CustomerErased passes all of them', () => {
    class Moves {
      @EventFilter([{ operatorType: 'StringBeginsWith', key: 'subject', values: ['AB'] }])
      @EventPattern('AddressChanged')
      handle(@Payload() event: unknown): unknown {
        return event;
      }
    }
    const registry = new HandlerRegistry();
    const extras = extrasOf(Moves.prototype, 'handle');
    registry.add('AddressChanged', callback, extras);
    registry.add('CustomerErased', callback, extras);
    const from = (subject: string) => ({ cloudEvents_subject: subject });
    expect(registry.wants('AddressChanged', from('abc'))).toBe(true);
    expect(registry.wants('AddressChanged', from('cba'))).toBe(false);
    expect(registry.wants('CustomerErased', from('cba'))).toBe(true);
    registry.add('AddressChanged', callback, {});
    expect(registry.takersOf('AddressChanged', from('cba')).length).toBe(1);
  });

  it('are refused with the name of the method when a filter is wrong', () => {
    class Wrong {
      @EventPattern('AddressChanged')
      @EventFilter([{ operatorType: 'StringIn', key: 'type', values: [] }])
      empty(@Payload() event: unknown): unknown {
        return event;
      }

      @EventBatchPattern('AddressChanged', { opened: false })
      @EventFilter([{ operatorType: 'IsNotNull', key: 'data.personal.current.email' }])
      sealed(@Payload() events: unknown): unknown {
        return events;
      }
    }
    const adding = (name: keyof Wrong) => () =>
      new HandlerRegistry().add('x', callback, extrasOf(Wrong.prototype, name));
    expect(adding('empty')).toThrow('the filter of Wrong.empty is wrong: /0/values must hold a value');
    expect(adding('sealed')).toThrow(
      'the filter of Wrong.sealed is wrong: a key in data.personal needs the event opened',
    );
  });
});

function extrasOf<T>(prototype: T, name: keyof T): Record<string, unknown> {
  return Reflect.getMetadata(PATTERN_EXTRAS_METADATA, prototype[name] as object) as Record<string, unknown>;
}
