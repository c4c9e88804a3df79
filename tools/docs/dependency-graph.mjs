import { execFileSync } from 'node:child_process';

/** The parts and their imports, as a picture. */
export function dependencyGraph() {
  const args = ['apps', 'libs', '--config', '.dependency-cruiser.cjs', '--output-type', 'mermaid'];
  args.push(
    '--include-only',
    '^(apps|libs)/',
    '--collapse',
    '^(apps|libs)/[^/]+',
    '--exclude',
    '(node_modules|/dist/|\\.spec\\.ts$|^libs/testing)',
  );
  const graph = execFileSync('node_modules/.bin/depcruise', args, { encoding: 'utf8' }).trim();
  const text = `# Dependency graph

Made by \`npm run update:docs\` from the imports; \`npm run check\` refuses an arrow that points up.

\`\`\`mermaid
${graph}
\`\`\`
`;
  return { 'docs/dependency-graph.md': text };
}
