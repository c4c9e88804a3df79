import { nodeTooOld } from './machine/node-version.js';

/** `npm start`. Everything else is imported after the check, so that an old Node gets a sentence and no stack. */
const complaint = nodeTooOld(process.version);
if (complaint !== undefined) {
  console.error(complaint);
  process.exit(1);
}
try {
  const { launch } = await import('./launcher.js');
  process.exitCode = await launch(process.env);
} catch (error) {
  console.error(describe(error));
  process.exitCode = 1;
}

/** What is foreseen is one clear line; a stack is for what is not. */
function describe(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  if (error.name === 'StartError') return error.message;
  if ('code' in error && error.code === 'ERR_MODULE_NOT_FOUND')
    return `the installation is not complete (${error.message.split('\n')[0]}): run npm ci`;
  return error;
}
