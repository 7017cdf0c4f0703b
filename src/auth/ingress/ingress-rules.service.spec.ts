import { Logger } from '@nestjs/common';
import { useDatabase } from '../../../test/support/database.js';
import { eventually } from '../../../test/support/eventually.js';
import { MemorySharedState, type SharedState } from '../../platform/shared-state/index.js';
import { IngressRules } from './ingress-rules.service.js';
import { IngressSettingsRow } from './ingress-settings.entity.js';
import type { IngressEnvironment } from './ingress-settings.js';

const ENVIRONMENT: IngressEnvironment = {
  IP_ALLOW_LIST: ['192.0.2.0/24'],
  OPERATOR_IP_ALLOW_LIST: [],
  TRUSTED_PROXIES: [],
  CLIENT_IP_SOURCE: 'x_forwarded_for',
  FORWARDED_DEPTH: 0,
};
Logger.overrideLogger(false);

const SOON = { withinMs: 3_000 };

describe('the ingress rules of a process', () => {
  const database = useDatabase([IngressSettingsRow]);
  const open: IngressRules[] = [];

  const rows = () => database.dataSource().getRepository(IngressSettingsRow);
  const made = (shared: SharedState = new MemorySharedState(() => performance.now())): IngressRules => {
    const rules = new IngressRules(rows(), shared, ENVIRONMENT);
    open.push(rules);
    return rules;
  };
  const started = async (shared?: SharedState): Promise<IngressRules> => {
    const rules = made(shared);
    await rules.onModuleInit();
    return rules;
  };
  const withoutTable = async (work: () => Promise<void>): Promise<void> => {
    await database.dataSource().query('ALTER TABLE ingress_settings RENAME TO elsewhere');
    try {
      await work();
    } finally {
      await database.dataSource().query('ALTER TABLE elsewhere RENAME TO ingress_settings');
    }
  };

  afterEach(async () => {
    await Promise.all(open.splice(0).map((rules) => rules.onModuleDestroy()));
    await rows().clear();
  });

  it('are those of the environment until an operator sets others, and again when he takes them back', async () => {
    const rules = await started();
    expect(await rules.settings()).toMatchObject({ allowList: ['192.0.2.0/24'], version: 0 });
    expect(await rules.change({ allowList: ['::1'], depth: 2 })).toMatchObject({
      allowList: ['::1/128'],
      depth: 2,
      version: 1,
    });
    expect(await rules.change({ allowList: null })).toMatchObject({
      allowList: ['192.0.2.0/24'],
      depth: 2,
      version: 2,
    });
    expect(await rules.change({})).toMatchObject({ version: 2 });
  });

  it('hold in the process that changes them as soon as the change is made', async () => {
    const rules = await started();
    let told = 0;
    const end = rules.onChange(() => (told += 1));
    await rules.change({ trustedProxies: ['10.0.0.0/8'] });
    expect([told, await rules.settings()]).toMatchObject([1, { trustedProxies: ['10.0.0.0/8'] }]);
    end();
    await rules.change({ trustedProxies: [] });
    expect(told).toBe(1);
  });

  it('are heard of by those who share a state, and looked for by others, within a second', async () => {
    const shared = new MemorySharedState(() => performance.now());
    const [here, there, apart] = [await started(shared), await started(shared), await started()];
    await here.change({ allowList: [] });
    for (const rules of [there, apart]) {
      await eventually(async () => expect((await rules.settings()).allowList).toEqual([]), SOON);
    }
  });

  it('let nobody in when the row was written by hand and one rule is none', async () => {
    const rules = await started();
    await rules.change({ allowList: [] });
    await rows().update({ singleton: true }, { allowList: ['192.0.2.0/24', '300.0.0.0/8'] });
    expect(await rules.read()).toMatchObject({ allowList: 'nobody' });
  });

  it('refuse what is no rule, and stay as they were', async () => {
    const rules = await started();
    await expect(rules.change({ allowList: ['here'] })).rejects.toThrow('"here" is no address');
    expect(await rows().count()).toBe(0);
  });

  it('go on as they were read last while they cannot be read', async () => {
    const rules = await started();
    await rules.change({ allowList: ['::1'] });
    await withoutTable(async () => {
      await expect(rules.read()).rejects.toThrow();
      expect(await rules.settings()).toMatchObject({ allowList: ['::1/128'] });
    });
  });

  it('are unavailable while nothing was ever read, and there as soon as it was', async () => {
    const rules = made();
    await withoutTable(async () => {
      await rules.onModuleInit();
      await expect(rules.settings()).rejects.toMatchObject({ code: 'settings_unavailable', status: 503 });
    });
    expect(await rules.settings()).toMatchObject({ version: 0 });
  });

  it('are read once for all who come before they are known', async () => {
    const rules = made();
    const [one, ...others] = await Promise.all([rules.settings(), rules.settings(), rules.settings()]);
    expect(others.every((settings) => settings === one)).toBe(true);
  });
});
