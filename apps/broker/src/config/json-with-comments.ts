/**
 * Parses JSON with line and block comments and commas behind the last element, as the configuration of Azure's
 * emulators may have them (.NET reads it so). They become spaces, so that a position in an error message is one in the file.
 * @throws SyntaxError
 */
export function parseJsonWithComments(text: string): unknown {
  const token = /"(?:[^"\\]|\\.)*"|\/\/[^\n]*|\/\*[^]*?\*\//g;
  const bare = text.replace(token, (found) => (found.startsWith('"') ? found : found.replace(/[^\n]/g, ' ')));
  const trailing = /"(?:[^"\\]|\\.)*"|,(?=\s*[}\]])/g;
  const strict = bare.replace(trailing, (found) => (found === ',' ? ' ' : found));
  return JSON.parse(strict.replace(/^\uFEFF/, ''));
}
