import type { Address } from '@app/contracts';

/** An address as it is written on an envelope. */
export function linesOf({ line1, line2, postalCode, city, region, country }: Address): string[] {
  const place = [postalCode, city].filter(Boolean).join(' ');
  return [line1, line2, [place, region].filter(Boolean).join(', '), country].filter(
    (line) => line !== undefined && line !== '',
  ) as string[];
}
