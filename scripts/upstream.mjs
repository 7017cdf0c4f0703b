import { ensureBuilt, ensureInstalled } from './install.mjs';

/** `npm run upstream -- [options]`: the scripted Codex upstream on its own; `--help` lists its options. */
await ensureInstalled();
await ensureBuilt();
await import('../dist/test/support/scripted-upstream/main.js');
