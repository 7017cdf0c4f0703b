import { estimate } from './estimate.js';

describe('estimate', () => {
  it('counts a token for every four bytes that were begun, up to what a model reads', () => {
    expect([0, 1, 4, 5, 10_000_000].map((bytes) => estimate(bytes).input)).toEqual([0, 1, 1, 2, 400_000]);
  });

  it('expects as much output as was asked for, and never less than a short answer', () => {
    expect([undefined, 10, 5_000].map((most) => estimate(0, most).output)).toEqual([512, 512, 5_000]);
  });
});
