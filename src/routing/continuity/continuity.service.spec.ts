import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { useRedis } from '../../../test/support/redis.js';
import { eventually } from '../../../test/support/eventually.js';
import { MemorySharedState, SharedState, SharedStateModule } from '../../platform/shared-state/index.js';
import { DEFAULT_ROUTING } from '../../core/index.js';
import {
  ALICE,
  BOB,
  caller,
  describeContinuity,
  inSession,
  MINUTE,
  NOW,
  sealedBy,
  shown,
  soft,
} from './continuity.contract.js';
import { ContinuityService, REMEMBERED_MS } from './continuity.service.js';
import { pinOf } from './pin.js';

describe('in one process', () => {
  const clock = { nowMs: 0 };
  const state = new MemorySharedState(() => clock.nowMs);
  describeContinuity(
    'memory',
    () => state,
    () => state,
  );

  it('forgets a session a day after its last call, and what was made in it', async () => {
    const service = new ContinuityService(state);
    const who = caller();
    const thread = await service.follow(inSession(), who, NOW);
    await thread.served(ALICE, undefined, NOW);
    await thread.saw(shown('a'), NOW);
    const later = REMEMBERED_MS / 2;
    clock.nowMs += later;
    await (await service.follow(inSession(), who, NOW + later)).served(ALICE, soft(ALICE), NOW + later);
    clock.nowMs += later;
    const call = inSession(sealedBy('a'));
    const known = await service.known(call, who, NOW + 2 * later);
    expect([known.home?.id, known.minted.size]).toEqual([ALICE, 0]);
    clock.nowMs += later;
    const over = await service.known(call, who, NOW + 3 * later);
    expect([over.home, over.minted.size]).toEqual([undefined, 0]);
    // What a call was bound to is released with that.
    expect(
      pinOf(call, { ...over, accounts: new Set([ALICE]) }, { ...DEFAULT_ROUTING, sessionMoves: false }),
    ).toBeUndefined();
  });
});

describe('over replicas', () => {
  const redis = useRedis();
  const apps: INestApplicationContext[] = [];
  let one: SharedState;
  let other: SharedState;
  const connected = async () => {
    const shared = SharedStateModule.forRoot({ REDIS_URL: redis.url() });
    const app = await NestFactory.createApplicationContext(shared, { logger: false });
    apps.push(app);
    return app.get(SharedState);
  };
  beforeAll(async () => {
    one = await connected();
    other = await connected();
  });
  afterAll(() => Promise.all(apps.map((app) => app.close())));

  describeContinuity(
    'Redis',
    () => one,
    () => other,
  );

  it('prefers what the process knows itself while Redis is away, insists on nothing, and fails no call', async () => {
    const service = new ContinuityService(one);
    const who = caller();
    const before = await service.follow(inSession(), who, NOW);
    await before.served(ALICE, undefined, NOW);
    await before.saw(shown('a'), NOW);
    await redis.stop();
    try {
      const call = inSession(sealedBy('a'));
      const thread = await service.follow(call, who, NOW);
      const pin = pinOf(
        call,
        { ...thread.known, accounts: new Set([ALICE, BOB]) },
        { ...DEFAULT_ROUTING, sessionMoves: false },
      );
      expect(pin).toEqual({ id: ALICE, required: false, reason: 'sealed' });
      await thread.served(BOB, pin, NOW + MINUTE);
      await thread.saw(shown('b'), NOW + MINUTE);
      expect((await service.known(call, who, NOW + MINUTE)).home).toMatchObject({ id: BOB, sure: false });
      const stranger = await new ContinuityService(other).known(call, who, NOW);
      expect([stranger.home, stranger.minted.size]).toEqual([undefined, 0]);
    } finally {
      await redis.start();
    }
    await eventually(() => one.put('k', 'v', 1_000));
    // It is empty now: what the process still knows comes back into it with the next answer.
    const thread = await service.follow(inSession(), who, NOW);
    await thread.served(BOB, soft(BOB), NOW + 2 * MINUTE);
    await eventually(async () =>
      expect((await new ContinuityService(other).known(inSession(), who, NOW)).home).toMatchObject({
        id: BOB,
        sure: true,
      }),
    );
  });
});
