import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where Codex keeps its login on this machine, `$CODEX_HOME` or `~/.codex`; `undefined` when there is none. */
export function codexLoginFile(codexHome: string | undefined): string | undefined {
  const file = join(codexHome ?? join(homedir(), '.codex'), 'auth.json');
  return existsSync(file) ? file : undefined;
}
