import { GATEWAY_CORE } from '../cores.mjs';
import { familyCpuMs } from '../process-time.mjs';
import { nginxTarget } from './nginx.mjs';
import { codexAsApiTarget, installPeers, portkeyTarget } from './peers.mjs';

/** Accounts of the upstream that the targets need, at two for each gateway of ours, two for a pair of them, and one for codex-as-api. */
export const ACCOUNTS = 9;

const OURS = [
  { name: 'ours', limited: true, metered: true, traced: true, pinned: true },
  { name: 'ours, nothing counted', unaccounted: true, pinned: true },
  { name: 'ours, not traced', limited: true, metered: true, pinned: true },
];

/** @returns every target that there can be here, and `missing`: who is not there, and why */
export async function allTargets(place) {
  const { children, upstream, folder } = place;
  const missing = [];
  const targets = [{ name: 'direct', origin: upstream, token: 'anything' }];
  const tried = async (name, start) => {
    try {
      const target = await start();
      if (target === undefined) missing.push(`${name}: not found on this machine`);
      else targets.push({ cpu: () => ({ gateway: familyCpuMs(target.pid) }), ...target });
    } catch (error) {
      missing.push(`${name}: ${error.message}`);
    }
  };
  const floor = await children.serve('bench/targets/floor-relay.mjs', [upstream], { core: GATEWAY_CORE });
  await tried('nginx', () => nginxTarget(children, folder, upstream));
  await tried('floor', async () => ({ name: 'floor', origin: floor.address, token: 'anything', pid: floor.child.pid }));
  const why = await installPeers();
  if (why === undefined) {
    await tried('codex-as-api', () => codexAsApiTarget(children, { upstream, login: place.login(), folder }));
    await tried('Portkey', () => portkeyTarget(children, { upstream }));
  } else missing.push(`codex-as-api, Portkey: ${why}`);
  for (const variant of OURS) targets.push(await place.gateway(variant));
  return { targets, missing };
}
