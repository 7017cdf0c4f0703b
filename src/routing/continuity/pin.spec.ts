import { DEFAULT_ROUTING, type AccountId, type Anchor, type RoutedCall } from '../../core/index.js';
import type { Holders, Home } from './known.js';
import { pinOf, rivalOf, type Pinnable } from './pin.js';

const [ALICE, BOB, CAROL, DAVE] = ['alice', 'bob', 'carol', 'dave'].map((id) => id as AccountId) as [
  AccountId,
  AccountId,
  AccountId,
  AccountId,
];
const ALL = new Set([ALICE, BOB, CAROL, DAVE]);
const STAYS = { ...DEFAULT_ROUTING, sessionMoves: false };

const response: Anchor = { kind: 'response', digest: 'response' };
const thought: Anchor = { kind: 'reasoning', digest: 'thought' };
const older: Anchor = { kind: 'reasoning', digest: 'older' };
const folded: Anchor = { kind: 'conversation', digest: 'folded' };

const call = (over: Partial<RoutedCall> = {}): Pinnable => ({ operation: 'responses', transport: 'http', ...over });
const at = (id: AccountId): Home => ({ id, sure: true, atMs: 0 });
const holders = (
  made: readonly (readonly [Anchor, AccountId])[] = [],
  { accounts = ALL, ...over }: Partial<Holders> = {},
): Holders => ({
  minted: new Map(made.map(([{ digest }, id]) => [digest, { id, sure: true }])),
  accounts,
  ...over,
});
const without = (gone: AccountId) => ({ accounts: new Set([...ALL].filter((id) => id !== gone)) });
const unsure = ({ minted, home, ...rest }: Holders): Holders => ({
  ...rest,
  minted: new Map([...minted].map(([digest, { id }]) => [digest, { id, sure: false }])),
  ...(home === undefined ? {} : { home: { ...home, sure: false } }),
});

describe('the account that a call goes on with', () => {
  it('is nobody in particular for a call that goes on from nothing that is known', () => {
    expect(pinOf(call({ anchors: [thought], sealed: 'reasoning' }), holders(), DEFAULT_ROUTING)).toBeUndefined();
  });

  it.each<[string, Partial<RoutedCall>, Holders, object]>([
    ['who holds its files, always', {}, holders([], { files: ALICE }), { id: ALICE, required: true, reason: 'file' }],
    [
      'who has its websocket, always where that holds what the client left out',
      { transport: 'websocket', account: { id: ALICE, required: true } },
      holders(),
      { id: ALICE, required: true, reason: 'socket' },
    ],
    [
      'who has its websocket, by preference where the client sent everything',
      { transport: 'websocket', account: { id: ALICE, required: false } },
      holders(),
      { id: ALICE, required: false, reason: 'socket' },
    ],
    [
      'who made the stored conversation that it goes on from',
      { account: { id: ALICE, required: false } },
      holders(),
      { id: ALICE, required: false, reason: 'stored' },
    ],
    [
      'who made the response that it names instead of bringing it, always',
      { anchors: [response] },
      holders([[response, ALICE]]),
      { id: ALICE, required: true, reason: 'anchor' },
    ],
    [
      'who folded the conversation in its input, always',
      { anchors: [thought, folded], sealed: 'conversation' },
      holders([
        [thought, BOB],
        [folded, ALICE],
      ]),
      { id: ALICE, required: true, reason: 'sealed' },
    ],
    [
      'who made the newest reasoning in its input, by preference',
      { anchors: [thought, older], sealed: 'reasoning' },
      holders([
        [thought, ALICE],
        [older, BOB],
      ]),
      { id: ALICE, required: false, reason: 'sealed' },
    ],
    [
      'who served its session, where nobody knows who made what is sealed in it',
      { anchors: [folded], sealed: 'conversation' },
      holders([], { home: at(ALICE) }),
      { id: ALICE, required: true, reason: 'sealed' },
    ],
    ['who served its session, by preference', {}, holders([], { home: at(ALICE) }), { id: ALICE, reason: 'session' }],
    [
      'who served its session, always where what comes back belongs to one account',
      { operation: 'compact' },
      holders([], { home: at(ALICE) }),
      { id: ALICE, required: true, reason: 'session' },
    ],
  ])('is %s', (_, over, known, pin) => {
    expect(pinOf(call(over), known, DEFAULT_ROUTING)).toMatchObject(pin);
  });

  it('is, of several, the first that must be, then the first that may be', () => {
    const everything = call({
      transport: 'websocket',
      account: { id: BOB, required: true },
      anchors: [response, folded],
      sealed: 'conversation',
    });
    const made = [
      [response, CAROL],
      [folded, DAVE],
    ] as const;
    const known = holders(made, { home: at(DAVE), files: ALICE });
    expect(pinOf(everything, known, DEFAULT_ROUTING)).toMatchObject({ id: ALICE, reason: 'file' });
    expect(pinOf(everything, holders(made, { home: at(DAVE) }), DEFAULT_ROUTING)).toMatchObject({ id: BOB });
    const soft = { ...everything, account: { id: BOB, required: false } };
    expect(pinOf(soft, holders(made, { home: at(DAVE) }), DEFAULT_ROUTING)).toMatchObject({ id: CAROL });
    const thinking = { ...soft, anchors: [thought], sealed: 'reasoning' as const };
    expect(pinOf(thinking, holders([[thought, DAVE]]), DEFAULT_ROUTING)).toMatchObject({ id: BOB, reason: 'socket' });
    expect(pinOf(thinking, holders([[thought, DAVE]]), STAYS)).toMatchObject({ id: DAVE, reason: 'sealed' });
  });

  it('is told to have a rival when the call is bound to two', () => {
    const bound = call({ anchors: [folded], sealed: 'conversation' });
    const known = holders([[folded, BOB]], { files: ALICE });
    expect(rivalOf(bound, known, DEFAULT_ROUTING)).toMatchObject({ id: BOB, reason: 'sealed' });
    expect(rivalOf(bound, holders([[folded, ALICE]], { files: ALICE }), DEFAULT_ROUTING)).toBeUndefined();
    const thinking = call({ anchors: [thought], sealed: 'reasoning' });
    expect(rivalOf(thinking, holders([[thought, BOB]], { files: ALICE }), DEFAULT_ROUTING)).toBeUndefined();
  });
});

