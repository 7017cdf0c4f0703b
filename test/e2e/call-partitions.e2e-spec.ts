import { DataSource } from 'typeorm';
import { PartitionMaintenance } from '../../src/accounting/partitions/partition-maintenance.service.js';
import { eventually } from '../support/eventually.js';
import { ask, hello, useGateway } from '../support/gateway.js';
import { ScriptedUpstream } from '../support/scripted-upstream/index.js';

describe('the rows of a call', () => {
  const upstream = new ScriptedUpstream();
  upstream.script = () => hello();
  const gateway = useGateway({ upstream });

  const places = (): Promise<{ place: string }[]> =>
    gateway.get(DataSource).query(`
      SELECT tableoid::regclass::text AS place FROM request
       UNION ALL SELECT tableoid::regclass::text FROM attempt
       UNION ALL SELECT tableoid::regclass::text FROM ledger_entry ORDER BY 1`);

  it('lie in the partitions of the time in which it came', async () => {
    const response = await gateway.post(ask());
    await response.text();
    await eventually(async () => {
      expect(await places()).toEqual([
        { place: expect.stringMatching(/^attempt_\d{8}$/) },
        { place: expect.stringMatching(/^ledger_entry_\d{8}$/) },
        { place: expect.stringMatching(/^request_\d{8}$/) },
      ]);
    });
  });

  it('stay there when the worker keeps house', async () => {
    const before = await places();
    expect(await gateway.get(PartitionMaintenance).run()).toMatchObject({ dropped: 0, deleted: 0, postponed: 0 });
    expect(await places()).toEqual(before);
  });
});
