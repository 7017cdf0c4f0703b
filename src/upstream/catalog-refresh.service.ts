import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { AccountId, CatalogEntry } from '../core/index.js';
import { AccountChanges } from './account-changes.service.js';
import { CredentialService } from './credential.service.js';
import { UpstreamKinds } from './kinds.js';
import { renewedOnce } from './renewed-once.js';

const FETCH_MS = 30_000;

const STORE = `
  WITH entries AS (
    SELECT slug, position, entry FROM jsonb_to_recordset($2::jsonb) AS e (slug text, position integer, entry jsonb)
  ), gone AS (
    DELETE FROM account_model WHERE account_id = $1 AND slug NOT IN (SELECT slug FROM entries)
  ), kept AS (
    INSERT INTO account_model (account_id, slug, position, entry) SELECT $1, slug, position, entry FROM entries
    ON CONFLICT ON CONSTRAINT account_model_pk DO UPDATE SET position = excluded.position, entry = excluded.entry
  )
  UPDATE upstream_account SET catalog_refreshed_at = now() WHERE id = $1`;

interface Row {
  readonly kind: string;
  readonly credential_epoch: string;
}

/** Asks an account's upstream which models it may use. */
@Injectable()
export class CatalogRefresh {
  constructor(
    private readonly dataSource: DataSource,
    private readonly credentials: CredentialService,
    private readonly kinds: UpstreamKinds,
    private readonly changes: AccountChanges,
  ) {}

  /**
   * Read and store the account's catalog. What was stored stays as it is when the upstream fails, or has nothing to offer.
   *
   * @throws GatewayError as the upstream's kind does, LoginRequired when the account lost its login over it
   */
  async run(id: AccountId): Promise<'stored' | 'kept'> {
    const sql = `SELECT kind, credential_epoch FROM upstream_account WHERE id = $1 AND status = 'active'`;
    const [account] = await this.dataSource.query<Row[]>(sql, [id]);
    if (account === undefined) return 'kept';
    const entries = await this.fetched(id, account.kind, Number(account.credential_epoch));
    if (entries.length === 0) return 'kept';
    const records = entries.map(({ slug, entry }, position) => ({ slug, position, entry }));
    await this.dataSource.query(STORE, [id, storable(records)]);
    this.changes.announce(id);
    return 'stored';
  }

  private fetched(id: AccountId, kindName: string, credentialEpoch: number): Promise<readonly CatalogEntry[]> {
    const kind = this.kinds.of(kindName);
    return renewedOnce(this.credentials, { id, credentialEpoch }, (access) =>
      kind.models(access, AbortSignal.timeout(FETCH_MS)),
    );
  }
}

/** Postgres takes no NUL character and no lone surrogate inside jsonb; a description that holds one loses it. */
const storable = (records: object): string =>
  JSON.stringify(records, (_, value: unknown) =>
    typeof value === 'string' ? Buffer.from(value.replaceAll('\u0000', '')).toString() : value,
  );
