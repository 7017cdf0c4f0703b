import { ControlError, type loginView, type LoginView } from '../../control/index.js';
import type { OperationsClient } from '../client/operations-client.js';
import type { CommandContext } from './context.js';
import { commandLine } from './program.js';

const ID = '6f1c0000-0000-4000-8000-000000000001';

const pending: LoginView = {
  id: ID,
  kind: 'browser',
  purpose: 'link',
  label: 'alice',
  poolId: null,
  accountId: null,
  status: 'pending',
  authorizeUrl: 'https://auth.example/page?state=s',
  userCode: null,
  verificationUri: null,
  pollAfter: null,
  expiresAt: '2026-08-01T00:00:00.000Z',
  resultAccountId: null,
  errorCode: null,
  problem: null,
  createdAt: '2026-07-01T00:00:00.000Z',
};
const device: LoginView = {
  ...pending,
  kind: 'device',
  authorizeUrl: null,
  userCode: 'AB-1',
  verificationUri: 'https://x/device',
};

type Answers = Readonly<Record<string, (input: Record<string, unknown>) => unknown>>;

/** One run of the command against operations that answer as they are told. */
async function login(args: readonly string[], answers: Answers = {}, typed?: string) {
  const lines: string[] = [];
  const asked: unknown[] = [];
  const operations = {
    ask: async (name: string, input: Record<string, unknown>, output: typeof loginView) => {
      asked.push([name, input]);
      return output.parse(answers[name]?.(input));
    },
    close: async () => undefined,
  } as unknown as OperationsClient;
  const context: Partial<CommandContext> = {
    operations: async () => operations,
    out: (text) => lines.push(text),
    ask: async (question) => {
      lines.push(question);
      return typed;
    },
    interrupted: () => AbortSignal.abort(),
  };
  const program = commandLine(context as CommandContext, '0.0.0');
  const failure = await program.parseAsync(['node', 'codex-pooler', 'account', 'login', ...args]).then(
    () => undefined,
    (error: unknown) => (error as Error).message,
  );
  return { text: lines.join('\n'), failure, asked };
}

describe('account login', () => {
  it('begins in a browser, for a Pool, and ends with the address that is pasted', async () => {
    const callback = 'http://localhost:1455/auth/callback?code=c';
    const answers: Answers = {
      'logins.browser': () => pending,
      'logins.complete': () => ({ ...pending, status: 'completed' }),
    };
    const { text, failure, asked } = await login(['--label', 'alice'], answers, callback);
    expect(failure).toBeUndefined();
    expect(asked).toEqual([
      ['logins.browser', { label: 'alice', pool: 'default' }],
      ['logins.complete', { login: ID, callback }],
    ]);
    expect(text).toContain('\nhttps://auth.example/page?state=s\n');
    expect(text).toMatch(/Account alice is linked\.$/);
  });

  it('begins for an account that is there', async () => {
    const { asked } = await login(['--relink', 'alice', '--device'], { 'logins.device': () => device });
    expect(asked).toEqual([['logins.device', { account: 'alice' }]]);
  });

  it('shows a login again, and says how to go on when nobody answers', async () => {
    const { text } = await login(['--flow', ID], { 'logins.get': () => pending });
    expect(text).toContain('https://auth.example/page?state=s');
    expect(text).toContain(`The login waits: codex-pooler account login --flow ${ID} --callback '<address>'`);
  });

  it('shows what to type where, and leaves the login when it is interrupted', async () => {
    const { text } = await login(['--flow', ID], { 'logins.get': () => device });
    expect(text).toContain('Open https://x/device on any device, and type the code AB-1');
    expect(text.endsWith(`To see it: codex-pooler account login --flow ${ID}`)).toBe(true);
  });

  it('lists logins without the address of the page', async () => {
    const answers: Answers = { 'logins.list': () => ({ items: [pending, device] }) };
    const { text } = await login(['--list'], answers);
    expect(text).toMatch(new RegExp(`^${ID} +alice +browser +link +pending +- +2026-08-01T00:00:00.000Z$`, 'm'));
    expect(text).toMatch(new RegExp(`^${ID} +alice +device +link +pending +AB-1 `, 'm'));
    expect(JSON.parse((await login(['--list', '--json'], answers)).text)).toHaveLength(2);
    expect((await login(['--list'], { 'logins.list': () => ({ items: [] }) })).text).toBe('No login is under way.');
  });

  it('gives up a login', async () => {
    const cancelled: Answers = { 'logins.cancel': () => ({ ...pending, status: 'cancelled' }) };
    expect((await login(['--cancel', ID], cancelled)).text).toBe('The login of account alice is cancelled.');
  });

  it.each<[string, Partial<LoginView>]>([
    ['That login is done.', { status: 'completed' }],
    ['That login was cancelled.', { status: 'cancelled' }],
    ['It took too long.', { status: 'expired', errorCode: 'flow_expired', problem: 'It took too long.' }],
    ['That login is over, or somebody finishes it right now.', { status: 'exchanging' }],
  ])('says of a login that does not go on: %s', async (sentence, over) => {
    expect((await login(['--flow', ID], { 'logins.get': () => ({ ...pending, ...over }) })).failure).toBe(sentence);
  });

  it('says what the gateway refuses, and nothing else', async () => {
    const missing = (): never => {
      throw new ControlError('not_found', 'There is no login of that id.');
    };
    const { text, failure } = await login(['--flow', 'x'], { 'logins.get': missing });
    expect([text, failure]).toEqual(['', 'There is no login of that id.']);
  });

  it.each([
    ['nothing', [], 'Give one of --label, --relink, --flow, --list and --cancel.'],
    ['two things', ['--label', 'x', '--list'], 'Give one of --label, --relink, --flow, --list and --cancel.'],
    ['an address of no login', ['--label', 'x', '--callback', 'y'], '--callback goes with --flow.'],
  ])('says in one line what is wrong with %s', async (__, args, problem) => {
    expect(await login(args)).toEqual({ text: '', failure: problem, asked: [] });
  });
});
