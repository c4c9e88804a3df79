// Node's --import of a process whose clock can be set: TORTURE_CLOCK names the file with its error in milliseconds, which
// is read at the start and at each SIGUSR2; the file's name with ".taken" then holds the error that the process goes by.
// Date is moved, and nothing else: performance.now, process.hrtime and timers are monotonic, and nobody sets them.
import { readFileSync, writeFileSync } from 'node:fs';

const file = process.env.TORTURE_CLOCK;
if (!file) throw new Error('TORTURE_CLOCK must name the file that says how wrong the clock is');

const RealDate = Date;
const realNow = Date.now;
let error = 0;

function take() {
  error = Number(readFileSync(file, 'utf8'));
  writeFileSync(`${file}.taken`, String(error));
}

RealDate.now = () => realNow() + error;
globalThis.Date = new Proxy(RealDate, {
  construct: (target, given, newTarget) =>
    Reflect.construct(target, given.length === 0 ? [RealDate.now()] : given, newTarget),
  apply: () => new Date().toString(),
});
take();
process.on('SIGUSR2', take);
