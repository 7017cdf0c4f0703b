import { setTimeout as pause } from 'node:timers/promises';

/** What a wave of calls came to. A fault is a call that went wrong. */
class Wave {
  firsts = [];
  delays = [];
  faults = [];
  calls = 0;

  add(check) {
    this.calls += 1;
    if (check.fault !== undefined) this.faults.push(check.fault);
    if (check.firstMs !== undefined) this.firsts.push(check.firstMs);
    // A spread would overflow the stack with long streams.
    for (const delay of check.delaysMs) this.delays.push(delay);
  }
}

/** Calls one after the other in so many lanes: for saturation. @returns the wave, with the calls' rate per second */
export async function closedLoop({ lanes, seconds, call }) {
  const wave = new Wave();
  const startedAt = performance.now();
  const untilMs = startedAt + seconds * 1_000;
  const lane = async () => {
    do wave.add(await call());
    while (performance.now() < untilMs);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  wave.seconds = (performance.now() - startedAt) / 1_000;
  wave.rate = wave.calls / wave.seconds;
  return wave;
}

/** Calls at fixed times, whether or not those before were answered: for latency. */
export async function openLoop({ perSecond, count, call }) {
  const wave = new Wave();
  const under = [];
  const startedAt = performance.now();
  for (let n = 0; n < count; n += 1) {
    const waitMs = startedAt + (n * 1_000) / perSecond - performance.now();
    if (waitMs > 1) await pause(waitMs);
    under.push(call().then((check) => wave.add(check)));
  }
  await Promise.all(under);
  wave.seconds = (performance.now() - startedAt) / 1_000;
  wave.rate = wave.calls / wave.seconds;
  return wave;
}
