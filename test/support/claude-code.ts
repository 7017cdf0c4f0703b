import { resolve } from 'node:path';
import { runAgent } from './agent-process.js';
import { SDK_FOLDER } from './sdk-process.js';

/** The launcher that finds the binary by itself: install scripts of packages may be switched off. */
export const CLAUDE_LAUNCHER = resolve(SDK_FOLDER, 'node_modules/@anthropic-ai/claude-code/cli-wrapper.cjs');

export interface ClaudeRun {
  /** The gateway's address, without a path. */
  readonly url: string;
  /** The Pool API key. */
  readonly key: string;
  readonly prompt: string;
  /** An empty folder at first; what it remembers is kept there. */
  readonly home: string;
  /** More arguments, such as `--continue`. */
  readonly args?: readonly string[];
}

export interface ClaudeResult {
  readonly exitCode: number | null;
  readonly stderr: string;
  /** What `--output-format json` says of the run; `undefined` when it is no JSON. */
  readonly report: ClaudeReport | undefined;
}

export interface ClaudeReport {
  readonly is_error: boolean;
  readonly num_turns: number;
  readonly result: string;
  readonly session_id: string;
}

const TIMEOUT_MS = 60_000;

/** Run the real Claude Code once, without a terminal, against a gateway as the guide sets it up. */
export async function runClaude({ url, key, prompt, home, args = [] }: ClaudeRun): Promise<ClaudeResult> {
  const env = {
    HOME: home,
    ANTHROPIC_BASE_URL: url,
    ANTHROPIC_AUTH_TOKEN: key,
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    // It would try ten times, slower and slower, also after a 401.
    CLAUDE_CODE_MAX_RETRIES: '0',
  };
  const options = ['--output-format', 'json', '--allowedTools', 'Bash', ...args];
  const { exitCode, stdout, stderr } = await runAgent({
    file: process.execPath,
    args: [CLAUDE_LAUNCHER, '-p', prompt, ...options],
    cwd: home,
    env,
    timeoutMs: TIMEOUT_MS,
  });
  return { exitCode, stderr, report: reportIn(stdout) };
}

const reportIn = (stdout: string): ClaudeReport | undefined =>
  stdout.startsWith('{') ? (JSON.parse(stdout) as ClaudeReport) : undefined;
