import { run } from './run.js';

run({ role: 'worker' }).catch((error: unknown) => {
  process.stderr.write(`codex-pooler: ${error instanceof Error ? error.message : 'could not start'}\n`);
  process.exit(1);
});
