import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { workspaceRoot } from '@app/testing';

/** The work tree as it is, in a repository of its own, with what has been installed and compiled: a clone in a second. */
export class Clone {
  private constructor(readonly root: string) {}

  static make(): Clone {
    // Not by another name: programs compare paths.
    const root = realpathSync(mkdtempSync(path.join(tmpdir(), 'clone-')));
    const clone = new Clone(root);
    const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
      cwd: workspaceRoot,
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    });
    for (const file of files.split('\0'))
      if (file !== '' && existsSync(path.join(workspaceRoot, file)))
        cpSync(path.join(workspaceRoot, file), path.join(root, file), { recursive: true });
    clone.takeCompiled();
    clone.linkModules();
    clone.git('init', '--quiet');
    clone.git('add', '--all');
    clone.git(
      '-c',
      'user.name=test',
      '-c',
      'user.email=test@example.org',
      'commit',
      '--quiet',
      '-m',
      'as it is',
    );
    return clone;
  }

  /** Newer than the sources, so that nothing is compiled again. */
  private takeCompiled(): void {
    for (const group of ['apps', 'libs'])
      for (const name of readdirSync(path.join(this.root, group))) {
        const dist = path.join(group, name, 'dist');
        if (existsSync(path.join(workspaceRoot, dist)))
          cpSync(path.join(workspaceRoot, dist), path.join(this.root, dist), { recursive: true });
      }
  }

  /** Everything from where it is installed, but @app/* from here. */
  private linkModules(): void {
    const [from, to] = [workspaceRoot, this.root].map((root) => path.join(root, 'node_modules')) as [
      string,
      string,
    ];
    mkdirSync(path.join(to, '@app'), { recursive: true });
    for (const name of readdirSync(from))
      if (name !== '@app' && name !== '.cache') symlinkSync(path.join(from, name), path.join(to, name));
    for (const lib of readdirSync(path.join(this.root, 'libs')))
      symlinkSync(path.join(this.root, 'libs', lib), path.join(to, '@app', lib));
  }

  git(...args: string[]): string {
    return execFileSync('git', args, { cwd: this.root, encoding: 'utf8' });
  }

  /** What git says has changed; empty when nothing has. */
  status(): string {
    return this.git('status', '--porcelain');
  }

  write(file: string, json: object): void {
    writeFileSync(path.join(this.root, file), JSON.stringify(json));
  }

  node(...args: string[]): { status: number | null; output: string } {
    const { status, stdout, stderr } = spawnSync(process.execPath, args, {
      cwd: this.root,
      encoding: 'utf8',
      env: { ...process.env, NO_COLOR: '1', PATH: `${this.root}/node_modules/.bin:${process.env['PATH']}` },
    });
    return { status, output: stdout + stderr };
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
