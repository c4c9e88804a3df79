import { traceParentOf } from './trace-parent.js';

describe('traceParentOf', () => {
  it('keeps a well-formed one', () => {
    const given = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    expect(traceParentOf(given)).toBe(given);
  });

  it.each([
    undefined,
    '',
    'x',
    `00-${'0'.repeat(32)}-b7ad6b7169203331-01`,
    'ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  ])('begins a new trace instead of %j', (header) => {
    const made = traceParentOf(header);
    expect(made).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    expect(traceParentOf(made)).toBe(made);
  });
});
