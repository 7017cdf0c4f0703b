import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ProcessList } from '../../accounting/index.js';
import { GATEWAY_VERSION } from '../../core/index.js';
import { Schema } from '../../platform/database/index.js';
import { SharedState } from '../../platform/shared-state/index.js';
import { ofClock } from './clock.js';
import { examine, unwell, well, type Finding } from './finding.js';
import { KeyRingCheck } from './key-ring-check.service.js';
import { medianMs, ofLatency } from './latency.js';
import { ofReplicas } from './replicas.js';

/** Medians of one small question; beyond them stores are far away, or have too much to do. */
const SLOW_POSTGRES_MS = 20;
const SLOW_REDIS_MS = 10;

type Seen = Omit<Finding, 'name'>;

/** Looks at everything that a gateway keeps something in. Changes nothing. */
@Injectable()
export class DoctorService {
  constructor(
    private readonly database: DataSource,
    private readonly schema: Schema,
    private readonly shared: SharedState,
    private readonly processes: ProcessList,
    private readonly keys: KeyRingCheck,
  ) {}

  async examine(): Promise<Finding[]> {
    return [
      await examine('PostgreSQL', () => this.postgres()),
      await examine('schema', () => this.schemaState()),
      await examine('clock', () => this.clock()),
      await examine('shared state', () => this.sharedState()),
      await examine('key ring', () => this.keys.look()),
      await examine('gateways', async () => ofReplicas(await this.processes.all(), GATEWAY_VERSION)),
    ];
  }

  private async postgres(): Promise<Seen> {
    const [row] = await this.database.query<{ server_version: string }[]>('SHOW server_version');
    const tookMs = await medianMs(() => this.database.query('SELECT 1'));
    return ofLatency(`version ${row?.server_version ?? 'unknown'}, answers`, tookMs, SLOW_POSTGRES_MS);
  }

  private async schemaState(): Promise<Seen> {
    const { current, missing, unknown } = await this.schema.state();
    if (!current) return unwell(`lacks ${missing.length} migrations: run codex-pooler migrate`);
    const newer = unknown === 0 ? '' : `, and ${unknown} of a later version`;
    return well(`has all migrations of ${GATEWAY_VERSION}${newer}`);
  }

  private async clock(): Promise<Seen> {
    const askedAtMs = Date.now();
    const [row] = await this.database.query<{ now: Date }[]>('SELECT clock_timestamp() AS now');
    if (row === undefined) return unwell('the database does not say what time it is');
    return ofClock({ askedAtMs, saidMs: row.now.getTime(), answeredAtMs: Date.now() });
  }

  private async sharedState(): Promise<Seen> {
    if (this.shared.reach === 'process') return well('in the process (no REDIS_URL): one process only');
    const key = `doctor:${randomUUID()}`;
    const tookMs = await medianMs(() => this.shared.put(key, 'x', 1_000));
    await this.shared.drop(key);
    return ofLatency('Redis answers', tookMs, SLOW_REDIS_MS);
  }
}
