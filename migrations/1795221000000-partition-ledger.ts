import type { MigrationInterface, QueryRunner } from 'typeorm';

interface Table {
  readonly name: string;
  /** First column of the primary key: a call's id. */
  readonly id: string;
  readonly key: string;
  /** What its age is measured by where the id says nothing. */
  readonly time: string;
  readonly indexes: Readonly<Record<string, string>>;
  readonly width: 'week' | 'month';
  /** Enough for the rows of before to be gone by retention when the next partition is due beside them. */
  readonly ahead: number;
}

const TABLES: readonly Table[] = [
  {
    name: 'request',
    id: 'id',
    key: 'id',
    time: 'received_at',
    indexes: {
      request_pool_received_idx: '(pool_id, received_at)',
      request_key_received_idx: '(key_id, received_at)',
      request_request_id_idx: '(request_id)',
      request_in_flight_idx: "(process_id) WHERE status = 'in_flight'",
    },
    width: 'week',
    ahead: 15,
  },
  {
    name: 'attempt',
    id: 'request_id',
    key: 'request_id, number',
    time: 'started_at',
    indexes: {},
    width: 'week',
    ahead: 7,
  },
  {
    name: 'ledger_entry',
    id: 'call_id',
    key: 'call_id',
    time: 'occurred_at',
    indexes: {
      ledger_entry_pool_occurred_idx: '(pool_id, occurred_at)',
      ledger_entry_key_occurred_idx: '(key_id, occurred_at)',
    },
    width: 'month',
    ahead: 16,
  },
];

/**
 * Partitions by the time in a call's id (UUID version 7). No row is copied but those few whose random id of version 4
 * happens to lie in one of the ranges: the table as it is becomes the DEFAULT partition, which takes whatever no other
 * one does.
 */
export class PartitionLedger1795221000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    for (const table of TABLES) {
      await this.setAside(db, table);
      await this.createParent(db, table);
      await this.createPartitions(db, table);
      await db.query(`ALTER TABLE ${table.name} ATTACH PARTITION ${table.name}_default DEFAULT`);
    }
  }

  /** The index by time is for retention, which finds old rows of this partition by nothing else. */
  private async setAside(db: QueryRunner, { name, time, indexes }: Table): Promise<void> {
    await db.query(`ALTER TABLE ${name} RENAME TO ${name}_default`);
    await db.query(`ALTER TABLE ${name}_default RENAME CONSTRAINT ${name}_pk TO ${name}_default_pk`);
    for (const index of Object.keys(indexes)) {
      await db.query(`ALTER INDEX ${index} RENAME TO ${asideName(name, index)}`);
    }
    await db.query(`CREATE INDEX ${name}_default_time_idx ON ${name}_default (${time})`);
  }

  private async createParent(db: QueryRunner, { name, id, key, indexes }: Table): Promise<void> {
    await db.query(`
      CREATE TABLE ${name} (
        LIKE ${name}_default INCLUDING DEFAULTS INCLUDING CONSTRAINTS,
        CONSTRAINT ${name}_pk PRIMARY KEY (${key})
      ) PARTITION BY RANGE (${id})`);
    for (const [index, definition] of Object.entries(indexes)) {
      await db.query(`CREATE INDEX ${index} ON ${name} ${definition}`);
    }
  }

  /** Before the DEFAULT partition is attached: each one after it would have its rows read. */
  private async createPartitions(db: QueryRunner, { name, id, width, ahead }: Table): Promise<void> {
    const starts = (await db.query(`
      SELECT to_char(start, 'YYYYMMDD') AS day,
             (lpad(to_hex((extract(epoch FROM start) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid AS floor
        FROM generate_series(0, ${ahead}) AS n,
             LATERAL (SELECT date_trunc('${width}', now() AT TIME ZONE 'UTC') + n * interval '1 ${width}' AS start) AS s
       ORDER BY start`)) as { day: string; floor: string }[];
    for (const [n, { day, floor }] of starts.entries()) {
      const next = starts[n + 1];
      if (!next) break;
      await db.query(`
        CREATE TABLE ${name}_${day} PARTITION OF ${name} FOR VALUES FROM ('${floor}') TO ('${next.floor}')`);
    }
    await db.query(
      `WITH moved AS (DELETE FROM ${name}_default WHERE ${id} >= $1::uuid AND ${id} < $2::uuid RETURNING *)
       INSERT INTO ${name} SELECT * FROM moved`,
      [starts.at(0)?.floor, starts.at(-1)?.floor],
    );
  }

  async down(db: QueryRunner): Promise<void> {
    for (const { name, indexes } of TABLES) {
      await db.query(`ALTER TABLE ${name} DETACH PARTITION ${name}_default`);
      await db.query(`INSERT INTO ${name}_default SELECT * FROM ${name}`);
      await db.query(`DROP TABLE ${name}`);
      await db.query(`DROP INDEX ${name}_default_time_idx`);
      await db.query(`ALTER TABLE ${name}_default RENAME TO ${name}`);
      await db.query(`ALTER TABLE ${name} RENAME CONSTRAINT ${name}_default_pk TO ${name}_pk`);
      for (const index of Object.keys(indexes)) {
        await db.query(`ALTER INDEX ${asideName(name, index)} RENAME TO ${index}`);
      }
    }
  }
}

const asideName = (table: string, index: string): string => index.replace(table, `${table}_default`);
