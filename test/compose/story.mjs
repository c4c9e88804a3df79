// What a person reads while it runs.

export const say = (/** @type {string} */ text) => console.log(text);

/** Runs one step and says how long it took; what the step answers stands behind. */
export async function step(/** @type {string} */ what, /** @type {() => unknown} */ run) {
  const started = performance.now();
  const seconds = () => `${((performance.now() - started) / 1000).toFixed(1)} s`;
  try {
    const told = await run();
    say(`✓ ${what} (${[told, seconds()].filter(Boolean).join(', ')})`);
  } catch (error) {
    say(`✗ ${what} (${seconds()})`);
    throw error;
  }
}

export const byText = (/** @type {string} */ a, /** @type {string} */ b) => a.localeCompare(b, 'en');

/** Cells under each other. */
export function table(/** @type {string[][]} */ rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  for (const row of rows)
    say(
      `    ${row
        .map((cell, column) => cell.padEnd(widths[column]))
        .join('  ')
        .trimEnd()}`,
    );
}
