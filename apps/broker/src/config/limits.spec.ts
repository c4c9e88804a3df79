import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ConfigError } from './config-error.js';
import { defaultLimits, limitDefinitions, readLimits, type LimitDefinition } from './limits.js';
import { readOptions } from './options.js';

describe('a limit', () => {
  it.each(Object.entries<LimitDefinition>(limitDefinitions))(
    '%s has a default in its range',
    (_name, limit) => {
      expect(limit.default).toBeGreaterThanOrEqual(limit.min);
      expect(limit.default).toBeLessThanOrEqual(limit.max);
      expect(limit.doc).toMatch(/\.$/);
    },
  );

  it('is set by name, the flag before the variable, the others stay', () => {
    const env = { BROKER_LIMITS: 'maxConnections=7, authenticateMs=2000,' };
    const { limits } = readOptions(['--limit', 'maxConnections=9', '--limit', 'segmentBytes=4096'], env);
    expect(limits).toEqual({
      ...defaultLimits,
      maxConnections: 9,
      authenticateMs: 2_000,
      segmentBytes: 4_096,
    });
  });

  it.each([
    ['maxConection=1', "--limit: 'maxConection' is no limit; there are maxConnections, authenticateMs"],
    ['toString=1', "'toString' is no limit"],
    ['maxConnections', "'maxConnections' must be name=value"],
    ['maxConnections=1=2', 'must be name=value'],
    ['maxConnections=0', "maxConnections must be a whole number from 1 to 100000, not '0'"],
    ['authenticateMs=1.5', "authenticateMs must be a whole number from 100 to 600000 ms, not '1.5'"],
    ['maxMessageBytes=99999999', "from 1024 to 4194304 bytes, not '99999999'"],
    ['maxMessageBytes=', "not ''"],
    ['readBytes=0x10000', "not '0x10000'"],
  ])('given as %s is refused in one line', (setting, message) => {
    expect(() => readLimits([setting], '--limit')).toThrow(ConfigError);
    expect(() => readLimits([setting], '--limit')).toThrow(message);
  });
});

/** Cells without the spaces that Prettier aligns them with. */
const rowsIn = (markdown: string) =>
  markdown
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) => line.split('|').map((cell) => cell.trim()));

it('docs/engine.md lists every limit as it is', () => {
  const file = path.resolve(import.meta.dirname, '../../../../docs/engine.md');
  const [, section] = readFileSync(file, 'utf8').split(/^## Limits$/m);
  const [, , ...rows] = rowsIn(section?.split(/^## /m)[0] ?? '');
  const wanted = Object.entries<LimitDefinition>(limitDefinitions).map(([name, limit]) => {
    const unit = limit.unit && ` ${limit.unit}`;
    return ['', `\`${name}\``, `${limit.default}${unit}`, `${limit.min}`, `${limit.max}`, limit.doc, ''];
  });
  expect(rows).toEqual(wanted);
});
