import { MemorySharedState } from './memory-shared-state.js';
import { describeSharedState } from './shared-state.contract.js';

const STEP_MS = 5;
const STEPS = 1_000;

function useMemory() {
  const clock = { nowMs: 1_000 };
  const state = new MemorySharedState(() => clock.nowMs);
  return {
    clock,
    state: () => state,
    until: async <T>(probe: () => Promise<T>): Promise<NonNullable<T>> => {
      for (let step = 0; step < STEPS; step += 1) {
        const seen = await probe();
        if (seen) return seen;
        clock.nowMs += STEP_MS;
      }
      throw new Error('It never came.');
    },
  };
}

describeSharedState('memory', useMemory);

describe('memory of shared state', () => {
  it('does not grow with keys whose time is over', async () => {
    const { clock, state } = useMemory();
    for (let n = 0; n < 10_000; n += 1) {
      clock.nowMs += 1;
      await state().put(`value ${n}`, 'x', 100);
      await state().claim(`claim ${n}`, 100);
      await state().acquireAll([{ key: `lease ${n}`, limit: 1 }], 'token', 100);
      await state().take(`bucket ${n}`, 1, 0.01);
    }
    expect(state().size).toBeLessThan(4 * 150);
  });

  it('refuses a take until the very millisecond that it named, and not after', async () => {
    const { clock, state } = useMemory();
    await state().take('key', 4, 0.003, 4);
    const { retryAfterMs } = await state().take('key', 4, 0.003, 2);
    clock.nowMs += retryAfterMs - 1;
    expect((await state().take('key', 4, 0.003, 2)).ok).toBe(false);
    clock.nowMs += 1;
    expect((await state().take('key', 4, 0.003, 2)).ok).toBe(true);
  });

  it('is shared by one process only', () => {
    expect(useMemory().state().reach).toBe('process');
  });
});
