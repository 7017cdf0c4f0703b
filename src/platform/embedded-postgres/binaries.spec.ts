import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findBinaries, restoreLinks } from './binaries.js';

describe('the binaries of the embedded PostgreSQL', () => {
  let folder = '';
  const program = (name: string, text: string) => {
    mkdirSync(join(folder, 'bin'), { recursive: true });
    writeFileSync(join(folder, 'bin', name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'codex-pooler-binaries-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('come from the folder that was named, whatever else there is', () => {
    program('initdb', 'exit 0');
    program('postgres', 'echo "postgres (PostgreSQL) 17.6 (Debian 17.6-1)"');
    expect(findBinaries(join(folder, 'bin'), '')).toEqual({ dir: join(folder, 'bin'), major: 17 });
  });

  it('are refused with the reason when they do not run', () => {
    program('initdb', 'exit 0');
    program('postgres', 'echo "libicui18n.so.60: cannot open" >&2; exit 127');
    expect(() => findBinaries(join(folder, 'bin'), '')).toThrow(
      /PG_BIN_DIR .*libicui18n.so.60: cannot open\). .*set DATABASE_URL/,
    );
  });

  it('are refused when the named folder has none, instead of taking others', () => {
    expect(() => findBinaries(folder, process.env.PATH ?? '')).toThrow(
      `PG_BIN_DIR (${folder}) has no usable PostgreSQL.`,
    );
  });

  it('get the library links that an install without scripts leaves out', () => {
    mkdirSync(join(folder, 'native', 'lib'), { recursive: true });
    writeFileSync(join(folder, 'native', 'lib', 'libpq.so.5.18'), 'library');
    const links = [{ source: 'native/lib/libpq.so.5.18', target: 'native/lib/libpq.so.5' }];
    writeFileSync(join(folder, 'native', 'pg-symlinks.json'), JSON.stringify(links));
    restoreLinks(folder);
    restoreLinks(folder);
    expect(readFileSync(join(folder, 'native', 'lib', 'libpq.so.5'), 'utf8')).toBe('library');
  });
});
