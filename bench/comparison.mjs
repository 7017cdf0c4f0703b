import { quantile } from './figures.mjs';
import { Caller } from './load/call.mjs';
import { profilesOf, isOurs } from './profiles.mjs';

/** Hot code is compiled by then, at least that of the small bodies. */
const WARM_UP = { small: 400, large: 20 };

/** A lane is a target together with the dialect in which it is called. */
const laneName = (target, dialect) => (dialect === undefined ? target.name : `${target.name} (${dialect})`);

function lanesOf(profile, targets) {
  const taking = targets.filter(({ name }) => profile.targets.includes(name));
  const more = targets
    .filter(({ name }) => name === 'ours')
    .flatMap((target) =>
      (profile.dialects ?? []).map((dialect) => ({
        name: laneName(target, dialect),
        target: { ...bare(target), dialect },
      })),
    );
  return [...taking.map((target) => ({ name: target.name, target: bare(target) })), ...more];
}

const bare = (target) => ({
  origin: target.origin,
  token: target.token,
  dialect: target.dialect,
  headers: target.headers,
  cpu: () => target.cpu?.(),
});

/** @returns what one wave says, in milliseconds and calls per second */
function measured(wave, before, after) {
  const cpuMs = before === undefined ? undefined : after.gateway - before.gateway;
  return {
    calls: wave.calls,
    rate: wave.rate,
    firstP50: quantile(wave.firsts, 0.5),
    firstP99: quantile(wave.firsts, 0.99),
    delayP50: quantile(wave.delays, 0.5),
    delayP99: quantile(wave.delays, 0.99),
    ...(cpuMs === undefined ? {} : { perCore: cpuMs === 0 ? undefined : (wave.calls * 1_000) / cpuMs, cpuMs }),
    ...(before?.postgres === undefined ? {} : { postgresMs: (after.postgres - before.postgres) / wave.calls }),
  };
}

async function once({ target }, profile, plan, seconds) {
  const caller = new Caller(target);
  const body = caller.body(profile.bodyBytes);
  const before = target.cpu();
  const wave = await profile.run({ call: () => caller.call(body, plan), seconds });
  const after = target.cpu();
  await caller.close();
  return { wave, figures: measured(wave, before, after) };
}

async function warmUp(targets, place) {
  const plan = { deltas: 10, paceMs: 0, padBytes: 0, terminalBytes: 0 };
  await place.plan(plan);
  for (const target of targets) {
    const caller = new Caller(target);
    for (const [bytes, count] of [
      [2_000, isOurs(target.name) ? WARM_UP.small * 2 : WARM_UP.small],
      [560_000, WARM_UP.large],
    ]) {
      const body = caller.body(bytes);
      for (let left = count; left > 0; left -= 16)
        await Promise.all(Array.from({ length: Math.min(16, left) }, () => caller.call(body, plan)));
    }
    await caller.close();
  }
}

/**
 * All profiles against all targets, in turns, so many rounds.
 *
 * @returns by profile and lane the figures of each round; and `faults`, answers that were not whole, with their reasons
 */
export async function compare(place, targets, { rounds, quick, say }) {
  await warmUp(targets, place);
  const results = {};
  const faults = [];
  for (let round = 1; round <= rounds; round += 1) {
    for (const profile of profilesOf({ quick })) {
      const plan = { padBytes: 0, terminalBytes: 0, ...profile.plan };
      await place.plan(plan);
      const byLane = (results[profile.name] ??= {});
      for (const lane of lanesOf(profile, targets)) {
        const { wave, figures } = await once(lane, profile, plan, quick ? profile.seconds / 2 : profile.seconds);
        (byLane[lane.name] ??= []).push(figures);
        for (const fault of wave.faults) faults.push({ round, profile: profile.name, lane: lane.name, fault });
      }
      say(`round ${round}: ${profile.title}`);
    }
  }
  return { results, faults };
}
