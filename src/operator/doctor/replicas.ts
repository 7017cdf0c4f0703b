import { doubtful, well, type Finding } from './finding.js';

/** Four heartbeats. */
const SILENT_MS = 20_000;

interface Replica {
  readonly host: string;
  /** null: older than those that say so. */
  readonly version: string | null;
  /** Since it was last heard of. */
  readonly silentMs: number;
}

/** Whether all gateways that live run one version, and that is the one which looks. */
export function ofReplicas(processes: readonly Replica[], ownVersion: string): Omit<Finding, 'name'> {
  const living = processes.filter(({ silentMs }) => silentMs <= SILENT_MS);
  if (living.length === 0) return doubtful('none is running');
  const count = `${living.length} running`;
  const versions = [...new Set(living.map(versionOf))].sort();
  if (versions.length > 1) {
    const each = versions.map((version) => `${version} on ${hostsOf(living, version)}`);
    return doubtful(`${count}: ${each.join('; ')}. A rollout is going on, or stopped half way`);
  }
  if (versions[0] !== ownVersion) return doubtful(`${count}: ${versions.join()}, but this command is ${ownVersion}`);
  return well(`${count}, ${ownVersion}`);
}

const versionOf = ({ version }: Replica): string => version ?? 'an older version';

const hostsOf = (living: readonly Replica[], version: string): string =>
  living
    .filter((replica) => versionOf(replica) === version)
    .map(({ host }) => host)
    .join(', ');
