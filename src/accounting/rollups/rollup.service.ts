import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ROLL_UP } from './roll-up-sql.js';

export interface RolledUp {
  /** How many deltas were taken. */
  readonly deltas: number;
  /** How many rows of hours and days they were added to; a row counts once per batch. */
  readonly rows: number;
}

const DELTAS_PER_BATCH = 5_000;
const BATCHES_PER_RUN = 40;

/** Adds what settlements came to up, by hour and by day. Whoever reads adds the deltas that are left: nothing is late. */
@Injectable()
export class RollupService {
  constructor(private readonly database: DataSource) {}

  /** Bounded to 200 000 deltas; the next run goes on. Several may run at a time. */
  async rollUp(deltasPerBatch = DELTAS_PER_BATCH): Promise<RolledUp> {
    let [deltas, rows] = [0, 0];
    for (let batch = 0; batch < BATCHES_PER_RUN; batch += 1) {
      const [done] = await this.database.query<RolledUp[]>(ROLL_UP, [deltasPerBatch]);
      if (!done) break;
      deltas += done.deltas;
      rows += done.rows;
      if (done.deltas < deltasPerBatch) break;
    }
    return { deltas, rows };
  }
}
