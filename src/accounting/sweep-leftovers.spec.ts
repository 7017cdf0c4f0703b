import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { SAMPLE_USAGE, sampleCall, sampleReservation, sampleSettlement } from '../../test/support/sample-calls.js';
import { useSweepWorld } from '../../test/support/sweep-world.js';
import type { CallIntent } from './call-intent.js';
import { IntentRepository } from './intent.repository.js';
import { settlementRecord } from './records.js';
import { SettlementRepository } from './settlement.repository.js';
import { SweepService } from './sweep.service.js';

const MINUTE_MS = 60_000;

beforeAll(() => {
  Logger.overrideLogger(false);
});

describe('what a sweep finds left over', () => {
  const world = useSweepWorld();
  const { sql, settlements, sweep: sweepAll, sweepLost: sweep, registry, find, processRow, inFlight } = world;

  const keep = async (call: CallIntent, ageMs: number): Promise<void> => {
    await settlements().keep([settlementRecord(sampleSettlement(call), randomUUID())]);
    await sql("UPDATE settlement_outbox SET written_at = written_at - $2 * interval '1 ms' WHERE call_id = $1", [
      call.callId,
      ageMs,
    ]);
  };

  it('settles what has waited in the outbox for ten seconds, also of processes that are gone', async () => {
    const dead = await processRow(MINUTE_MS, 11_000);
    const call = await inFlight(dead);
    await keep(call, 10_000);
    expect(await sweepAll()).toEqual({ drained: 1, bare: 0, lost: 0, reservations: 0 });
    expect(await find(call)).toMatchObject({
      status: 'succeeded',
      ledger: { settledBy: 'queue', usage: SAMPLE_USAGE },
    });
  });

  it('guesses nothing about a call whose settlement is on its way', async () => {
    const dead = await processRow(MINUTE_MS, 11_000);
    const call = await inFlight(dead);
    await keep(call, 1_000);
    expect(await sweepAll()).toEqual({ drained: 0, bare: 0, lost: 0, reservations: 0 });
    expect(await find(call)).toMatchObject({ status: 'in_flight' });
  });

  it('drains hundreds of settlements in one look, and leaves them settled once when several look', async () => {
    const calls = Array.from({ length: 1_100 }, () => sampleCall());
    await settlements().keep(calls.map((call) => settlementRecord(sampleSettlement(call), randomUUID())));
    await sql("UPDATE settlement_outbox SET written_at = written_at - interval '1 minute'");
    await Promise.all([sweepAll(), sweepAll(), sweepAll()]);
    const [rows] = await sql(
      `SELECT (SELECT count(*)::int FROM ledger_entry) AS settled, (SELECT count(*)::int FROM settlement_outbox) AS left`,
    );
    expect(rows).toEqual({ settled: 1_100, left: 0 });
  });

  it('sweeps on when the outbox cannot be drained', async () => {
    const dead = await processRow(MINUTE_MS, 11_000);
    await inFlight(dead);
    class BrokenSettlements extends SettlementRepository {
      override overdue(): Promise<never> {
        return Promise.reject(new Error('broken'));
      }
    }
    const sweeps = new SweepService(world.source(), new BrokenSettlements(world.source()));
    expect(await sweeps.sweep()).toMatchObject({ drained: 0, lost: 1 });
  });

  describe('with reservations', () => {
    const reserve = async (call: CallIntent, processId: string, ageMs: number): Promise<void> => {
      await new IntentRepository(world.source()).write([
        { reservation: sampleReservation(call, { process_id: processId }) },
      ]);
      await sql("UPDATE reservation SET reserved_at = reserved_at - $2 * interval '1 ms' WHERE call_id = $1", [
        call.callId,
        ageMs,
      ]);
    };
    const held = async () => (await sql('SELECT call_id FROM reservation')).length;

    it('gives back what a lost call held', async () => {
      const dead = await processRow(MINUTE_MS, 11_000);
      await reserve(await inFlight(dead), dead, 0);
      await sweep();
      expect(await held()).toBe(0);
    });

    it('leaves what a call of a living process holds, however old it is', async () => {
      const live = registry();
      await live.heartbeat();
      await reserve(await inFlight(live.id), live.id, 60 * MINUTE_MS);
      await reserve(sampleCall(), live.id, 60 * MINUTE_MS);
      expect(await sweepAll()).toMatchObject({ reservations: 0 });
      expect(await held()).toBe(2);
    });

    it('ends one that came while its call was being settled', async () => {
      const live = registry();
      await live.heartbeat();
      const call = await inFlight(live.id);
      await reserve(call, live.id, 10_000);
      const [row] = await sql('DELETE FROM reservation RETURNING *').then(([rows]) => rows as object[]);
      await settlements().write([settlementRecord(sampleSettlement(call), live.id)], 'direct');
      await sql('INSERT INTO reservation SELECT * FROM jsonb_populate_record(NULL::reservation, $1)', [
        JSON.stringify(row),
      ]);
      expect(await sweepAll()).toMatchObject({ reservations: 1 });
      expect(await held()).toBe(0);
    });

    it('ends one that came alone and whose process has been gone for a minute', async () => {
      await reserve(sampleCall(), randomUUID(), 59_000);
      expect(await sweepAll()).toMatchObject({ reservations: 0 });
      await sql("UPDATE reservation SET reserved_at = reserved_at - interval '2 s'");
      expect(await sweepAll()).toMatchObject({ reservations: 1 });
    });
  });
});
