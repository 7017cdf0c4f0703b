import { Injectable } from '@nestjs/common';
import { Bulkhead } from './bulkhead.js';

/** Tools look things up in the database that calls need too. Source: runtime contract §2.6. */
@Injectable()
export class McpAdmission extends Bulkhead {
  constructor() {
    super({ places: 4, waiting: 8, patienceMs: 5_000 });
  }
}
