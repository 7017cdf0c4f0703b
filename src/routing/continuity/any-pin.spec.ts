import fc from 'fast-check';
import type { AccountId, Anchor, Operation, RoutedCall } from '../../core/index.js';
import type { Holders } from './known.js';
import { pinOf, rivalOf, type Pinnable } from './pin.js';

const ACCOUNTS = ['alice', 'bob', 'carol', 'dave'].map((id) => id as AccountId);
const ANCHORS: readonly Anchor[] = [
  { kind: 'response', digest: 'response' },
  { kind: 'reasoning', digest: 'newest' },
  { kind: 'reasoning', digest: 'older' },
  { kind: 'conversation', digest: 'folded' },
];

const someone = fc.constantFrom(...ACCOUNTS);
const maybe = <T, N extends string>(name: N, of: fc.Arbitrary<T>) =>
  fc.option(of, { nil: undefined }).map((value) => (value === undefined ? {} : { [name]: value }) as { [K in N]?: T });

const sealedIn = (anchors: readonly Anchor[]): Pick<RoutedCall, 'sealed'> => {
  if (anchors.some(({ kind }) => kind === 'conversation')) return { sealed: 'conversation' };
  return anchors.some(({ kind }) => kind === 'reasoning') ? { sealed: 'reasoning' } : {};
};

const calls: fc.Arbitrary<Pinnable> = fc
  .record({
    operation: fc.constantFrom<Operation>('responses', 'compact', 'compaction', 'transcribe'),
    transport: fc.constantFrom<RoutedCall['transport']>('http', 'websocket'),
    anchors: fc.subarray([...ANCHORS]),
    account: maybe('account', fc.record({ id: someone, required: fc.boolean() })),
  })
  .map(({ account, ...rest }) => ({ ...rest, ...account, ...sealedIn(rest.anchors) }));

const worlds: fc.Arbitrary<Holders & { readonly sure: boolean }> = fc
  .record({
    sure: fc.boolean(),
    accounts: fc.subarray([...ACCOUNTS]),
    known: fc.subarray([...ANCHORS]),
    makers: fc.array(someone, { minLength: 4, maxLength: 4 }),
    home: maybe('id', someone),
    files: maybe('files', someone),
  })
  .map(({ sure, accounts, known, makers, home, files: { files } }) => ({
    sure,
    accounts: new Set(accounts),
    minted: new Map(known.map(({ digest }, at) => [digest, { id: makers[at] ?? someAccount, sure }])),
    ...(home.id === undefined ? {} : { home: { id: home.id, sure, atMs: 0 } }),
    // Files whose holder is gone are refused: see pin.spec.ts.
    ...(files !== undefined && accounts.includes(files) ? { files } : {}),
  }));

const someAccount = 'alice' as AccountId;

const holds = (check: (call: Pinnable, holders: Holders & { sure: boolean }, sessionMoves: boolean) => void): void =>
  fc.assert(fc.property(calls, worlds, fc.boolean(), check), { numRuns: 3_000 });

describe('whatever a call goes on from', () => {
  it('has a pin exactly when a file, its name, an anchor or its session is known to be somewhere', () => {
    holds((call, holders, sessionMoves) => {
      const pin = pinOf(call, holders, { sessionMoves });
      const makers = (call.anchors ?? []).flatMap(({ digest }) => holders.minted.get(digest)?.id ?? []);
      const places = [holders.files, call.account?.id, holders.home?.id, ...makers].filter((id) => id !== undefined);
      if (places.length === 0) expect(pin).toBeUndefined();
      else expect(places).toContain(pin?.id);
    });
  });

  it('goes first to who holds its files, then to its websocket', () => {
    holds((call, holders, sessionMoves) => {
      const pin = pinOf(call, holders, { sessionMoves });
      const { files } = holders;
      if (files !== undefined) return expect(pin).toEqual({ id: files, required: true, reason: 'file' });
      if (call.transport !== 'websocket' || call.account?.required !== true) return;
      expect(pin).toEqual({ id: call.account.id, required: true, reason: 'socket' });
    });
  });

  it('insists on nobody who is gone, but where the client left out what only that account has', () => {
    holds((call, holders, sessionMoves) => {
      const pin = pinOf(call, holders, { sessionMoves });
      if (pin?.required === true && !holders.accounts.has(pin.id)) expect(['socket', 'anchor']).toContain(pin.reason);
    });
  });

  it('insists on nobody because of reasoning alone, where sessions may move', () => {
    holds((call, holders) => {
      const pin = pinOf(call, holders, { sessionMoves: true });
      if (pin?.reason === 'sealed' && call.sealed === 'reasoning') expect(pin.required).toBe(false);
    });
  });

  it('insists on nothing that is only remembered here', () => {
    holds((call, holders, sessionMoves) => {
      const pin = pinOf(call, holders, { sessionMoves });
      if (pin?.required === true && !holders.sure) expect(['file', 'socket', 'stored']).toContain(pin.reason);
    });
  });

  it('has a rival only when it is bound to two different accounts', () => {
    holds((call, holders, sessionMoves) => {
      const pin = pinOf(call, holders, { sessionMoves });
      const rival = rivalOf(call, holders, { sessionMoves });
      if (rival === undefined) return;
      expect([pin?.required, rival.required]).toEqual([true, true]);
      expect(rival.id).not.toBe(pin?.id);
    });
  });
});
