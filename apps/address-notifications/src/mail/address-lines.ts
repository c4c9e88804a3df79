import type { EnvelopeAddress } from '../domain/address-change.js';

/** An address as it is written on an envelope. */
export function linesOf({ line1, line2, postalCode, city, region, country }: EnvelopeAddress): string[] {
  const place = [postalCode, city].filter(Boolean).join(' ');
  const lines = [line1, line2, [place, region].filter(Boolean).join(', '), country];
  return lines.filter((line): line is string => Boolean(line));
}
