import { randomUUID } from 'node:crypto';
import { aTurn } from '../../../test/support/routed-turns.js';
import {
  anchorDigest,
  jsonEvent,
  type AccountId,
  type Anchor,
  type EventBatch,
  type KeyId,
  type PoolId,
  type Principal,
  type RoutedCall,
} from '../../core/index.js';
import type { SharedState } from '../../platform/shared-state/index.js';
import type { Pin } from '../decision.js';
import { ContinuityService } from './continuity.service.js';

export const ALICE = 'alice' as AccountId;
export const BOB = 'bob' as AccountId;
const CAROL = 'carol' as AccountId;
export const NOW = 1_800_000_000_000;
export const MINUTE = 60_000;

export const caller = (pool: string = randomUUID(), keyId: string = randomUUID()): Principal =>
  ({ keyId: keyId as KeyId, keyLabel: 'k', pool: { id: pool as PoolId } }) as Principal;

export const sealedBy = (...contents: readonly string[]): Pick<RoutedCall, 'anchors' | 'sealed'> => ({
  anchors: contents.map((content): Anchor => ({ kind: 'reasoning', digest: anchorDigest(content) })),
  sealed: 'reasoning',
});
export const inSession = (over: Partial<RoutedCall> = {}): RoutedCall => aTurn({ session: 'the session', ...over });
export const soft = (id: AccountId): Pin => ({ id, required: false, reason: 'session' });
export const shown = (...contents: readonly string[]): Pick<EventBatch, 'events'> => ({
  events: contents.flatMap((content) => {
    const item = { type: 'reasoning', encrypted_content: content };
    return jsonEvent(Buffer.from(JSON.stringify({ type: 'response.output_item.done', item }))).events;
  }),
});

