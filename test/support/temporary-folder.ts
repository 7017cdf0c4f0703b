import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder for the test file that calls this, gone at its end. */
export function temporaryFolder(): { path(): string } {
  let path = '';
  beforeAll(() => {
    path = mkdtempSync(join(tmpdir(), 'codex-pooler-test-'));
  });
  afterAll(() => {
    rmSync(path, { recursive: true, force: true });
  });
  return { path: () => path };
}
