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
const { options, env } = withoutSecret(process.argv.slice(2));
gateway = startGuarded(join(root, 'dist/src/cli.js'), ['serve', ...options], { env: { ...process.env, ...env } });
process.exitCode = await ended(gateway);

/** A key goes on in the environment: others on the machine can read the command lines of all processes. */
function withoutSecret(given) {
  const at = given.findIndex((option) => option === '--api-key' || option.startsWith('--api-key='));
  if (at === -1) return { options: given, env: {} };
  process.title = 'codex-pooler';
  const joined = given[at] !== '--api-key';
  const key = joined ? given[at].slice('--api-key='.length) : given[at + 1];
  return { options: given.toSpliced(at, joined ? 1 : 2), env: { API_KEY: key ?? '' } };
}
