import { AskedOperations, holder } from '../../../test/support/asked-operations.js';
import { useDatabase } from '../../../test/support/database.js';
import { INCIDENT_ENTITIES, webhooksAt } from '../../../test/support/incident-services.js';
import { bodyOf, useTinyServer } from '../../../test/support/tiny-server.js';
import type { PoolId } from '../../core/index.js';
import { WebhookSender, type Webhooks } from '../../incidents/index.js';
import { Outbound } from '../../platform/egress/index.js';
import type { WebhookView } from '../views/webhook-view.js';
import { WebhookOperations } from './webhook-operations.service.js';

const URL_PATH = 'services/T0/very-secret-path';
const SECRET = 'whoever-has-this-may-sign';

describe('the operations on webhooks', () => {
  const server = useTinyServer();
  const database = useDatabase(INCIDENT_ENTITIES);
  const outbound = new Outbound({ EGRESS_ALLOW_LIST: '127.0.0.1' }, { addresses: () => Promise.resolve([]) });
  let operations: AskedOperations;
  let webhooks: Webhooks;

  beforeAll(() => {
    webhooks = webhooksAt(database.dataSource(), outbound);
    const sender = new WebhookSender(outbound);
    operations = new AskedOperations(database.dataSource(), [new WebhookOperations(webhooks, sender)]);
  });
  afterEach(() => database.dataSource().query('TRUNCATE webhook CASCADE'));
  afterAll(() => outbound.onApplicationShutdown());

  const create = (over: object = {}) =>
    operations.ask<WebhookView & { secret?: string }>('webhooks.create', {
      name: 'ops',
      url: `https://hooks.example.com/${URL_PATH}`,
      ...over,
    });

  it('make one, and show a secret that was made once, the URL never', async () => {
    const { secret = '', ...made } = await create({ ruleKinds: ['job_failing'] });
    expect(secret).toMatch(/^[\w-]{43}$/);
    expect(made).toMatchObject({
      name: 'ops',
      host: 'hooks.example.com',
      format: 'generic',
      ruleKinds: ['job_failing'],
    });
    expect(await operations.ask('webhooks.get', { webhook: 'ops' })).toEqual(made);
    expect(await operations.ask('webhooks.list')).toEqual({ items: [made] });
    expect(await create({ name: 'other', secret: SECRET })).not.toHaveProperty('secret');
    const trail = await operations.trail();
    for (const hidden of [secret, SECRET, URL_PATH]) expect(trail).not.toContain(hidden);
    expect((await operations.events('webhook.create'))[0]).toMatchObject({
      details: { asked: { url: expect.stringMatching(/^sha256:/) } },
    });
  });

  it('refuse addresses inside, and names that are taken', async () => {
    await create();
    const refusal = (over: object) =>
      operations.refusalOf('webhooks.create', { name: 'ops', url: 'https://hooks.example.com/', ...over });
    expect(await refusal({})).toBe('conflict: There is a webhook "ops" already.');
    for (const url of [
      'https://169.254.169.254/',
      'https://10.0.0.1/',
      'http://hooks.example.com/',
      'https://u:p@a.b/',
    ]) {
      expect(await refusal({ name: 'bad', url })).toMatch(/^unprocessable: A webhook is a public https:\/\/ URL/);
      const moved = await operations.refusalOf('webhooks.update', { webhook: 'ops', url });
      expect(moved).toMatch(/^unprocessable: A webhook is a public https:\/\/ URL/);
    }
    expect(await refusal({ name: 'No' })).toMatch(/^unprocessable: A name is/);
    expect(await refusal({ name: 'x', format: 'xml' })).toMatch(/^invalid_input: format/);
  });

  it('change one where something is said, if it is as it was known', async () => {
    const { id } = await create({ ruleKinds: ['job_failing'] });
    const { version = '' } = await operations.done('webhooks.get', { webhook: id });
    const change = { webhook: 'ops', format: 'slack', ruleKinds: null, newSecret: true };
    const changed = await operations.ask('webhooks.update', change, { ifMatch: version });
    expect(changed).toMatchObject({ id, host: 'hooks.example.com', format: 'slack', ruleKinds: null });
    expect(await webhooks.target(id)).toMatchObject({
      secret: changed['secret'],
      url: expect.stringContaining(URL_PATH),
    });
    expect(await operations.codeOf('webhooks.update', change, { ifMatch: version })).toBe('precondition_failed');
    expect(await operations.codeOf('webhooks.update', { ...change, secret: SECRET })).toBe('unprocessable');
    expect(await operations.trail()).not.toContain(changed['secret']);
  });

  it('try one, and say what it answered', async () => {
    const told: string[] = [];
    let status = 204;
    server.answer = (request, response) => {
      void bodyOf(request).then((body) => {
        told.push(body);
        response.writeHead(status).end();
      });
    };
    await create({ url: `${server.url}/hook` });
    const test = () => operations.ask('webhooks.test', { webhook: 'ops' });
    expect(await test()).toEqual({ sent: true, status: 204, code: null });
    status = 404;
    expect(await test()).toEqual({ sent: false, status: 404, code: 'http_404' });
    expect(told.map((body) => (JSON.parse(body) as { type: string }).type)).toEqual(['webhook.test', 'webhook.test']);
    await operations.ask('webhooks.update', { webhook: 'ops', enabled: false });
    expect(await operations.codeOf('webhooks.test', { webhook: 'ops' })).toBe('conflict');
    expect([told.length, (await operations.events('webhook.test')).length]).toEqual([2, 6]);
  });

  it('delete one, after trying it dry', async () => {
    const { id } = await create();
    const dry = await operations.ask('webhooks.delete', { webhook: 'ops' }, { dryRun: true });
    expect(dry).toMatchObject({ dryRun: true, action: 'webhook.delete', before: { id } });
    expect(await operations.ask('webhooks.delete', { webhook: 'ops' })).toEqual({ id, name: 'ops', status: 'deleted' });
    const gone = await operations.refusalOf('webhooks.get', { webhook: id });
    expect(gone).toBe(`not_found: There is no webhook "${id}".`);
  });

  it('are for who sees the whole installation, and changed by who may do all', async () => {
    await create();
    const bound = holder(['admin'], ['8a4ff4c1-8c49-4a5b-9a4e-3a54d4d44f01' as PoolId]);
    expect(await operations.ask('webhooks.list', {}, { as: bound })).toEqual({ items: [] });
    for (const name of ['get', 'update', 'test', 'delete']) {
      expect(await operations.codeOf(`webhooks.${name}`, { webhook: 'ops' }, { as: bound })).toBe('not_found');
    }
    const wanted = { name: 'x', url: 'https://hooks.example.com/' };
    expect(await operations.codeOf('webhooks.create', wanted, { as: bound })).toBe('forbidden');
    const writer = holder(['pools:write', 'keys:write', 'accounts:write']);
    expect(await operations.codeOf('webhooks.create', wanted, { as: writer })).toBe('forbidden');
    expect(await operations.codeOf('webhooks.test', { webhook: 'ops' }, { as: writer })).toBe('forbidden');
  });
});
