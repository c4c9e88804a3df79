/** SGR parameters (ECMA-48 §8.3.117). */
const codes = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, blue: 34, magenta: 35, cyan: 36 } as const;
export type Style = keyof typeof codes;

const palette: readonly Style[] = ['cyan', 'magenta', 'blue', 'green', 'yellow'];

/** Colours on a terminal only, and not where NO_COLOR says so (https://no-color.org). */
export function colours(
  stream: { isTTY?: boolean },
  env: NodeJS.ProcessEnv,
): (style: Style, text: string) => string {
  const wanted = stream.isTTY === true && !env.NO_COLOR;
  return (style, text) => (wanted ? `\u001b[${codes[style]}m${text}\u001b[0m` : text);
}

/** Always the same colour for the same place in the list. */
export function colourOf(index: number): Style {
  return palette[index % palette.length] ?? 'cyan';
}
