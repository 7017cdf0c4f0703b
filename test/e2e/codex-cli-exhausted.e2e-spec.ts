import type { PoolSettings } from '../../src/auth/index.js';
import type { Fields } from '../../src/core/index.js';
import { codexHome, runCodex, type CodexResult } from '../support/codex-cli.js';
import { eventually } from '../support/eventually.js';
import { useGateway } from '../support/gateway.js';
import { newPool } from '../support/pools.js';
import { ScriptedUpstream, type RecordedRequest, type ScriptedAccount } from '../support/scripted-upstream/index.js';

const upstream = new ScriptedUpstream();
const gateway = useGateway({ upstream });

const HOUR_SECONDS = 3_600;
const WAYS = [
  { way: 'HTTP', websockets: false },
  { way: 'websockets', websockets: true },
];
/** The CLI takes any 503 for something that passes, and tries for half a minute. */
const ONE_TRY = ['request', 'stream'].flatMap((what) => ['-c', `model_providers.codex-pooler.${what}_max_retries=0`]);
/** A run of the CLI is a second or two, on a machine that is busy many. */
const SOME_RUNS_MS = 120_000;

const homes: { remove(): void }[] = [];
afterAll(() => homes.forEach((home) => home.remove()));

const inputOf = (request: RecordedRequest): Fields[] => (request.whole() as { input: Fields[] }).input;
const sealedIn = (requests: readonly RecordedRequest[]): unknown[] =>
  requests.flatMap(inputOf).flatMap(({ encrypted_content: sealed }) => sealed ?? []);
/** What the run printed of trouble. */
const troubles = ({ events }: CodexResult): string =>
  JSON.stringify(events.filter(({ type }) => type === 'error' || type === 'turn.failed'));

/** A session of the CLI in a Pool of its own: `turn` runs the CLI once, and says what it sent to whom. */
async function session(websockets: boolean, settings: PoolSettings = {}) {
  const team = await newPool(gateway, upstream, [{}, {}, {}], settings);
  const home = codexHome();
  homes.push(home);
  const baseUrl = `${gateway.url}/backend-api/codex`;
  let resume = false;
  const turn = async (prompt: string, args: readonly string[] = []) => {
    const before = upstream.received.length;
    const result = await runCodex({
      version: 'latest',
      baseUrl,
      key: team.key,
      home: home.path,
      websockets,
      resume,
      prompt,
      args,
    });
    resume = true;
    const sent = upstream.received.slice(before);
    expect(sent.filter(({ transport }) => (transport === 'websocket') !== websockets)).toEqual([]);
    return { result, sent };
  };
  const begun = async () => {
    const { result, sent } = await turn('[[think First.]]');
    expect(result).toMatchObject({ exitCode: 0, finalMessage: 'Thought it through.' });
    const account = team.accounts.find(({ id }) => id === sent.at(-1)?.accountId);
    if (account === undefined) throw new Error('None of the Pool served.');
    return account;
  };
  const statusOf = async ({ id }: ScriptedAccount) => (await team.snapshot()).find(({ label }) => label === id)?.status;
  return { turn, begun, statusOf };
}

describe.each(WAYS)('the user of a real Codex CLI over $way whose account runs out between two turns', (given) => {
  const { websockets } = given;

  it(
    'goes on with another account, without the reasoning sealed for the first, and stays there',
    async () => {
      const { turn, begun } = await session(websockets);
      const first = await begun();
      const before = await turn('[[think Second.]]');
      expect(before.sent.map(({ accountId }) => accountId)).toEqual(before.sent.map(() => first.id));
      expect(sealedIn(before.sent).length).toBeGreaterThan(0);
      first.exhaust(HOUR_SECONDS);

      const moved = await turn('[[think Third.]]');

      expect(moved.result).toMatchObject({ exitCode: 0, finalMessage: 'Thought it through.' });
      expect(troubles(moved.result)).toBe('[]');
      const elsewhere = moved.sent.filter(({ accountId }) => accountId !== first.id);
      expect(elsewhere.length).toBeGreaterThan(0);
      expect(sealedIn(elsewhere)).toEqual([]);
      for (const request of elsewhere) expect(request.body.toString()).not.toMatch(/encrypted_content":"gAAAA/);
      const said = JSON.stringify(inputOf(elsewhere.at(-1) as RecordedRequest));
      for (const text of ['First.', 'Second.', 'Third.', 'Thought it through.']) expect(said).toContain(text);

      const second = elsewhere.at(-1)?.accountId;
      const after = await turn('[[say Still here.]]');
      expect(after.result).toMatchObject({ exitCode: 0, finalMessage: 'Still here.' });
      expect(new Set(after.sent.map(({ accountId }) => accountId))).toEqual(new Set([second]));
      const own = sealedIn(after.sent.slice(-1));
      expect(own).toHaveLength(1);
      expect(sealedIn(before.sent)).not.toContain(own[0]);
    },
    SOME_RUNS_MS,
  );

  it(
    'is told until when, where the Pool lets no session move',
    async () => {
      const { turn, begun } = await session(websockets, { sessionMoves: false });
      const first = await begun();
      first.exhaust(HOUR_SECONDS);
      for (const time of ['found', 'known']) {
        const { result, sent } = await turn('[[say Never.]]');
        expect([time, result.exitCode]).toEqual([time, 1]);
        expect(troubles(result)).toMatch(/hit your usage limit.*[Tt]ry again at/);
        expect(sent.filter(({ accountId }) => accountId !== first.id)).toEqual([]);
      }
    },
    SOME_RUNS_MS,
  );

  it(
    'is told to begin again where the Pool lets no session move and the login of its account is over',
    async () => {
      const { turn, begun, statusOf } = await session(websockets, { sessionMoves: false });
      const first = await begun();
      first.killLogin();
      await turn('[[say Never.]]', ONE_TRY);
      await eventually(async () => expect(await statusOf(first)).toBe('login_required'));

      const { result, sent } = await turn('[[say Never.]]', ONE_TRY);

      expect([result.exitCode, sent]).toEqual([1, []]);
      expect(troubles(result)).toContain('bound to an account that needs re-authentication');
    },
    SOME_RUNS_MS,
  );
});