/** What continuity keeps over any shared state. @param replica another process that uses the same state */
export function describeContinuity(name: string, state: () => SharedState, replica: () => SharedState): void {
  describe(`continuity in ${name}`, () => {
    const two = () => [new ContinuityService(state()), new ContinuityService(replica())] as const;
    const homeOf = async (service: ContinuityService, who: Principal) =>
      (await service.known(inSession(), who, NOW)).home;

    it('knows nothing of what nobody has seen', async () => {
      const [service] = two();
      const known = await service.known(inSession(sealedBy('a')), caller(), NOW);
      expect([known.home, known.minted.size]).toEqual([undefined, 0]);
      expect((await service.known(aTurn(), caller(), NOW)).home).toBeUndefined();
    });

    it('remembers in every process who served a session, for its Pool and key alone', async () => {
      const [one, other] = two();
      const who = caller();
      await (await one.follow(inSession(), who, NOW)).served(ALICE, undefined, NOW);
      expect(await homeOf(other, who)).toEqual({ id: ALICE, sure: true, atMs: NOW });
      expect(await homeOf(other, caller(who.pool.id))).toBeUndefined();
      expect(await homeOf(other, caller(undefined, who.keyId))).toBeUndefined();
    });

    it('remembers in every process who made what an answer shows, for its Pool and key alone', async () => {
      const [one, other] = two();
      const who = caller();
      const thread = await one.follow(aTurn(), who, NOW);
      await thread.served(ALICE, undefined, NOW);
      await thread.saw(shown('a'), NOW);
      await thread.saw(
        { events: jsonEvent(Buffer.from('{"type":"response.done","response":{"id":"r"}}')).events },
        NOW,
      );
      const next = aTurn({
        anchors: [...(sealedBy('a', 'b').anchors ?? []), { kind: 'response', digest: anchorDigest('r') }],
      });
      const { minted } = await other.known(next, who, NOW);
      const alices = { id: ALICE, sure: true };
      expect([...minted]).toEqual([
        [anchorDigest('a'), alices],
        [anchorDigest('r'), alices],
      ]);
      expect((await other.known(next, caller(who.pool.id), NOW)).minted.size).toBe(0);
    });

    it('gives one home to a session that begins in two places at once', async () => {
      const who = caller();
      const services = [...two(), ...two()];
      const threads = await Promise.all(services.map((service) => service.follow(inSession(), who, NOW)));
      await Promise.all(threads.map((thread, n) => thread.served(n % 2 === 0 ? ALICE : BOB, undefined, NOW)));
      const homes = await Promise.all(services.map((service) => homeOf(service, who)));
      expect(new Set(homes.map((home) => home?.id)).size).toBe(1);
      // The turn that lost goes on with whoever served it, by what was sealed in it, and changes nothing.
      const winner = homes[0]?.id;
      const loser = winner === ALICE ? BOB : ALICE;
      const second = await services[0]?.follow(inSession(), who, NOW);
      await second?.served(loser, { id: loser, required: false, reason: 'sealed' }, NOW);
      expect((await homeOf(two()[1], who))?.id).toBe(winner);
    });

    it('moves a session to who served it when its own account could not', async () => {
      const [one, other] = two();
      const who = caller();
      await (await one.follow(inSession(), who, NOW)).served(ALICE, undefined, NOW);
      const thread = await other.follow(inSession(), who, NOW);
      await thread.served(BOB, soft(ALICE), NOW + 1);
      expect(await homeOf(one, who)).toEqual({ id: BOB, sure: true, atMs: NOW + 1, since: [] });
    });

    it('ends with one home when two turns leave an account at once', async () => {
      const [one, other] = two();
      const who = caller();
      await (await one.follow(inSession(), who, NOW)).served(ALICE, undefined, NOW);
      const threads = await Promise.all([one, other].map((service) => service.follow(inSession(), who, NOW)));
      await Promise.all(threads.map((thread, n) => thread.served(n === 0 ? BOB : CAROL, soft(ALICE), NOW)));
      const homes = [await homeOf(one, who), await homeOf(other, who)];
      expect(homes[0]?.id).toBe(homes[1]?.id);
      expect([BOB, CAROL]).toContain(homes[0]?.id);
    });

    it('notes where in a session that moved the part of its new account begins, once', async () => {
      const [one, other] = two();
      const who = caller();
      await (await one.follow(inSession(), who, NOW)).served(ALICE, undefined, NOW);
      const moving = await one.follow(inSession(sealedBy('a')), who, NOW);
      await moving.served(BOB, soft(ALICE), NOW);
      await moving.saw(shown('b1', 'b2'), NOW);
      await moving.saw(shown('b3'), NOW);
      const next = await other.follow(inSession(sealedBy('b3', 'b2', 'b1', 'a')), who, NOW);
      expect(next.known.home?.since).toEqual([anchorDigest('b1')]);
      await next.served(BOB, soft(BOB), NOW);
      await next.saw(shown('b4'), NOW);
      expect((await homeOf(one, who))?.since).toEqual([anchorDigest('b1')]);
      const folding = await other.follow(inSession({ ...sealedBy('b4'), operation: 'compaction' }), who, NOW);
      await folding.served(BOB, soft(BOB), NOW);
      await folding.saw(shown('folded'), NOW);
      expect((await homeOf(one, who))?.since).toEqual(['b1', 'folded'].map(anchorDigest));
    });

    it('notes it again when the session comes back to an account that it has left', async () => {
      const [one, other] = two();
      const who = caller();
      const first = await one.follow(inSession(), who, NOW);
      await first.served(ALICE, undefined, NOW);
      await first.saw(shown('a'), NOW);
      const left = await other.follow(inSession(sealedBy('a')), who, NOW);
      await left.served(BOB, soft(ALICE), NOW);
      await left.saw(shown('b'), NOW);
      const back = await one.follow(inSession(sealedBy('b', 'a')), who, NOW);
      await back.served(ALICE, soft(BOB), NOW);
      await back.saw(shown('a2'), NOW);
      expect(await homeOf(other, who)).toEqual({ id: ALICE, sure: true, atMs: NOW, since: [anchorDigest('a2')] });
    });

    it('begins a session anew whose reasoning nobody could read', async () => {
      const [one, other] = two();
      const who = caller();
      await (await one.follow(inSession(), who, NOW)).served(ALICE, undefined, NOW);
      const first = await one.follow(inSession(), who, NOW);
      await first.served(ALICE, soft(ALICE), NOW);
      await first.saw(shown('a'), NOW);
      const again = await one.follow(inSession({ ...sealedBy('a'), withoutReasoning: true }), who, NOW);
      await again.served(ALICE, soft(ALICE), NOW);
      await again.saw(shown('b'), NOW);
      expect(await homeOf(other, who)).toEqual({ id: ALICE, sure: true, atMs: NOW, since: [anchorDigest('b')] });
    });

    it('notes nothing of the kind in a session that never moved', async () => {
      const [one] = two();
      const who = caller();
      const thread = await one.follow(inSession(), who, NOW);
      await thread.served(ALICE, undefined, NOW);
      await thread.saw(shown('a'), NOW);
      expect(await homeOf(one, who)).toEqual({ id: ALICE, sure: true, atMs: NOW });
    });

    it('writes a busy session down again only now and then', async () => {
      const [one, other] = two();
      const who = caller();
      await (await one.follow(inSession(), who, NOW)).served(ALICE, undefined, NOW);
      await (await one.follow(inSession(), who, NOW)).served(ALICE, soft(ALICE), NOW + MINUTE);
      expect((await homeOf(other, who))?.atMs).toBe(NOW);
      await (await one.follow(inSession(), who, NOW)).served(ALICE, soft(ALICE), NOW + 11 * MINUTE);
      expect((await homeOf(other, who))?.atMs).toBe(NOW + 11 * MINUTE);
    });

    it('keeps no name and nothing sealed where others could read it', async () => {
      const written: string[] = [];
      const spy = jest.spyOn(state(), 'put').mockImplementation(async (key, value) => void written.push(key, value));
      const sticky = jest.spyOn(state(), 'sticky').mockImplementation(async (key, value) => (written.push(key), value));
      try {
        const thread = await two()[0].follow(inSession(sealedBy('canary sealed')), caller(), NOW);
        await thread.served(ALICE, undefined, NOW);
        await thread.saw(shown('canary sealed too'), NOW);
      } finally {
        spy.mockRestore();
        sticky.mockRestore();
      }
      expect(written.length).toBeGreaterThan(2);
      expect(written.join()).not.toMatch(/canary|the session/);
    });
  });
}
