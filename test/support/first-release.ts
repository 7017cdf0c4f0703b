import type { SettlementRecord } from '../../src/accounting/records.js';

/**
 * A database as the first release left it, with something in every table: statements for its schema, which nothing of
 * today's code may word.
 */

export const OLD_POOL = 'aaaaaaaa-0000-4000-8000-000000000001';
export const OLD_KEYS = ['bbbbbbbb-0000-4000-8000-000000000001', 'bbbbbbbb-0000-4000-8000-000000000002'] as const;
const OLD_ACCOUNTS = ['cccccccc-0000-4000-8000-000000000001', 'cccccccc-0000-4000-8000-000000000002'] as const;
export const LIVING_PROCESS = 'dddddddd-0000-4000-8000-000000000001';
const DEAD_PROCESS = 'dddddddd-0000-4000-8000-000000000002';
export const OPEN_CALL = 'eeeeeeee-0000-4000-8000-000000000001';
export const LOST_CALL = 'eeeeeeee-0000-4000-8000-000000000002';
/** The extremes of what a random id can be. */
export const LEAST_CALL = '00000000-0000-4000-8000-000000000000';
export const GREATEST_CALL = 'ffffffff-ffff-4fff-bfff-ffffffffffff';
export const CALLS = 400;

const POOLS = `
  INSERT INTO pool (id, slug, name, stored_responses, anthropic_models)
  VALUES ('${OLD_POOL}', 'team', 'Team', true, '[{"pattern":"*","model":"gpt-5.5"}]'),
         ('aaaaaaaa-0000-4000-8000-000000000002', 'spare', 'Spare', false, '[]');
  INSERT INTO pool_key (id, pool_id, label, prefix, digest, allowed_models, max_concurrent)
  VALUES ('${OLD_KEYS[0]}', '${OLD_POOL}', 'ci', 'sk-cxp-000000000001', sha256('1'), NULL, NULL),
         ('${OLD_KEYS[1]}', '${OLD_POOL}', 'laptop', 'sk-cxp-000000000002', sha256('2'), '{gpt-*}', 4)`;

const ACCOUNTS = `
  INSERT INTO upstream_account (id, kind, label, external_account_id, status, access_token, refresh_token,
                                access_token_expires_at, credential_epoch, plan)
  VALUES ('${OLD_ACCOUNTS[0]}', 'codex', 'alice', 'acct-1', 'active', '\\x01', '\\x02', now() + interval '1 hour', 3, 'plus'),
         ('${OLD_ACCOUNTS[1]}', 'openai', 'platform', 'acct-2', 'paused', '\\x03', NULL, NULL, 1, NULL);
  INSERT INTO pool_account (pool_id, account_id, status, priority)
  SELECT '${OLD_POOL}', id, 'active', 1 FROM upstream_account;
  INSERT INTO account_model (account_id, slug, position, entry)
  SELECT id, 'gpt-5.5', 0, '{"slug":"gpt-5.5"}' FROM upstream_account;
  INSERT INTO account_quota_window (account_id, limit_id, window_minutes, used_percent, resets_at, observed_at, source)
  VALUES ('${OLD_ACCOUNTS[0]}', 'codex', 300, 42.5, now() + interval '2 hours', now(), 'headers');
  INSERT INTO account_meter (account_id, limit_id, allowed, observed_at, source, credential_epoch)
  VALUES ('${OLD_ACCOUNTS[0]}', 'codex', true, now(), 'usage', 3);
  INSERT INTO account_probe (account_id, round, started_at, next_at) VALUES ('${OLD_ACCOUNTS[0]}', 1, now(), now());
  INSERT INTO usage_outage (kind, rounds, until) VALUES ('codex', 1, now());
  INSERT INTO account_lane (account_id, model, route_class, failures, version)
  VALUES ('${OLD_ACCOUNTS[0]}', 'gpt-5.5', 'stream', 1, 1);
  INSERT INTO login_flow (id, kind, purpose, pool_id, label, status, expires_at, created_at, updated_at)
  VALUES (gen_random_uuid(), 'browser', 'link', '${OLD_POOL}', 'bob', 'completed', now(), now(), now())`;

const CLIENTS = `
  INSERT INTO uploaded_file (file_id, account_id, pool_id, key_id, size_bytes, status, purpose, created_at, expires_at)
  VALUES ('file-1', '${OLD_ACCOUNTS[0]}', '${OLD_POOL}', '${OLD_KEYS[0]}', 12, 'uploaded', 'user_data', now(),
          now() + interval '1 day');
  INSERT INTO stored_item (pool_id, kind, id, key_id, account_id, model, content, created_at, expires_at)
  VALUES ('${OLD_POOL}', 'response', 'resp_1', '${OLD_KEYS[0]}', '${OLD_ACCOUNTS[0]}', 'gpt-5.5', '\\x05', now(),
          now() + interval '30 days');
  INSERT INTO gateway_process (id, role, host, started_at, heartbeat_at, suspected_at)
  VALUES ('${LIVING_PROCESS}', 'gateway', 'a', now(), now(), NULL),
         ('${DEAD_PROCESS}', 'gateway', 'b', now() - interval '1 day', now() - interval '1 hour', now() - interval '1 hour')`;

