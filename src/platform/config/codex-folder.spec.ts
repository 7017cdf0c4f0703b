import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { codexSettings, settingsIn } from './codex-folder.js';

describe("Codex's own settings", () => {
  it('are read from the root of the file, up to its first table', () => {
    const toml = [
      '# mine',
      'model = "gpt-5.4" # for now',
      'model_context_window = 272_000',
      "model_auto_compact_token_limit = 200000 # 'tokens'",
      '[profiles.other]',
      'model = "gpt-5.5"',
    ].join('\n');
    expect(settingsIn(toml)).toEqual({ model: 'gpt-5.4', contextWindow: 272_000, autoCompactTokenLimit: 200_000 });
  });

  it('are not looked for inside tables and long texts', () => {
    expect(settingsIn('a = 1\n[[x]]\nmodel = "in a table"\n')).toEqual({});
    expect(settingsIn('notes = """\nmodel = "in a text"\n"""\nmodel = \'gpt-5.5\'')).toEqual({ model: 'gpt-5.5' });
  });

  it.each(['0', '-1', '1.5', '"200000"', 'true', '1__0', '_1', '99999999999999999999'])(
    'have no window of %s tokens',
    (value) => {
      expect(settingsIn(`model_context_window = ${value}`)).toEqual({});
    },
  );

  it.each(['""', '"  "', '5', '["gpt-5.5"]'])('have no model %s', (value) => {
    expect(settingsIn(`model = ${value}`)).toEqual({});
  });

  it('are none without a file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'codex-folder-'));
    try {
      expect(await codexSettings(folder)).toEqual({});
      writeFileSync(join(folder, 'config.toml'), 'model = "gpt-5.4"');
      expect(await codexSettings(folder)).toEqual({ model: 'gpt-5.4' });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
