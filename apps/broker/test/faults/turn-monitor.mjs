// Runs inside the engine (NODE_OPTIONS=--import): how long one turn of its event loop took at most. The smaller of
// wall time and processor time counts, so that a busy machine is not taken for a stalled engine. SIGUSR2 asks.
const EVERY_MS = 10;
let longest = 0;
let last = performance.now();
let cpu = process.cpuUsage();
setInterval(() => {
  const now = performance.now();
  const { user, system } = process.cpuUsage(cpu);
  longest = Math.max(longest, Math.min(now - last - EVERY_MS, (user + system) / 1000));
  last = now;
  cpu = process.cpuUsage();
}, EVERY_MS).unref();
process.on('SIGUSR2', () => process.stdout.write(`longest turn: ${longest.toFixed(1)} ms\n`));
