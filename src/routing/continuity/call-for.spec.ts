import { aTurn } from '../../../test/support/routed-turns.js';
import { anchorDigest, CallBody, type AccountId, type Anchor, type RoutedCall } from '../../core/index.js';
import { callFor } from './call-for.js';
import { NOTHING_KNOWN, type Known } from './known.js';

const [ALICE, BOB] = ['alice', 'bob'].map((id) => id as AccountId) as [AccountId, AccountId];
const reasoning = (content: string) => ({ type: 'reasoning', summary: [], encrypted_content: content });
const said = { type: 'message', role: 'user', content: 'hi' };

/** A call with reasoning in its input, the oldest first. */
function thinking(contents: readonly string[], over: Partial<RoutedCall> = {}): RoutedCall {
  const anchors: Anchor[] = [...contents].reverse().map((content) => ({
    kind: 'reasoning',
    digest: anchorDigest(content),
  }));
  const input = contents.flatMap((content) => [reasoning(content), said]);
  return aTurn({ anchors, sealed: 'reasoning', body: new CallBody(Buffer.from(JSON.stringify({ input }))), ...over });
}

const known = (made: Readonly<Record<string, AccountId>>, home?: AccountId, since?: readonly string[]): Known => ({
  minted: new Map(Object.entries(made).map(([content, id]) => [anchorDigest(content), { id, sure: true }])),
  ...(home === undefined
    ? {}
    : { home: { id: home, sure: true, atMs: 0, ...(since === undefined ? {} : { since: since.map(anchorDigest) }) } }),
});

const left = (call: RoutedCall): string[] =>
  (JSON.parse(call.body.bytes.toString()) as { input: { encrypted_content?: string }[] }).input.flatMap(
    ({ encrypted_content: content }) => content ?? [],
  );

describe('what an account gets of a call', () => {
  it.each<[string, Known, AccountId, string[]]>([
    ['everything, when nothing is known of it', NOTHING_KNOWN, BOB, ['a', 'b']],
    ['everything that it made itself', known({ a: ALICE, b: ALICE }, ALICE), ALICE, ['a', 'b']],
    ['everything of its own session, though older makers are forgotten', known({}, ALICE), ALICE, ['a', 'b']],
    [
      'everything that it made, though the session is with another by now',
      known({ a: ALICE, b: ALICE }, BOB),
      ALICE,
      ['a', 'b'],
    ],
    ['no reasoning of others', known({ a: ALICE, b: ALICE }, ALICE), BOB, []],
    ['no reasoning of a session that is with another', known({}, ALICE), BOB, []],
    ['none at all where some is of others', known({ a: ALICE, b: BOB }), BOB, []],
    ['its own alone, of a session that came to it', known({ a: ALICE, b: BOB }, BOB, ['b']), BOB, ['b']],
    ['its own alone, when who made the rest is forgotten', known({ b: BOB }, BOB, ['b']), BOB, ['b']],
    [
      'none of a session that came to it, when the newest is of another that served beside it',
      known({ a: BOB, b: ALICE }, BOB, ['a']),
      BOB,
      [],
    ],
    ['none of a session that has just come to it', known({}, BOB, []), BOB, []],
  ])('is %s', (_, all, id, kept) => {
    const call = thinking(['a', 'b']);
    const own = callFor(call, id, all);
    expect(left(own)).toEqual(kept);
    if (kept.length === 2) expect(own).toBe(call);
  });

  it('is only what is known to be its own, of an input too long to be looked up in a session with another', () => {
    const newest = ['b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'];
    const call = thinking(['a', ...newest]);
    const told = { ...call, anchors: call.anchors?.slice(0, 8) ?? [] };
    const all = known(Object.fromEntries(newest.map((content) => [content, BOB])), ALICE);
    expect(left(callFor(told, BOB, all))).toEqual(newest);
  });

  it('is everything for the account that a translated call names, and no reasoning for any other', () => {
    const call = thinking(['a'], { account: { id: ALICE, required: false } });
    expect(callFor(call, ALICE, known({ a: BOB }, BOB))).toBe(call);
    expect(left(callFor(call, BOB, NOTHING_KNOWN))).toEqual([]);
  });

  it('follows what is known, whoever has the websocket', () => {
    const call = thinking(['a'], { transport: 'websocket', account: { id: BOB, required: false } });
    expect(left(callFor(call, BOB, known({ a: ALICE })))).toEqual([]);
    expect(callFor(call, ALICE, known({ a: ALICE }))).toBe(call);
  });

  it('keeps a folded conversation in it', () => {
    const input = [{ type: 'compaction', encrypted_content: 'f' }, reasoning('a')];
    const call = aTurn({ sealed: 'conversation', body: new CallBody(Buffer.from(JSON.stringify({ input }))) });
    expect(left(callFor(call, BOB, known({}, ALICE)))).toEqual(['f']);
  });

  it('is the very call when nothing is sealed in it, but for the turn state of another account', () => {
    const call = aTurn({ headers: { 'x-codex-turn-state': 's', 'session-id': 'n' } });
    expect(callFor(call, ALICE, known({}, ALICE))).toBe(call);
    expect(callFor(call, ALICE, NOTHING_KNOWN)).toBe(call);
    const moved = callFor(call, BOB, known({}, ALICE));
    expect([moved.headers, moved.body]).toEqual([{ 'session-id': 'n' }, call.body]);
  });
});
