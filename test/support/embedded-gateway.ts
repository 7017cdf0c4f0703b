import { chmodSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { useCommandLine } from './command-line.js';
import { eventually } from './eventually.js';
import { forTheBlock } from './for-the-block.js';
import {
  useGatewayProcesses,
  type AttendedCommand,
  type Ended,
  type Environment,
  type GatewayProcess,
  type GatewayProcesses,
} from './gateway-process.js';
import { ask, hello, PATH } from './gateway.js';
import { alive, postgresFamily } from './postgres-family.js';
import { ScriptedUpstream } from './scripted-upstream/index.js';

/** A fast shutdown and its checkpoint, on a machine full of other tests. */
const POSTGRES_GONE_MS = 30_000;

export const TOKEN = /sk-cxp-[0-9a-f]{12}-[\w-]{43}/;

/**
 * The built command as a user has it who configured nothing: a new DATA_DIR of its own, and an upstream that is scripted.
 * Call it inside a `describe`.
 *
 * @param configured what all of its processes and commands are told beside that
 */
export function useEmbeddedGateway(configured: () => Environment = () => ({})): EmbeddedGateway {
  // Its processes have ended when the other hooks of the block run: Jest runs `afterAll` hooks in the order they were made.
  const embedded = new EmbeddedGateway(configured);
  forTheBlock(
    () => embedded.start(),
    () => embedded.stop(),
  );
  return embedded;
}

class EmbeddedGateway {
  readonly upstream = new ScriptedUpstream();
  /** Commands in this process, which leave the database before its own processes are killed. */
  readonly commands = useCommandLine(() => this.environment({}));
  private readonly processes = useGatewayProcesses();
  private readonly outputs: (() => string)[] = [];
  private folder = '';

  constructor(private readonly configured: () => Environment) {}

  async start(): Promise<void> {
    this.folder = realpathSync(mkdtempSync(join(tmpdir(), 'codex-pooler-embedded-')));
    // Started by root, PostgreSQL runs as somebody else, who has to get through here.
    chmodSync(this.folder, 0o755);
    this.upstream.script = hello;
    await this.upstream.start();
  }

  /** Once its processes were killed. */
  async stop(): Promise<void> {
    await eventually(() => expect(this.postgres()).toEqual([]), { withinMs: POSTGRES_GONE_MS });
    await this.upstream.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  get dataDir(): string {
    return join(this.folder, 'data');
  }

  /** Write a file beside DATA_DIR. @returns its path */
  file(name: string, text: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, text);
    return path;
  }

  /** `codex-pooler serve`, once it has said all that it says to a person. */
  async serve(args: readonly string[] = [], env: Environment = {}): Promise<GatewayProcess> {
    const gateway = await this.processes.serve(this.environment(env), args);
    this.outputs.push(gateway.output);
    await eventually(() => expect(gateway.output()).toContain('Codex CLI base_url: '));
    return gateway;
  }

  /** Any command, to its end. */
  async run(args: readonly string[], env: Environment = {}): Promise<Ended> {
    const ended = await this.processes.run(this.environment({ PORT: '0', ...env }), args);
    this.outputs.push(() => ended.stdout + ended.stderr);
    return ended;
  }

  /** Any command, while somebody reads and types. */
  attend(args: readonly string[], env: Environment = {}): AttendedCommand {
    const command = this.processes.attend(this.environment(env), args);
    void command.ended.then(({ stdout, stderr }) => this.outputs.push(() => stdout + stderr));
    return command;
  }

  /** Any command, while nobody reads its output. */
  runUnread(args: readonly string[], env: Environment = {}): ReturnType<GatewayProcesses['runUnread']> {
    return this.processes.runUnread(this.environment(env), args);
  }

  /** A small streaming call. */
  post(gateway: GatewayProcess, key: string): Promise<Response> {
    return fetch(`${gateway.url}${PATH}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(ask()),
    });
  }

  /** The living processes of its PostgreSQL. */
  postgres(): number[] {
    return postgresFamily(join(this.dataDir, 'postgres')).filter(alive);
  }

  /** All that its processes and commands have written by now. */
  printed(): string {
    return [this.commands.printed(), ...this.outputs.map((output) => output())].join('\n');
  }

  private environment(env: Environment): Environment {
    const { url } = this.upstream;
    return { DATA_DIR: this.dataDir, UPSTREAM_BASE_URL: url, OAUTH_ISSUER_URL: url, ...this.configured(), ...env };
  }
}

/** What a process said to a person: its standard output without log lines. */
export const saidBy = (stdout: string): string[] =>
  stdout.split('\n').filter((line) => line !== '' && !line.startsWith('{'));

/** The one key in a text. */
export function keyIn(text: string): string {
  const [key, ...more] = text.match(new RegExp(TOKEN, 'g')) ?? [];
  if (key === undefined || more.length > 0)
    throw new Error(`${key === undefined ? 'No' : 'More than one'} key: ${text}`);
  return key;
}
