import { jsonOf } from './read-body.js';

describe('reading a body', () => {
  it('takes JSON as bytes or as text, and nothing for no data', () => {
    for (const body of [Buffer.from('{"n":1}'), new Uint8Array(Buffer.from('{"n":1}')), '{"n":1}']) {
      expect(jsonOf(body)).toEqual({ success: true, data: { n: 1 } });
    }
    expect(jsonOf(Buffer.alloc(0))).toEqual({ success: true, data: undefined });
  });

  it.each([
    ['no JSON', Buffer.from('Ada Lovelace')],
    ['an AMQP map', { n: 1 }],
    ['no body', undefined],
  ])('refuses %s, and quotes nothing of it', (_, body) => {
    const result = jsonOf(body);
    expect(result.success).toBe(false);
    expect(JSON.stringify(result)).not.toContain('Ada');
  });
});
