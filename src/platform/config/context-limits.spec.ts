import { contextOf } from './context-limits.js';

describe('the context limits of local mode', () => {
  it("are those of Codex's settings, then of the catalog, then the usual ones", () => {
    const listed = { context_window: 272_000, auto_compact_token_limit: 244_800 };
    const settings = { contextWindow: 100_000, autoCompactTokenLimit: 90_000 };
    expect(contextOf(settings, listed)).toEqual({ contextWindow: 100_000, compactAt: 90_000 });
    expect(contextOf({}, listed)).toEqual({ contextWindow: 272_000, compactAt: 244_800 });
    expect(contextOf({}, { context_window: '272000', auto_compact_token_limit: null })).toEqual({
      contextWindow: 200_000,
      compactAt: 160_000,
    });
    expect(contextOf({ contextWindow: 50_001 }, listed)).toEqual({ contextWindow: 50_001, compactAt: 40_000 });
  });
});
