import { PoolService } from '../../auth/index.js';
import { AccountService, LoginFlows, type LoginFlowView } from '../../upstream/index.js';
import type { CommandContext, Services } from './context.js';
import { commandLine } from './program.js';

const pending: LoginFlowView = {
  id: 'flow-1',
  kind: 'browser',
  purpose: 'link',
  label: 'alice',
  status: 'pending',
  authorizeUrl: 'https://auth.example/page?state=s',
  expiresAtMs: Date.UTC(2026, 7, 1),
  createdAtMs: 0,
};
const { authorizeUrl: _, ...withoutPage } = pending;
const device: LoginFlowView = { ...withoutPage, kind: 'device', userCode: 'AB-1', verificationUri: 'https://x/device' };

/** One run of the command against flows that answer as they are told. */
async function login(args: readonly string[], flows: Partial<LoginFlows> = {}, typed?: string) {
  const lines: string[] = [];
  const services: Services = {
    get: (type) => {
      const found = new Map<unknown, unknown>([
        [LoginFlows, flows],
        [PoolService, { findPool: async (slug: string) => (slug === 'default' ? { id: 'pool-1' } : undefined) }],
        [AccountService, { findByLabel: async (name: string) => (name === 'alice' ? { id: 'account-1' } : undefined) }],
      ]).get(type);
      return found as never;
    },
    close: async () => undefined,
  };
  const context: Partial<CommandContext> = {
    services: async () => services,
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
  return { text: lines.join('\n'), failure };
}

describe('account login', () => {
  it('begins in a browser, for a Pool, and ends with the address that is pasted', async () => {
    const begun: unknown[] = [];
    const { text, failure } = await login(
      ['--label', 'alice'],
      {
        startBrowser: async (target) => {
          begun.push(target);
          return pending;
        },
        complete: async (pasted, options) => {
          begun.push([pasted, options]);
          return { ...pending, status: 'completed' };
        },
      },
      'http://localhost:1455/auth/callback?code=c',
    );
    expect(failure).toBeUndefined();
    expect(begun).toEqual([
      { label: 'alice', poolId: 'pool-1' },
      ['http://localhost:1455/auth/callback?code=c', { id: 'flow-1' }],
    ]);
    expect(text).toContain('\nhttps://auth.example/page?state=s\n');
    expect(text).toMatch(/Account alice is linked\.$/);
  });

  it('begins for an account that is there', async () => {
    const startDevice = async (target: unknown): Promise<LoginFlowView> => ({
      ...device,
      label: JSON.stringify(target),
    });
    const { text } = await login(['--relink', 'alice', '--device'], { startDevice });
    expect(text).toContain('{"relink":"account-1"}');
  });

  it('shows a login again, and says how to go on when nobody answers', async () => {
    const { text } = await login(['--flow', 'flow-1'], { get: async () => pending });
    expect(text).toContain('https://auth.example/page?state=s');
    expect(text).toMatch(/The login waits: codex-pooler account login --flow flow-1 --callback '<address>'$/);
  });

  it('shows what to type where, and leaves the login when it is interrupted', async () => {
    const { text } = await login(['--flow', 'flow-1'], { get: async () => device });
    expect(text).toContain('Open https://x/device on any device, and type the code AB-1');
    expect(text).toMatch(/To see it: codex-pooler account login --flow flow-1$/);
  });

  it('lists logins without the address of the page', async () => {
    const list = async (): Promise<LoginFlowView[]> => [pending, { ...device, id: 'flow-2' }];
    const { text } = await login(['--list'], { list });
    expect(text).toMatch(/^flow-1 +alice +browser +link +pending +- +2026-08-01T00:00:00.000Z$/m);
    expect(text).toMatch(/^flow-2 +alice +device +link +pending +AB-1 /m);
    expect(JSON.parse((await login(['--list', '--json'], { list })).text)).toHaveLength(2);
    expect((await login(['--list'], { list: async () => [] })).text).toBe('No login is under way.');
  });

  it('gives up a login', async () => {
    const cancel = async (): Promise<LoginFlowView> => ({ ...pending, status: 'cancelled' });
    expect((await login(['--cancel', 'flow-1'], { cancel })).text).toBe('The login of account alice is cancelled.');
  });

  it.each<[string, Partial<LoginFlowView>]>([
    ['That login is done.', { status: 'completed' }],
    ['That login was cancelled.', { status: 'cancelled' }],
    ['That login took longer than ten minutes. Begin again.', { status: 'expired', errorCode: 'flow_expired' }],
    ['The provider refused the login: access_denied.', { status: 'failed', errorCode: 'access_denied' }],
    ['That login is over, or somebody finishes it right now.', { status: 'exchanging' }],
  ])('says of a login that does not go on: %s', async (sentence, over) => {
    expect((await login(['--flow', 'f'], { get: async () => ({ ...pending, ...over }) })).failure).toBe(sentence);
  });

  it.each([
    ['nothing', [], 'Give one of --label, --relink, --flow, --list and --cancel.'],
    ['two things', ['--label', 'x', '--list'], 'Give one of --label, --relink, --flow, --list and --cancel.'],
    ['an address of no login', ['--label', 'x', '--callback', 'y'], '--callback goes with --flow.'],
    ['no login', ['--flow', 'x'], 'There is no login of that id.'],
    ['no account', ['--relink', 'nobody'], 'There is no account "nobody".'],
    ['no Pool', ['--label', 'x', '--pool', 'none'], 'There is no Pool "none".'],
  ])('says in one line what is wrong with %s', async (__, args, problem) => {
    expect(await login(args, { get: async () => undefined })).toEqual({ text: '', failure: problem });
  });
});
