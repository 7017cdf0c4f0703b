import { join } from 'node:path';
import { ended, onStop, root, startGuarded } from './children.mjs';
import { ensureBuilt, ensureInstalled } from './install.mjs';

/** `npm start [-- options]`: installs and builds what is missing, then serves until it is told to stop. */
let gateway;
let stopped = false;
onStop((signal) => {
  stopped = true;
  if (gateway === undefined) process.exit(130);
  gateway.kill(signal);
});

await ensureInstalled();
await ensureBuilt();
if (stopped) process.exit(130);
gateway = startGuarded(join(root, 'dist/src/cli.js'), ['serve', ...process.argv.slice(2)]);
process.exitCode = await ended(gateway);
