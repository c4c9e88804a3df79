// Rewrites what is generated under docs/; with --check it only says what is out of date.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const check = process.argv.includes('--check');

function dependencyGraph() {
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
  return `# Dependency graph

Made by \`npm run update:docs\` from the imports; \`npm run check\` refuses an arrow that points up.

\`\`\`mermaid
${graph}
\`\`\`
`;
}

const generated = { 'docs/dependency-graph.md': dependencyGraph };

let stale = 0;
for (const [file, make] of Object.entries(generated)) {
  const wanted = make();
  if (existsSync(file) && readFileSync(file, 'utf8') === wanted) continue;
  stale++;
  if (check) console.error(`${file} is out of date: npm run update:docs`);
  else {
    writeFileSync(file, wanted);
    console.log(`wrote ${file}`);
  }
}
if (check && stale > 0) process.exit(1);
