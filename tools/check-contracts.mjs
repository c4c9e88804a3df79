// Whether the code keeps what the published versions of the events promise: node tools/check-contracts.mjs [FOLDER]
import { advice, brokenPromises, publishedFolder } from './docs/contracts.mjs';
import { handlersIn } from './docs/handlers.mjs';

const broken = brokenPromises(handlersIn(), process.argv[2] ?? publishedFolder);
for (const line of broken) console.error(line);
if (broken.length > 0) {
  console.error(advice);
  process.exit(1);
}
