/** A consumer's name in the forms in which it is written. */
export interface Names {
  /** `gold-club`: folder, service, consumer group. */
  name: string;
  /** `GoldClub` */
  className: string;
  /** `goldClub` */
  variable: string;
  /** `gold_club`: database, role and table. */
  table: string;
  /** `GOLD_CLUB_PORT` */
  portVariable: string;
}

export function namesOf(name: string): Names {
  const className = name.split('-').map(capital).join('');
  return {
    name,
    className,
    variable: className.charAt(0).toLowerCase() + className.slice(1),
    table: name.replaceAll('-', '_'),
    portVariable: `${name.toUpperCase().replaceAll('-', '_')}_PORT`,
  };
}

/** `LoyaltyTierChanged` as a file and as a constant. */
export const eventNames = (type: string) => ({
  type,
  variable: type.charAt(0).toLowerCase() + type.slice(1),
  file: `${type.replaceAll(/(?<!^)([A-Z])/g, '-$1').toLowerCase()}.event`,
});

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