describe('what a call is bound to is released', () => {
  const thinking = call({ anchors: [thought], sealed: 'reasoning' });
  const carrying = call({ anchors: [folded], sealed: 'conversation' });

  it('when all of it is in the input and the Pool lets sessions move', () => {
    const known = holders([[thought, ALICE]]);
    expect(pinOf(thinking, known, DEFAULT_ROUTING)).toEqual({ id: ALICE, required: false, reason: 'sealed' });
    expect(pinOf(thinking, known, STAYS)).toEqual({ id: ALICE, required: true, reason: 'sealed' });
    const stored = { ...thinking, account: { id: BOB, required: false } };
    expect(pinOf(stored, holders(), STAYS)).toEqual({ id: BOB, required: true, reason: 'stored' });
  });

  it.each([
    ['reasoning', thinking, STAYS],
    ['a folded conversation', carrying, DEFAULT_ROUTING],
    ['a stored conversation', { ...carrying, account: { id: ALICE, required: true } }, DEFAULT_ROUTING],
  ])('when the account that sealed it was deleted: %s', (_, given, policy) => {
    const made = [
      [thought, ALICE],
      [folded, ALICE],
    ] as const;
    expect(pinOf(given, holders(made), policy)?.required).toBe(true);
    expect(pinOf(given, holders(made, without(ALICE)), policy)).toMatchObject({ id: ALICE, required: false });
  });

  it('when a session has to be folded by an account that was deleted', () => {
    const compact = call({ operation: 'compact' });
    const home = at(ALICE);
    expect(pinOf(compact, holders([], { home, ...without(ALICE) }), DEFAULT_ROUTING)).toMatchObject({
      required: false,
    });
  });

  it('never where the client left out what only that account has', () => {
    const onSocket = call({ transport: 'websocket', account: { id: ALICE, required: true } });
    expect(pinOf(onSocket, holders([], without(ALICE)), DEFAULT_ROUTING)).toMatchObject({ id: ALICE, required: true });
    const named = call({ anchors: [response] });
    const known = holders([[response, ALICE]], without(ALICE));
    expect(pinOf(named, known, DEFAULT_ROUTING)).toMatchObject({ id: ALICE, required: true, reason: 'anchor' });
  });

  it('with its file, when the account that holds that was deleted', () => {
    const known = holders([], { files: ALICE, ...without(ALICE) });
    expect(() => pinOf(call(), known, DEFAULT_ROUTING)).toThrow('There is no file with this id');
    const finishing = call({ operation: 'files_uploaded', account: { id: ALICE, required: true } });
    expect(pinOf(finishing, holders(), DEFAULT_ROUTING)).toEqual({ id: ALICE, required: true, reason: 'file' });
    expect(() => pinOf(finishing, known, DEFAULT_ROUTING)).toThrow('There is no file with this id');
  });

  it('while nothing is sure', () => {
    const known = unsure(holders([[folded, ALICE]], { home: at(BOB) }));
    expect(pinOf(carrying, known, DEFAULT_ROUTING)).toEqual({ id: ALICE, required: false, reason: 'sealed' });
    expect(pinOf(call({ operation: 'compact' }), known, DEFAULT_ROUTING)?.required).toBe(false);
    const named = unsure(holders([[response, ALICE]]));
    expect(pinOf(call({ anchors: [response] }), named, DEFAULT_ROUTING)?.required).toBe(false);
  });
});
