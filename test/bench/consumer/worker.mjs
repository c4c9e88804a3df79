import { once } from 'node:events';
import { end, nextMessage, start } from '../processes.mjs';

/** A process of process/, and what it says. */
export class Worker {
  #waiting = new Map();
  #said = new Map();
  /** Gets `{ partition, applied, at }` of each commit, once the process was told to tell. */
  onCommit = () => undefined;

  /** Answers when it is ready. */
  static async start(args, env) {
    const child = start(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    const worker = new Worker(child);
    await nextMessage(child);
    return worker;
  }

  constructor(child) {
    this.child = child;
    this.pid = child.pid;
    child.on('message', (message) => this.#hear(message));
    child.once('exit', (code, signal) => {
      for (const { reject } of this.#waiting.values())
        reject(new Error(`a consumer ended with ${signal ?? code}`));
    });
  }

  /** What the process says under this name, now or later. */
  said(/** @type {string} */ name) {
    if (this.#said.has(name)) return Promise.resolve(this.#said.get(name));
    if (this.child.exitCode !== null) return Promise.reject(new Error('the consumer has ended'));
    return new Promise((resolve, reject) => this.#waiting.set(name, { resolve, reject }));
  }

  /** Tells it something, and answers what it says to it. */
  ask(/** @type {string} */ command) {
    this.#said.delete(command);
    const answer = this.said(command);
    this.child.send({ command });
    return answer;
  }

  /** @param {NodeJS.Signals} signal */
  async kill(signal) {
    const exited = once(this.child, 'exit');
    this.child.kill(signal);
    await exited;
  }

  end() {
    return end(this.child);
  }

  #hear(message) {
    if (message.commit) {
      this.onCommit(message.commit);
      return;
    }
    for (const [name, value] of Object.entries(message)) {
      const waiting = this.#waiting.get(name);
      this.#waiting.delete(name);
      if (waiting) waiting.resolve(value);
      else this.#said.set(name, value);
    }
  }
}
