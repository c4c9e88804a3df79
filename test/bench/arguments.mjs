import { parseArgs } from 'node:util';

/**
 * Ends a bench that was called the wrong way: one line, exit code 2.
 * @returns {never}
 */
export function refuse(/** @type {string} */ why) {
  console.error(`bench: ${why} (npm run bench -- --help)`);
  process.exit(2);
}

/** The command line, or its end. */
export function readArguments(options, args = process.argv.slice(2), allowPositionals = false) {
  try {
    return parseArgs({ args, options, allowPositionals });
  } catch (error) {
    return refuse(error.message.split('. ')[0]);
  }
}

/**
 * A whole number above 0 among the values read.
 * @returns {number}
 */
export function whole(values, /** @type {string} */ name) {
  const value = Number(values[name]);
  return Number.isSafeInteger(value) && value > 0 ? value : refuse(`--${name} needs a whole number above 0`);
}
