import type { Rule } from '@angular-devkit/schematics';
import { format, resolveConfig } from 'prettier';

/** Formats what has been made as `npm run format` would. */
export const formatBelow =
  (folder: string): Rule =>
  async (tree) => {
    const files: string[] = [];
    tree.getDir(folder).visit((file) => files.push(file));
    for (const file of files) {
      const config = await resolveConfig('.prettierrc.json', { config: '.prettierrc.json' });
      tree.overwrite(file, await format(tree.readText(file), { ...config, filepath: file }));
    }
  };
