import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StartError } from '../settings.js';

/** @throws StartError `INCOMPLETE_INSTALL` when node_modules lacks what package.json lists */
export async function checkInstall(root: string): Promise<void> {
  const { dependencies = {} } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    dependencies?: Record<string, string>;
  };
  const missing = Object.keys(dependencies).filter((name) => !existsSync(join(root, 'node_modules', name)));
  if (missing.length > 0)
    throw new StartError('INCOMPLETE_INSTALL', `not installed: ${missing.join(', ')}; run npm ci in ${root}`);
}
