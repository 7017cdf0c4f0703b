import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { callOf, type IntentLine } from './intent-group.js';
import { isolated } from './isolated.js';
import { INSERT_INTENTS } from './intent-sql.js';

/** Writes groups of intents: one statement, one commit. */
@Injectable()
export class IntentRepository {
  constructor(private readonly database: DataSource) {}

  /** @returns the lines that Postgres refuses for what is in them; everything else is committed */
  write(lines: readonly IntentLine[]): Promise<IntentLine[]> {
    return isolated(lines, async (group) => {
      const requests = group.flatMap((line) => ('request' in line ? line.request : []));
      const attempts = group.flatMap((line) => ('attempt' in line ? line.attempt : []));
      const reservations = group.flatMap((line) => ('reservation' in line ? line.reservation : []));
      const rows = [requests, attempts, reservations].map((records) => JSON.stringify(records));
      await this.database.query(INSERT_INTENTS, [...rows, [...new Set(group.map(callOf))]]);
    });
  }
}
