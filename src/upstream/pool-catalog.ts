import { createHash } from 'node:crypto';
import { isBare } from './catalog-entry.js';
import type { OfferedModel } from './merged-catalog.js';

/** The models that a Pool offers, ready to be sent. */
export interface PoolCatalog {
  /** Sorted by slug, each readable for every Codex CLI generation. */
  readonly entries: readonly OfferedModel[];
  /** Of those the ones that are meant to be shown to people. */
  readonly listed: readonly OfferedModel[];
  /** JSON: `models` for Codex CLIs, those that say more than a name; for SDKs those that are meant to be listed as `data`. */
  readonly body: string;
  /** Weak entity tag of the body. */
  readonly etag: string;
}

const OWNER = 'codex-pooler';

export function poolCatalog(entries: readonly OfferedModel[]): PoolCatalog {
  const listed = entries.filter(isListed);
  const body = JSON.stringify({
    models: entries.filter((model) => !isBare(model)).map(({ entry }) => entry),
    object: 'list',
    data: listed.map(({ slug, since }) => ({
      id: slug,
      object: 'model',
      created: since,
      owned_by: OWNER,
    })),
  });
  return { entries, listed, body, etag: `W/"cp-models-v1-${createHash('sha256').update(body).digest('hex')}"` };
}

/** A CLI also knows models that it does not show, and uses them by itself. */
const isListed = ({ entry }: OfferedModel): boolean => entry.visibility === 'list' && entry.supported_in_api === true;
