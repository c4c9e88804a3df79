/** The oldest Node that runs the platform; package.json says the same in "engines". */
const oldest = [20, 19] as const;

/** One clear line when this Node is too old, else undefined. Imports nothing, so that an old Node gets as far as here. */
export function nodeTooOld(version: string): string | undefined {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  const enough = major > oldest[0] || (major === oldest[0] && minor >= oldest[1]);
  return enough
    ? undefined
    : `Node ${oldest.join('.')} or newer is needed, this is ${version}: see https://nodejs.org`;
}
