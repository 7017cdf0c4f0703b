import { withDeployment } from './deployment.mjs';
import { closeConnections, compare, PROFILES } from './streamed-calls.mjs';

/**
 * `npm run bench`: what the gateway costs, as ratios. The same streamed calls go straight to the scripted upstream and
 * through the gateway, in turns, on one machine. Everything is on: authentication, routing, durable accounting.
 */
async function measure({ direct, gateways: [through] }) {
  for (const profile of PROFILES) {
    const [straight, relayed] = await compare(profile, [direct, through]);
    console.log(
      `${profile.name}: ${(relayed.rate / straight.rate).toFixed(2)} of the direct rate, ` +
        `first byte ${(relayed.firstMs / straight.firstMs).toFixed(2)} times as late, ` +
        `${relayed.spentMs.gateway.toFixed(2)} ms of CPU a call`,
    );
  }
}

try {
  await withDeployment(measure);
} finally {
  await closeConnections();
}
