import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { forTheBlock } from './for-the-block.js';

/** A folder for the test file that calls this, gone at its end. */
export function temporaryFolder(): { path(): string } {
  let path = '';
  forTheBlock(
    () => (path = mkdtempSync(join(tmpdir(), 'codex-pooler-test-'))),
    () => rmSync(path, { recursive: true, force: true }),
  );
  return { path: () => path };
}
