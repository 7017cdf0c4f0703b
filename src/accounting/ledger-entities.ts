import { Attempt } from './attempt.entity.js';
import { GatewayProcess } from './gateway-process.entity.js';
import { LedgerEntry } from './ledger-entry.entity.js';
import { RequestRow } from './request.entity.js';
import { Reservation } from './reservation.entity.js';
import { RollupVerificationRow } from './rollups/rollup-verification.entity.js';
import { UsageDaily } from './rollups/usage-daily.entity.js';
import { UsageHourly } from './rollups/usage-hourly.entity.js';
import { SettlementOutboxRow } from './settlement-outbox.entity.js';
import { UsageDelta } from './usage-delta.entity.js';

/** The tables that gateways and workers settle calls in. */
export const LEDGER_ENTITIES = [
  Attempt,
  GatewayProcess,
  LedgerEntry,
  RequestRow,
  Reservation,
  RollupVerificationRow,
  SettlementOutboxRow,
  UsageDaily,
  UsageDelta,
  UsageHourly,
] as const;
