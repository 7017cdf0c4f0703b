import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { killTree } from './process-tree.js';

const CLIENTS = resolve(__dirname, '../clients/node_modules');
const PACKAGES = { latest: 'codex-latest', '0.128': 'codex-0-128' } as const;
const KEY_ENV = 'CODEX_POOLER_API_KEY';
const MCP_ENV = 'CODEX_POOLER_MCP_KEY';

/** What `codex` is on the machine of somebody who has just installed it. */
export const CODEX_LAUNCHER = join(CLIENTS, PACKAGES.latest, 'bin/codex.js');

export type CodexVersion = keyof typeof PACKAGES;

export const CODEX_VERSIONS = Object.keys(PACKAGES) as CodexVersion[];

export interface CodexRun {
  readonly version: CodexVersion;
  /** The provider's `base_url`, ending in `/backend-api/codex` or in `/v1`. */
  readonly baseUrl: string;
  /** `OpenAI`, the default, makes the CLI speak its backend's protocol; anything else the public one. */
  readonly providerName?: string;
  /** The Pool API key. */
  readonly key: string;
  readonly prompt?: string;
  /** The whole command line, such as `['doctor']`, instead of `exec` and what is below. */
  readonly command?: readonly string[];
  /** The MCP server `codex_pooler`, as the documentation tells users to set it up. */
  readonly mcp?: { readonly url: string; readonly token: string };
  /** Whether the provider is set up with `supports_websockets`. Default false. */
  readonly websockets?: boolean;
  /** Go on with the last session of the same `home`. */
  readonly resume?: boolean;
  /** Image files to attach. */
  readonly images?: readonly string[];
  /** A JSON schema that the final message has to follow. */
  readonly outputSchema?: object;
  /** Run what the model asks for, without a sandbox and without asking back. */
  readonly bypassSandbox?: boolean;
  readonly model?: string;
  /** More arguments, before the prompt. */
  readonly args?: readonly string[];
  readonly cwd?: string;
  /** Kept after the run, so that a later one can resume; absent: a temporary one. Made by `codexHome()`. */
  readonly home?: string;
  /** The whole process tree is killed after that long. Default 60 s. */
  readonly timeoutMs?: number;
  /** Kills the process tree, as a user's Ctrl-C twice would. */
  readonly signal?: AbortSignal;
}

export interface CodexResult {
  /** `null` when it was killed. */
  readonly exitCode: number | null;
  readonly timedOut: boolean;
  /** The JSON lines of `codex exec --json`. */
  readonly events: readonly Readonly<Record<string, unknown>>[];
  /** The last `agent_message`; `undefined` when there was none. */
  readonly finalMessage: string | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** An empty home for a CLI: no login, no history. `remove()` it in the end. */
export function codexHome(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'codex-home-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 5 }) };
}

/** Run the real Codex CLI once, against a provider as the documentation tells users to set it up. */
export async function runCodex(run: CodexRun): Promise<CodexResult> {
  const own = run.home === undefined ? codexHome() : undefined;
  const home = run.home ?? own?.path ?? '';
  try {
    mkdirSync(join(home, 'work'), { recursive: true });
    writeFileSync(join(home, 'config.toml'), configToml(run));
    return await execute(run, home);
  } finally {
    own?.remove();
  }
}

const configToml = ({
  baseUrl,
  providerName = 'OpenAI',
  model = 'gpt-5.5',
  websockets = false,
  mcp,
}: CodexRun): string => `model = "${model}"
model_provider = "codex-pooler"

[model_providers.codex-pooler]
name = "${providerName}"
base_url = "${baseUrl}"
env_key = "${KEY_ENV}"
wire_api = "responses"
supports_websockets = ${String(websockets)}
requires_openai_auth = ${String(providerName === 'OpenAI')}
${mcp === undefined ? '' : mcpToml(mcp.url)}`;

const mcpToml = (url: string): string => `
[mcp_servers.codex_pooler]
url = "${url}"
bearer_token_env_var = "${MCP_ENV}"
`;

function argumentsOf(run: CodexRun, home: string): readonly string[] {
  if (run.command !== undefined) return run.command;
  const schema = join(home, 'schema.json');
  if (run.outputSchema !== undefined) writeFileSync(schema, JSON.stringify(run.outputSchema));
  return [
    'exec',
    ...(run.resume === true ? ['resume', '--last'] : []),
    '--json',
    '--skip-git-repo-check',
    ...(run.bypassSandbox === true ? ['--dangerously-bypass-approvals-and-sandbox'] : []),
    ...(run.outputSchema === undefined ? [] : ['--output-schema', schema]),
    ...(run.images ?? []).flatMap((path) => ['-i', path]),
    ...(run.args ?? []),
    '--',
    run.prompt ?? '',
  ];
}

async function execute(run: CodexRun, home: string): Promise<CodexResult> {
  const launcher = join(CLIENTS, PACKAGES[run.version], 'bin/codex.js');
  // Nothing of the caller's environment: no proxy, no login, no OPENAI_* that would change the provider.
  const env = {
    PATH: process.env['PATH'] ?? '/usr/bin:/bin',
    HOME: home,
    CODEX_HOME: home,
    TERM: 'dumb',
    [KEY_ENV]: run.key,
    ...(run.mcp === undefined ? {} : { [MCP_ENV]: run.mcp.token }),
  };
  const child = spawn(process.execPath, [launcher, ...argumentsOf(run, home)], {
    cwd: run.cwd ?? join(home, 'work'),
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let timedOut = false;
  const kill = (): void => {
    if (child.pid !== undefined) killTree(child.pid);
  };
  const timer = setTimeout(() => {
    timedOut = true;
    kill();
  }, run.timeoutMs ?? 60_000);
  run.signal?.addEventListener('abort', kill);
  const killWithUs = (): void => kill();
  process.once('exit', killWithUs);
  try {
    const [stdout, stderr, exitCode] = await Promise.all([
      textFrom(child.stdout),
      textFrom(child.stderr),
      new Promise<number | null>((done, failed) => {
        child.once('error', failed);
        child.once('close', done);
      }),
    ]);
    const events = eventsIn(stdout);
    return { exitCode, timedOut, events, finalMessage: finalMessageIn(events), stdout, stderr };
  } finally {
    clearTimeout(timer);
    run.signal?.removeEventListener('abort', kill);
    process.off('exit', killWithUs);
  }
}

async function textFrom(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

const eventsIn = (stdout: string): Readonly<Record<string, unknown>>[] =>
  stdout
    .split('\n')
    .filter((line) => line.startsWith('{"'))
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);

function finalMessageIn(events: readonly Readonly<Record<string, unknown>>[]): string | undefined {
  const items = events.map((event) => event['item'] as { type?: string; text?: string } | undefined);
  return items.findLast((item) => item?.type === 'agent_message')?.text;
}
