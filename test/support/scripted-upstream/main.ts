import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { message } from './answer-parts.js';
import { answer } from './answer.js';
import { directives } from './directives.js';
import { ScriptedUpstream } from './scripted-upstream.js';
import { fixed } from './stream-reply.js';
import type { Script } from './wire.js';

const HELP = `A simulated Codex backend, for demos and load tests. No model is asked; nothing leaves this machine.

  --port N          port to listen on (default 21100; 0 takes a free one)
  --host ADDRESS    address to listen on (default 127.0.0.1)
  --accounts N      simulated accounts (default 2)
  --pace-ms N       pause between the events of an answer (default 20)
  --deltas N        answer every call with N text deltas, whatever it says: for load tests
  --delta-bytes N   size of each of those deltas (default 16)
  --write-auth DIR  write auth-1.json … auth-N.json, ready to import into a gateway
  --any-token       serve callers with any bearer token
`;

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '21100' },
    host: { type: 'string', default: '127.0.0.1' },
    accounts: { type: 'string', default: '2' },
    'pace-ms': { type: 'string', default: '20' },
    deltas: { type: 'string' },
    'delta-bytes': { type: 'string', default: '16' },
    'write-auth': { type: 'string' },
    'any-token': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

function whole(name: string, text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 0) throw new Error(`--${name} must be a whole number, not "${text}".`);
  return number;
}

function scriptFor(paceMs: number): Script {
  if (values.deltas === undefined) return directives(paceMs);
  const delta = 'x'.repeat(whole('delta-bytes', values['delta-bytes']));
  const pieces = Array<string>(whole('deltas', values.deltas)).fill(delta);
  const reply = fixed(answer([message(pieces)], { paceMs }));
  return () => reply;
}

function writeLogins(upstream: ScriptedUpstream, folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const [index, account] of upstream.accounts.entries()) {
    const path = join(folder, `auth-${String(index + 1)}.json`);
    writeFileSync(path, account.login.authJson, { mode: 0o600 });
    say(`  login of ${account.id}: ${path}`);
  }
}

function countLine(upstream: ScriptedUpstream): string {
  const calls = `${String(upstream.count('responses'))} model calls (${String(upstream.aborted)} given up by the client)`;
  const others = `${String(upstream.count('models'))} model lists, ${String(upstream.count('usage'))} usage, ${String(upstream.tokenCalls)} token calls`;
  return `${calls}, ${others}`;
}

async function main(): Promise<void> {
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const upstream = new ScriptedUpstream({ keepBodies: false, acceptAnyToken: values['any-token'] });
  upstream.script = scriptFor(whole('pace-ms', values['pace-ms']));
  const accounts = whole('accounts', values.accounts);
  for (let n = 0; n < accounts; n += 1) upstream.addAccount();
  const { url } = await upstream.start(whole('port', values.port), values.host);
  say(`Simulated Codex upstream on ${url}: scripted answers, no model, no OpenAI account.`);
  say(`Point a gateway at it:  UPSTREAM_BASE_URL=${url} OAUTH_ISSUER_URL=${url}`);
  const folder = values['write-auth'];
  if (folder !== undefined) writeLogins(upstream, folder);
  let stopping = false;
  // Ctrl-C may come twice: from the terminal and from npm.
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    say(`Received: ${countLine(upstream)}.`);
    void upstream.stop();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
