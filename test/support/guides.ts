import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { runAgent, type AgentEnd } from './agent-process.js';
import { CLAUDE_LAUNCHER } from './claude-code.js';
import { CODEX_LAUNCHER } from './codex-cli.js';
import { SDK_FOLDER } from './sdk-process.js';

const FOLDER = resolve(__dirname, '../../docs/clients');
const FENCE = /^```(\w+)\n(.*?)^```$/gms;
const TIMEOUT_MS = 60_000;

/** A fenced block of a client guide. */
export interface Snippet {
  readonly guide: string;
  /** Of its fence, from 1. */
  readonly line: number;
  readonly language: string;
  readonly code: string;
  /** The `text` block right after it; `''` when there is none. */
  readonly output: string;
}

export const GUIDES: readonly string[] = readdirSync(FOLDER).filter((name) => name.endsWith('.md'));

export function snippetsOf(guide: string): readonly Snippet[] {
  const text = readFileSync(join(FOLDER, guide), 'utf8');
  const blocks = [...text.matchAll(FENCE)].map(({ index, 1: language = '', 2: code = '' }) => ({
    guide,
    line: text.slice(0, index).split('\n').length,
    language,
    code,
  }));
  return blocks.map((block, index) => {
    const next = blocks[index + 1];
    return { ...block, output: next?.language === 'text' ? next.code : '' };
  });
}

/** Whether a snippet printed what its guide says; `…` stands for anything on one line, a line of `…` for any lines. */
export function fits({ output }: Snippet, printed: string): boolean {
  const pattern = output
    .trimEnd()
    .split('\n')
    .map((line) => (line.trim() === '…' ? '[^]*?' : line.split('…').map(quoted).join('.*?')))
    .join('\n');
  return new RegExp(`^${pattern}$`).test(printed.trimEnd());
}

const quoted = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Where snippets are run: an empty home, and the clients under the names that users know them by. */
export class GuideShell {
  private readonly bin: string;

  constructor(
    private readonly home: string,
    private readonly gateway: { readonly url: string; readonly key: string },
  ) {
    this.bin = join(home, 'bin');
    mkdirSync(this.bin, { recursive: true });
    this.install('codex', CODEX_LAUNCHER);
    this.install('claude', CLAUDE_LAUNCHER);
  }

  /** The programs that a shell snippet calls and this machine lacks. */
  missing({ code }: Snippet): readonly string[] {
    const folders = (process.env['PATH'] ?? '').split(':');
    const named = ['curl', 'jq'].filter((name) => new RegExp(`\\b${name}\\b`).test(code));
    return named.filter((name) => !folders.some((folder) => existsSync(join(folder, name))));
  }

  /** @param snippet `js` as an ES module beside the SDKs, `sh` in a shell that stops at the first failure */
  run({ language, code }: Snippet): Promise<AgentEnd> {
    const isNode = language === 'js';
    return runAgent({
      file: isNode ? process.execPath : 'bash',
      args: isNode ? ['--input-type=module'] : ['-euo', 'pipefail'],
      cwd: isNode ? SDK_FOLDER : this.home,
      input: code,
      env: {
        PATH: `${this.bin}:${process.env['PATH'] ?? ''}`,
        HOME: this.home,
        CODEX_POOLER_URL: this.gateway.url,
        CODEX_POOLER_API_KEY: this.gateway.key,
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      },
      timeoutMs: TIMEOUT_MS,
    });
  }

  private install(name: string, launcher: string): void {
    const file = join(this.bin, name);
    writeFileSync(file, `#!/bin/sh\nexec "${process.execPath}" "${launcher}" "$@" </dev/null\n`);
    chmodSync(file, 0o755);
  }
}
