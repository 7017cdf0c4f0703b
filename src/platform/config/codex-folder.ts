import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** What a Codex CLI is told by its own settings, as far as we follow them. */
export interface CodexSettings {
  readonly model?: string;
  /** In tokens. */
  readonly contextWindow?: number;
  /** In tokens. */
  readonly autoCompactTokenLimit?: number;
}

export const CODEX_SETTINGS_FILE = 'config.toml';

const MULTILINE_TEXT = /"""[\s\S]*?"""|'''[\s\S]*?'''/g;
const TABLE = /^\s*\[\[?[^[\]]+\]\]?\s*(#.*)?$/m;
const KEY = /^\s*(model|model_context_window|model_auto_compact_token_limit)\s*=\s*(.*)$/gm;
const TEXT = /^(?:"([^"\\\n]+)"|'([^'\n]+)')/;
/** Digits, with single underscores between them. */
const COUNT = /^\+?(\d+(?:_\d+)*)\s*(?:#.*)?$/;

/** Where Codex keeps its login and its settings on this machine: `$CODEX_HOME` or `~/.codex`. */
export const codexFolder = (codexHome: string | undefined): string => codexHome ?? join(homedir(), '.codex');

/** Codex's own settings. A file that is not there, or cannot be read, says nothing. */
export async function codexSettings(folder: string): Promise<CodexSettings> {
  const text = await readFile(join(folder, CODEX_SETTINGS_FILE), 'utf8').catch(() => '');
  return settingsIn(text);
}

/** @param toml only its root keys count; whatever is not what it should be counts as absent */
export function settingsIn(toml: string): CodexSettings {
  const root = toml.replace(MULTILINE_TEXT, '""').split(TABLE, 1)[0] ?? '';
  const said = new Map([...root.matchAll(KEY)].map(([, name = '', value = '']) => [name, value]));
  const settings = {
    model: textIn(said.get('model')),
    contextWindow: countIn(said.get('model_context_window')),
    autoCompactTokenLimit: countIn(said.get('model_auto_compact_token_limit')),
  };
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}

function textIn(value = ''): string | undefined {
  const [, double, single] = TEXT.exec(value) ?? [];
  const text = (double ?? single)?.trim();
  return text === '' ? undefined : text;
}

function countIn(value = ''): number | undefined {
  const count = Number(COUNT.exec(value.trim())?.[1]?.replaceAll('_', '') ?? Number.NaN);
  return Number.isSafeInteger(count) && count > 0 ? count : undefined;
}
