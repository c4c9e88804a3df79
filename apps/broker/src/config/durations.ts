import { ConfigError } from './config-error.js';

const pattern = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d{1,7})?)S)?)?$/;

/**
 * An ISO 8601 duration of days, hours, minutes and seconds, as the emulator's files have them (`PT1M`, `P14D`), in
 * milliseconds. Azure's "for ever" (`P10675199DT2H48M5.4775807S`) and all that is longer than a century is Infinity.
 * @throws ConfigError
 */
export function readDuration(text: unknown, where: string): number {
  const found = typeof text === 'string' && /\d/.test(text) ? pattern.exec(text) : null;
  if (found === null || String(text).endsWith('T')) {
    throw new ConfigError(`${where} must be a duration such as PT30S or P14D, not ${JSON.stringify(text)}`);
  }
  const [days, hours, minutes, seconds] = found.slice(1).map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
  ];
  const ms = Math.round((((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1_000);
  return ms > 36_525 * 86_400_000 ? Infinity : ms;
}