/** Ids of version 4; of the last three that are settled the first lies in a partition of now, and the others at the ends. */
const CALL_IDS = `
  SELECT n, now() - n * interval '27 hours' AS at, CASE n
           WHEN ${CALLS} THEN '${LEAST_CALL}'::uuid WHEN ${CALLS - 1} THEN '${GREATEST_CALL}'::uuid
           WHEN ${CALLS - 2} THEN (lpad(to_hex((extract(epoch FROM now()) * 1000)::bigint), 12, '0')
                                   || '400080000000000000a1')::uuid
           ELSE overlay(overlay(md5('call ' || n) PLACING '4' FROM 13) PLACING '8' FROM 17)::uuid END AS id
    FROM generate_series(1, ${CALLS}) AS n`;

const KEY = `CASE n % 3 WHEN 0 THEN '${OLD_KEYS[1]}'::uuid ELSE '${OLD_KEYS[0]}'::uuid END`;
const MODEL = `CASE n % 4 WHEN 0 THEN 'gpt-5.5-mini' ELSE 'gpt-5.5' END`;
const ACCOUNT = `CASE n % 5 WHEN 0 THEN '${OLD_ACCOUNTS[1]}'::uuid ELSE '${OLD_ACCOUNTS[0]}'::uuid END`;
const OUTCOME = `(ARRAY['succeeded', 'succeeded', 'failed', 'cancelled', 'succeeded'])[n % 5 + 1]`;

const DECISION = '{"strategy":"balanced","evidence":"optimistic","candidates":[],"exclusions":[],"locality":"none"}';

const SETTLED_CALLS = `
  CREATE TEMPORARY TABLE old_call ON COMMIT DROP AS ${CALL_IDS};
  INSERT INTO request (id, request_id, process_id, pool_id, key_id, key_label, dialect, route, transport, model, status,
                       http_status, attempt_count, received_at, completed_at, decision)
  SELECT id, 'req_' || n, '${LIVING_PROCESS}', '${OLD_POOL}', ${KEY}, 'ci', 'codex-backend', '/responses', 'http_sse',
         ${MODEL}, ${OUTCOME}, 200, 1 + n % 2, at, at + interval '3 s', '${DECISION}'
    FROM old_call;
  INSERT INTO attempt (request_id, number, account_id, account_label, status, started_at, completed_at, metered)
  SELECT id, number, ${ACCOUNT}, 'alice', CASE WHEN number < 1 + n % 2 THEN 'failed' ELSE ${OUTCOME} END, at, at, n % 5 = 0
    FROM old_call, generate_series(1, 1 + n % 2) AS number;
  INSERT INTO ledger_entry (call_id, outcome, usage_known, input_uncached, input_cached, cache_write, output, reasoning,
                            model, account_id, pool_id, key_id, settled_by, occurred_at, settled_at, metered)
  SELECT id, ${OUTCOME}, true, n, 2 * n, 3, 5 * n, 7, ${MODEL}, ${ACCOUNT}, '${OLD_POOL}', ${KEY}, 'queue',
         at + interval '3 s', at + interval '4 s', n % 5 = 0
    FROM old_call WHERE n % 7 <> 0;
  INSERT INTO ledger_entry (call_id, outcome, usage_known, account_id, pool_id, key_id, settled_by, occurred_at, settled_at)
  SELECT id, ${OUTCOME}, false, ${ACCOUNT}, '${OLD_POOL}', ${KEY}, 'direct', at + interval '3 s', at + interval '4 s'
    FROM old_call WHERE n % 7 = 0`;

const OPEN_CALLS = `
  INSERT INTO request (id, request_id, process_id, pool_id, key_id, key_label, dialect, route, transport, model, status,
                       received_at)
  SELECT id, 'req_open', process, '${OLD_POOL}', '${OLD_KEYS[0]}', 'ci', 'codex-backend', '/responses', 'websocket',
         'gpt-5.5', 'in_flight', now() - interval '100 days'
    FROM (VALUES ('${OPEN_CALL}'::uuid, '${LIVING_PROCESS}'::uuid), ('${LOST_CALL}', '${DEAD_PROCESS}'))
         AS open(id, process);
  INSERT INTO attempt (request_id, number, account_id, account_label, status, started_at)
  SELECT id, 1, '${OLD_ACCOUNTS[0]}', 'alice', 'in_flight', received_at FROM request WHERE status = 'in_flight'`;

export const FIRST_RELEASE_ROWS = [POOLS, ACCOUNTS, CLIENTS, SETTLED_CALLS, OPEN_CALLS].join(';\n');

/** How that release wrote the entry of a call, and still does while the next one is rolled out. */
export const FIRST_RELEASE_ENTRY = `
  INSERT INTO ledger_entry (call_id, outcome, usage_known, input_uncached, input_cached, cache_write, output, reasoning,
                            model, service_tier, account_id, metered, pool_id, key_id, settled_by, occurred_at, settled_at)
  VALUES ($1, 'succeeded', true, 1, 2, 3, 4, 0, 'gpt-5.5', NULL, '${OLD_ACCOUNTS[0]}', false, '${OLD_POOL}',
          '${OLD_KEYS[0]}', 'direct', now(), now())
      ON CONFLICT (call_id) DO UPDATE SET outcome = excluded.outcome
   WHERE ledger_entry.settled_by = 'sweeper'
  RETURNING call_id`;

/** A settlement as its gateways word it: they know nothing of money. */
export function ofFirstRelease(record: SettlementRecord): SettlementRecord {
  const gone = ['cost_status', 'cost_nano_usd', 'price_version', 'estimated_input', 'estimated_output'];
  return Object.fromEntries(
    Object.entries(record).filter(([name]) => !gone.includes(name)),
  ) as unknown as SettlementRecord;
}
