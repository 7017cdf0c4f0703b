import { useDatabase } from '../../test/support/database.js';
import { parseKeyRing, SecretBox } from '../platform/crypto/index.js';
import { Outbound } from '../platform/egress/index.js';
import { Webhook } from './webhook.entity.js';
import { Webhooks } from './webhooks.service.js';

describe('webhooks', () => {
  const database = useDatabase([Webhook]);
  const box = new SecretBox(parseKeyRing(`k1:${Buffer.alloc(32, 7).toString('base64')}`));
  const outbound = new Outbound({ EGRESS_ALLOW_LIST: undefined }, { addresses: () => Promise.resolve([]) });
  const webhooks = () => new Webhooks(database.dataSource().getRepository(Webhook), box, outbound);
  afterEach(() => database.dataSource().query('TRUNCATE webhook CASCADE'));
  afterAll(() => outbound.onApplicationShutdown());

  it('keeps addresses and secrets sealed, and shows a secret that was made once', async () => {
    const { secret } = await webhooks().add({ name: 'ops', url: 'https://hooks.example.com/very-secret-path' });
    expect(secret).toMatch(/^[\w-]{43}$/);
    const [row] = await database.dataSource().query<{ text: string }[]>('SELECT webhook::text AS text FROM webhook');
    const hex = (text: string) => Buffer.from(text).toString('hex');
    for (const hidden of ['very-secret-path', hex('very-secret-path'), String(secret), hex(String(secret))]) {
      expect(row?.text).not.toContain(hidden);
    }
    expect(Object.keys((await webhooks().list())[0] ?? {})).not.toEqual(expect.arrayContaining(['url', 'secret']));
  });

  it.each([
    [{ name: 'No' }, 'A name is'],
    [{ name: 'no', format: 'xml' }, 'A format is'],
    [{ name: 'no', secret: 'short' }, 'A signing secret is'],
    [{ name: 'no', ruleKinds: ['nothing'] }, 'Kinds of rules are'],
    [{ name: 'no', ruleKinds: [] }, 'Kinds of rules are'],
    [{ name: 'no', url: 'https://10.0.0.1/' }, 'public https:// URL'],
    [{ name: 'no', url: 'http://hooks.example.com/' }, 'public https:// URL'],
  ])('takes no webhook like %j', async (over, problem) => {
    await expect(webhooks().add({ url: 'https://hooks.example.com/', ...over })).rejects.toThrow(problem);
  });

  it('are changed where something is said, and keep the rest', async () => {
    const { webhook } = await webhooks().add({
      name: 'ops',
      url: 'https://hooks.example.com/a',
      ruleKinds: ['job_failing'],
    });
    const { id } = webhook;
    const before = await webhooks().target(id);
    expect(
      await webhooks().change(id, { url: 'https://chat.example.com/b', format: 'slack', ruleKinds: null }),
    ).toEqual({
      webhook: expect.objectContaining({ host: 'chat.example.com', format: 'slack', ruleKinds: null, enabled: true }),
    });
    expect(await webhooks().target(id)).toEqual({ ...before, format: 'slack', url: 'https://chat.example.com/b' });
    const { secret } = (await webhooks().change(id, { newSecret: true })) ?? {};
    expect([secret === before?.secret, await webhooks().target(id)]).toMatchObject([false, { secret }]);
    await webhooks().change(id, { enabled: false });
    expect([await webhooks().target(id), await webhooks().named('ops')]).toMatchObject([
      undefined,
      { id, enabled: false },
    ]);
    await expect(webhooks().change(id, { url: 'https://10.0.0.1/' })).rejects.toThrow('public https:// URL');
    await expect(webhooks().change(id, { newSecret: true, secret: 'x'.repeat(16) })).rejects.toThrow('not both');
  });
});
