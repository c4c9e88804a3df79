import { attributeOf, attributesFrom, toApplicationProperties } from './amqp-binding.js';
import type { EventAttributes } from './cloud-event.js';

const attributes: EventAttributes = {
  id: '0190a1b2-0000-7000-8000-000000000001',
  type: 'AddressChanged',
  source: '/profile',
  subject: '0190a1b2-0000-7000-8000-000000000002',
  time: '2026-01-02T03:04:05.678Z',
  dataschema: '/schemas/AddressChanged/v1.json',
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  customerversion: 7,
};

describe('AMQP binding of CloudEvents', () => {
  it('reads back what it wrote', () => {
    expect(attributesFrom(toApplicationProperties(attributes))).toEqual({ success: true, attributes });
  });

  it('accepts the prefix with a colon', () => {
    const colons = Object.fromEntries(
      Object.entries(toApplicationProperties(attributes)).map(([k, v]) => [
        k.replace('cloudEvents_', 'cloudEvents:'),
        v,
      ]),
    );
    expect(attributesFrom(colons)).toEqual({ success: true, attributes });
    expect(attributeOf(colons, 'type')).toBe('AddressChanged');
  });

  it.each(['specversion', 'id', 'type', 'source'])('names the missing attribute %s', (name) => {
    const { [`cloudEvents_${name}`]: _left, ...rest } = toApplicationProperties(attributes);
    expect(attributesFrom(rest)).toEqual({
      success: false,
      reason: `the CloudEvents attribute "${name}" is missing`,
    });
  });

  it.each([
    [{ cloudEvents_specversion: '0.3' }, 'specversion "0.3"'],
    [{ cloudEvents_customerversion: 'seven' }, '"customerversion"'],
    [{ cloudEvents_subject: { a: 1 } }, '"subject"'],
    [{ cloudEvents_id: 'a\u0000b' }, '"id" has control characters'],
    [{ cloudEvents_source: '\ud800' }, '"source" has control characters'],
    [{ cloudEvents_subject: 's'.repeat(1025) }, '"subject" is longer'],
    [{ cloudEvents_subject: 'é'.repeat(513) }, '"subject" is longer'],
  ])('refuses %j', (wrong, reason) => {
    const result = attributesFrom({ ...toApplicationProperties(attributes), ...wrong });
    expect(result).toEqual({ success: false, reason: expect.stringContaining(reason) as string });
  });

  it('says so of a message without properties', () => {
    expect(attributesFrom(undefined)).toMatchObject({ success: false });
    expect(attributeOf(undefined, 'type')).toBeUndefined();
  });
});
