import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onStop } from '../scripts/children.mjs';
import { ensureBuilt, ensureInstalled } from '../scripts/install.mjs';
import { LOAD_CORE } from './cores.mjs';
import { Children } from './targets/children.mjs';
import { ourTarget } from './targets/ours.mjs';

export const PATH = '/backend-api/codex/responses';
const BURST = { deltas: 42, paceMs: 0 };

/** Runs `measure` with an upstream and a folder; whatever it starts is gone afterwards. */
export async function withUpstream({ accounts, pinned = false }, measure) {
  const folder = mkdtempSync(join(tmpdir(), 'codex-pooler-bench-'));
  const children = new Children();
  const stop = async () => {
    await children.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  onStop(() => void stop().then(() => process.exit(130)));
  await ensureInstalled();
  await ensureBuilt();
  try {
    const args = ['--accounts', String(accounts), '--write-auth', join(folder, 'logins')];
    const { address } = await children.serve('bench/upstream/main.mjs', args, pinned ? { core: LOAD_CORE } : {});
    return await measure(new Place(folder, children, address));
  } finally {
    await stop();
  }
}

/** Where targets are put. */
class Place {
  #taken = 0;
  #gateways = 0;

  constructor(folder, children, upstream) {
    this.folder = folder;
    this.children = children;
    this.upstream = upstream;
  }

  /** What all answers are like from now on. */
  async plan(plan) {
    await fetch(`${this.upstream}/bench/plan`, { method: 'POST', body: JSON.stringify(plan) });
  }

  login() {
    this.#taken += 1;
    return join(this.folder, 'logins', `auth-${this.#taken}.json`);
  }

  /** @param logins those that the gateway takes; they may only be of one that shares its stores */
  async gateway(variant, logins = [this.login(), this.login()]) {
    const issuer = await (await fetch(`${this.upstream}/bench/issuer`)).text();
    this.#gateways += 1;
    const folder = join(this.folder, `ours-${this.#gateways}`);
    return ourTarget(this.children, { folder, logins, upstream: this.upstream, issuer }, variant);
  }
}

/** Runs `measure` against gateways of ours, one of each variant, and what they stand in front of. */
export const withDeployment = (measure, variants = [{}]) =>
  withUpstream({ accounts: 2 * variants.length }, async (place) => {
    await place.plan(BURST);
    const gateways = [];
    for (const variant of variants) gateways.push(await place.gateway(variant));
    await measure({ direct: { origin: place.upstream, token: 'anything' }, gateways });
  });
