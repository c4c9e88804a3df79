/**
 * Parses JSON with line and block comments, as Azure's emulators write their configuration. Comments become
 * spaces, so that a position in an error message is one in the file.
 * @throws SyntaxError
 */
export function parseJsonWithComments(text: string): unknown {
  const token = /"(?:[^"\\]|\\.)*"|\/\/[^\n]*|\/\*[^]*?\*\//g;
  const bare = text.replace(token, (found) => (found.startsWith('"') ? found : found.replace(/[^\n]/g, ' ')));
  return JSON.parse(bare.replace(/^\uFEFF/, ''));
}
