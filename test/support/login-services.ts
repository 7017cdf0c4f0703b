import type { DataSource } from 'typeorm';
import type { LoginProvider } from '../../src/core/index.js';
import { CodexOAuth } from '../../src/upstream/codex/oauth.service.js';
import { UpstreamHttp } from '../../src/upstream/transport/upstream-http.service.js';
import { UpstreamKinds } from '../../src/upstream/kinds.js';
import type { AccountLifecycle } from '../../src/upstream/lifecycle/account-lifecycle.service.js';
import { LoginCompletion } from '../../src/upstream/login/login-completion.service.js';
import { LoginFlowRepository } from '../../src/upstream/login/login-flow.repository.js';
import { LoginFlows } from '../../src/upstream/login/login-flows.service.js';
import { LoginPolls } from '../../src/upstream/login/login-polls.service.js';
import { BOX, FakeKind, upstreamServices } from './upstream-services.js';

/** An upstream kind that people sign in to. */
class SignedInKind extends FakeKind {
  constructor(readonly login: LoginProvider) {
    super();
  }
}

const TIMEOUTS = { UPSTREAM_CONNECT_MS: 2_000, UPSTREAM_IDLE_MS: 10_000 };

/**
 * One process's part in logins, joined by hand, in front of a real issuer over real sockets.
 *
 * @param lifecycle takes the place of the account's own, for one that breaks
 */
export function loginServices(
  dataSource: DataSource,
  issuerUrl: string,
  lifecycle?: Pick<AccountLifecycle, 'link' | 'relink'>,
) {
  const http = new UpstreamHttp(TIMEOUTS);
  const kind = new SignedInKind(new CodexOAuth(http, { OAUTH_ISSUER_URL: issuerUrl }));
  const upstream = upstreamServices(dataSource, kind);
  const rows = new LoginFlowRepository(dataSource, BOX);
  const kinds = new UpstreamKinds([kind]);
  const accounts = (lifecycle ?? upstream.lifecycle) as AccountLifecycle;
  const flows = new LoginFlows(rows, kinds, new LoginCompletion(rows, kinds, accounts), upstream.jobs);
  return {
    ...upstream,
    flows,
    polls: new LoginPolls(flows, rows),
    close: () => http.onApplicationShutdown(),
  };
}
