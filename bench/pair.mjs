import { LOAD_CORE, pin } from './cores.mjs';
import { withUpstream } from './deployment.mjs';
import { pairGain } from './pair-gain.mjs';

/** `npm run bench -- pair`: how much more two gateways carry than one, on one PostgreSQL and one Redis. */
pin(process.pid, LOAD_CORE);
await withUpstream({ accounts: 2, pinned: true }, async (place) => {
  const { gain, missing } = await pairGain(place);
  console.log(missing ?? `two gateways carry ${gain.toFixed(2)} times the streams of one`);
});
