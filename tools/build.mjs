// Compiles every src/ of apps and libs into the dist/ beside it; unchanged files are left alone.
// Types are checked by `npm run check`: a start does not wait for them.
import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

async function filesBelow(dir) {
  if (!existsSync(dir)) return [];
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  return entries
    .filter((e) => e.isFile())
    .map((e) => path.relative(dir, path.join(e.parentPath ?? e.path, e.name)));
}

const modified = async (file) => (existsSync(file) ? (await stat(file)).mtimeMs : 0);

async function buildProject(dir) {
  const src = path.join(dir, 'src');
  const dist = path.join(dir, 'dist');
  const sources = (await filesBelow(src)).filter(
    (f) => f.endsWith('.ts') && !f.endsWith('.spec.ts') && !f.endsWith('.d.ts'),
  );
  const wanted = new Set(sources.flatMap((f) => [f.replace(/ts$/, 'js'), f.replace(/ts$/, 'js.map')]));
  for (const stale of (await filesBelow(dist)).filter((f) => !wanted.has(f)))
    await rm(path.join(dist, stale));
  for (const file of sources) {
    const from = path.join(src, file);
    const to = path.join(dist, file.replace(/ts$/, 'js'));
    if ((await modified(to)) > (await modified(from))) continue;
    const { code, map } = await transformFile(from, { cwd: root, sourceMaps: true });
    await mkdir(path.dirname(to), { recursive: true });
    await writeFile(`${to}.map`, map);
    await writeFile(to, `${code}\n//# sourceMappingURL=${path.basename(to)}.map\n`);
  }
}

const { transformFile } = await import('@swc/core').catch(() => {
  console.error('the installation is not complete: run npm ci');
  process.exit(1);
});

const projects = [];
for (const group of ['libs', 'apps']) {
  const dir = path.join(root, group);
  if (existsSync(dir)) projects.push(...(await readdir(dir)).map((name) => path.join(dir, name)));
}
await Promise.all(projects.map(buildProject));
