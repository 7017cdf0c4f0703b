import { createHmac, randomUUID } from 'node:crypto';
import { useDatabase } from '../../test/support/database.js';
import { bodyOf, useTinyServer } from '../../test/support/tiny-server.js';
import { parseKeyRing, SecretBox } from '../platform/crypto/index.js';
import { Outbound } from '../platform/egress/index.js';
import type { JobProducer } from '../platform/queue/index.js';
import { Deliveries } from './deliveries.service.js';
import type { Finding } from './finding.js';
import { IncidentDelivery } from './incident-delivery.entity.js';
import { Incident } from './incident.entity.js';
import { IncidentRepository } from './incident.repository.js';
import { WebhookSender } from './webhook-sender.service.js';
import { Webhook } from './webhook.entity.js';
import { Webhooks } from './webhooks.service.js';

const NOW_MS = Date.UTC(2026, 10, 22, 12);
const MINUTE_MS = 60_000;
const SECRET = 'a secret of sixteen'.replaceAll(' ', '-');

const found: Finding = {
  target: { kind: 'account', id: randomUUID(), label: 'alice <!here>', poolIds: [] },
  reason: 'login_required',
  evidence: { state: 'login_required', refreshFailures: 3 },
};

interface Received {
  readonly path: string;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
}

describe('telling webhooks of incidents', () => {
  const server = useTinyServer();
  const database = useDatabase([Incident, IncidentDelivery, Webhook]);
  const box = new SecretBox(parseKeyRing(`k1:${Buffer.alloc(32, 7).toString('base64')}`));
  const outbound = new Outbound({ EGRESS_ALLOW_LIST: '127.0.0.1' }, { addresses: () => Promise.resolve([]) });
  const handedOver: unknown[] = [];
  const jobs = {
    add: (...job: unknown[]) => Promise.resolve(handedOver.push(job) > 0),
  } as unknown as JobProducer;
  const received: Received[] = [];
  let status = 204;

  const webhooks = () => new Webhooks(database.dataSource().getRepository(Webhook), box, outbound);
  const deliveries = () => new Deliveries(database.dataSource(), webhooks(), new WebhookSender(outbound), jobs);
  const rows = () =>
    database
      .dataSource()
      .getRepository(IncidentDelivery)
      .find({ order: { createdAt: 'ASC', event: 'ASC' } });
  const rule = { id: randomUUID(), name: 'login-required', kind: 'account_auth_state' as const };
  const see = (atMs: number, ...findings: Finding[]) =>
    new IncidentRepository(database.dataSource()).save(
      findings.map((finding) => ({
        rule: {
          ...rule,
          params: {} as never,
          severity: 'critical',
          cooldownSeconds: 900,
          enabled: true,
          builtIn: true,
        },
        finding,
      })),
      atMs,
    );
  /** Hands over what is due, and does it. */
  const due = async (atMs: number): Promise<unknown[]> => {
    handedOver.length = 0;
    await deliveries().enqueue(atMs);
    const done: unknown[] = [];
    for (const [, , { deliveryId }] of handedOver as [string, string, { deliveryId: string }][]) {
      done.push(await deliveries().deliver(deliveryId, () => atMs));
    }
    return done;
  };

  beforeEach(() => {
    received.length = 0;
    status = 204;
    server.answer = (request, response) => {
      void bodyOf(request).then((body) => {
        received.push({ path: request.url ?? '', headers: request.headers, body });
        response.writeHead(status, { location: `${server.url}/elsewhere` }).end('no words of ours');
      });
    };
  });
  afterEach(() => database.dataSource().query('TRUNCATE incident, webhook CASCADE'));
  afterAll(() => outbound.onApplicationShutdown());

  it('sends numbers, ids and codes, signed over event, attempt and body', async () => {
    const { webhook, secret } = await webhooks().add({ name: 'ops', url: `${server.url}/hook?t=1`, secret: SECRET });
    expect([secret, webhook.host]).toEqual([undefined, new URL(server.url).host]);
    await see(NOW_MS, found);
    expect(await due(NOW_MS)).toEqual(['sent']);
    const [{ path, headers, body } = { path: '', headers: {}, body: '' }] = received;
    const eventId = String(headers['x-codex-pooler-event-id']);
    const attemptId = String(headers['x-codex-pooler-attempt-id']);
    const digest = createHmac('sha256', SECRET).update(`${eventId}.${attemptId}.${body}`).digest('hex');
    expect([path, headers['x-codex-pooler-signature']]).toEqual(['/hook?t=1', `sha256=${digest}`]);
    const [{ id } = { id: '' }] = await rows();
    expect(eventId).toBe(id);
    expect(JSON.parse(body)).toMatchObject({
      type: 'incident.opened',
      event_id: id,
      attempt_id: attemptId,
      attempt: 1,
      webhook_id: webhook.id,
      state: 'open',
      severity: 'critical',
      rule_kind: 'account_auth_state',
      reason_code: 'login_required',
      scope: { kind: 'account', label: 'alice <!here>' },
      evidence: { state: 'login_required', refreshFailures: 3 },
      occurrence_count: 1,
      resolved_at: null,
    });
    expect(await due(NOW_MS + 60 * MINUTE_MS)).toEqual([]);
    expect(await rows()).toMatchObject([{ status: 'sent', attempts: 1, responseStatus: 204, failureCode: null }]);
  });

  it('says when it is over, after it was said that it began', async () => {
    await webhooks().add({ name: 'ops', url: server.url });
    status = 503;
    await see(NOW_MS, found);
    expect(await due(NOW_MS)).toEqual(['again']);
    await see(NOW_MS + 1);
    expect(await due(NOW_MS + 1)).toEqual([]);
    status = 200;
    expect(await due(NOW_MS + MINUTE_MS)).toEqual(['sent']);
    expect(await due(NOW_MS + MINUTE_MS)).toEqual(['sent']);
    const told = received.map(({ body }) => JSON.parse(body) as { type: string; state: string; resolved_at: string });
    expect(told.map(({ type }) => type)).toEqual(['incident.opened', 'incident.opened', 'incident.resolved']);
    expect(told[2]).toMatchObject({ state: 'resolved', resolved_at: new Date(NOW_MS + 1).toISOString() });
  });

  it('speaks Slack’s words to who wants them, and lets no name mention anybody', async () => {
    await webhooks().add({ name: 'chat', url: server.url, format: 'slack' });
    await see(NOW_MS, found);
    await due(NOW_MS);
    await see(NOW_MS + 1);
    await due(NOW_MS + 1);
    const [opened, resolved] = received.map(({ body }) => JSON.parse(body) as { text: string; attachments: object[] });
    expect(opened?.text).toBe('[OPEN] critical: login_required, account alice &lt;!here&gt; (login-required)');
    expect(resolved?.text).toMatch(/^\[RESOLVED\] critical: login_required/);
    expect(resolved?.attachments).toMatchObject([{ color: '#2e7d32' }]);
  });

  it('tries five times, 1, 5, 15 and 30 minutes apart, with one event id and five attempt ids', async () => {
    await webhooks().add({ name: 'ops', url: server.url });
    await see(NOW_MS, found);
    status = 500;
    let atMs = NOW_MS;
    for (const minutes of [0, 1, 5, 15, 30]) {
      atMs += minutes * MINUTE_MS;
      if (minutes > 0) expect(await due(atMs - 1)).toEqual([]);
      expect(await due(atMs)).toEqual(['again']);
    }
    expect(await due(atMs + 24 * 60 * MINUTE_MS)).toEqual([]);
    const ids = (name: string) => new Set(received.map(({ headers }) => headers[name])).size;
    expect([ids('x-codex-pooler-event-id'), ids('x-codex-pooler-attempt-id'), received.length]).toEqual([1, 5, 5]);
    expect(await rows()).toMatchObject([
      { status: 'failed', attempts: 5, responseStatus: 500, failureCode: 'http_500' },
    ]);
  });

  it.each([
    [408, 'again'],
    [409, 'again'],
    [425, 'again'],
    [429, 'again'],
    [502, 'again'],
    [302, 'never'],
    [400, 'never'],
    [404, 'never'],
    [410, 'never'],
  ])('takes %d for: %s', async (answer, kind) => {
    await webhooks().add({ name: 'ops', url: server.url });
    await see(NOW_MS, found);
    status = answer;
    expect(await due(NOW_MS)).toEqual([kind]);
    expect(received).toHaveLength(1);
    expect(await rows()).toMatchObject([{ status: kind === 'again' ? 'pending' : 'failed' }]);
  });

  it('is done by one of several workers', async () => {
    await webhooks().add({ name: 'ops', url: server.url });
    await see(NOW_MS, found);
    const [{ id } = { id: '' }] = await rows();
    const done = await Promise.all(Array.from({ length: 6 }, () => deliveries().deliver(id, () => NOW_MS)));
    expect(done.filter((outcome) => outcome === 'sent')).toHaveLength(1);
    expect(received).toHaveLength(1);
  });

  it('goes on after a worker that died with an attempt, and gives up when that was the last', async () => {
    await webhooks().add({ name: 'ops', url: server.url });
    await see(NOW_MS, found);
    const died = (attempts: number) =>
      database
        .dataSource()
        .query(`UPDATE incident_delivery SET attempts = $1, next_attempt_at = to_timestamp($2::float8 / 1000)`, [
          attempts,
          NOW_MS + MINUTE_MS,
        ]);
    await died(5);
    expect(await due(NOW_MS)).toEqual([]);
    expect(await due(NOW_MS + MINUTE_MS)).toEqual([]);
    expect(await rows()).toMatchObject([{ status: 'failed', failureCode: 'attempt_lost' }]);
  });

  it('hands over nothing but the id of the delivery', async () => {
    await webhooks().add({ name: 'ops', url: server.url });
    await see(NOW_MS, found);
    await deliveries().enqueue(NOW_MS);
    const [{ id } = { id: '' }] = await rows();
    expect(handedOver.at(-1)).toEqual([
      'incidents',
      'deliver',
      { deliveryId: id },
      { deduplication: { id: `deliver-${id}` }, attempts: 1 },
    ]);
  });

  it('takes no more of a webhook that is gone', async () => {
    const { webhook } = await webhooks().add({ name: 'ops', url: server.url });
    await see(NOW_MS, found);
    expect([await webhooks().remove(webhook.id), await webhooks().remove(webhook.id)]).toEqual([true, false]);
    expect(await due(NOW_MS)).toEqual([]);
  });
});
