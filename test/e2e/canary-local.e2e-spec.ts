import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canaries } from '../support/canaries.js';
import { eventually } from '../support/eventually.js';
import { everyText, sightings, type Texts } from '../support/everything-stored.js';
import { useGateway } from '../support/gateway.js';
import { useSpans } from '../support/recorded-spans.js';
import {
  failBeforeHeaders,
  hold,
  json,
  raw,
  ScriptedUpstream,
  type Reply,
} from '../support/scripted-upstream/index.js';
import { v1Headers } from '../support/v1-canaries.js';

const codexHome = mkdtempSync(join(tmpdir(), 'codex-pooler-canary-'));
afterAll(() => rmSync(codexHome, { recursive: true, force: true }));

describe('what a gateway keeps of what it relays', () => {
  const spans = useSpans();
  const lines: string[] = [];
  const upstream = new ScriptedUpstream();
  writeFileSync(join(codexHome, 'auth.json'), upstream.addAccount({ accountId: 'acc_mine' }).login.authJson);
  const gateway = useGateway({
    upstream,
    logs: (line) => lines.push(line),
    env: { MODE: 'local', CODEX_HOME: codexHome },
  });
  const { canary, secrets } = canaries();
  const statuses: number[] = [];
  let everything: Texts = new Map();

  const relayed = async (reply: Reply, signal?: AbortSignal): Promise<string> => {
    upstream.otherScript = () => reply;
    const answer = await fetch(`${gateway.url}/v1/${canary('path')}/things?q=${canary('query')}`, {
      method: 'POST',
      headers: {
        ...v1Headers(canary),
        'content-type': 'application/json',
        authorization: `Bearer ${canary('foreign key')}`,
      },
      body: JSON.stringify({ secret: canary('body') }),
      ...(signal ? { signal } : {}),
    });
    statuses.push(answer.status);
    return answer.text();
  };

  beforeAll(async () => {
    const answer = await relayed(json(200, { told: canary('answer') }, { 'x-request-id': canary('upstream request') }));
    expect(answer).toContain(canary('answer'));
    await relayed(json(400, { error: { message: canary('refusal'), code: `no ${canary('code')}` } }));
    await relayed(json(500, { error: { message: canary('failure') } }));
    await relayed(raw([`<html>${canary('page')}</html>`], { 'content-type': 'text/html' }, 502));
    await relayed(failBeforeHeaders());
    const held = hold({ 'x-held': canary('upstream header') });
    const leaving = new AbortController();
    const answering = relayed(held, leaving.signal).catch(() => 'left');
    await held.raw(canary('abandoned answer'));
    leaving.abort();
    await (
      await held.opened
    ).aborted;
    await answering;
    await eventually(async () => {
      const calls = await gateway.ledger();
      expect(calls).toHaveLength(6);
      for (const { outcome } of calls) expect(outcome).toEqual(expect.any(String));
    });
    everything = await everyText({ gateway, redisUrl: undefined, lines, spans: spans.ended() });
  }, 60_000);

  it('comes from calls that were answered, refused, failed and abandoned', () => {
    expect(statuses).toEqual([200, 400, 500, 502, expect.any(Number)]);
    const sent = upstream.requests('other').map(({ path, query, body }) => `${path}?${query} ${body.toString()}`);
    for (const what of ['path', 'query', 'body']) expect(sent.join('\n')).toContain(canary(what));
  });

  it('is searched where something can be found', async () => {
    const [call] = await gateway.ledger();
    const found = sightings(new Map([['call', call?.id ?? '']]), everything);
    expect(found).toEqual(
      expect.arrayContaining(['call in public.request.id', 'call in public.ledger_entry.call_id', 'call in spans']),
    );
    expect(everything.get('logs')).toContain('/v1/*');
  });

  it('is neither path nor query, neither header nor body, neither answer nor failure', () => {
    expect(secrets.size).toBeGreaterThan(20);
    expect(sightings(secrets, everything)).toEqual([]);
  });
});
