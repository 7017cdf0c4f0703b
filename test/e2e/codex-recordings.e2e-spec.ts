import { codexRecordings } from '../support/codex-recordings.js';
import { useGateway } from '../support/gateway.js';
import { say, ScriptedUpstream } from '../support/scripted-upstream/index.js';

/** What a Codex client says about itself: goes upstream as it came. */
const OWN_HEADER =
  /^(originator|user-agent|version|session[-_]id|thread-id|x-client-request-id|x-codex-.*|x-openai-.*)$/;

const own = (headers: readonly (readonly [string, string])[]): Record<string, string> =>
  Object.fromEntries(headers.filter(([name]) => OWN_HEADER.test(name)));

describe('a request as a Codex CLI sent it', () => {
  const upstream = new ScriptedUpstream();
  const gateway = useGateway({ upstream });

  it.each(codexRecordings())('reaches the upstream byte for byte: $name', async ({ calls }) => {
    for (const { headers, body } of calls) {
      upstream.replyWith(say('Heard.'));
      const arriving = upstream.next();

      const response = await fetch(`${gateway.url}/backend-api/codex/responses`, {
        method: 'POST',
        headers: {
          ...own(headers),
          authorization: `Bearer ${gateway.key}`,
          accept: 'text/event-stream',
          'content-type': 'application/json',
        },
        body,
      });
      const text = await response.text();
      const arrived = await arriving;

      expect(response.status).toBe(200);
      expect(text).toContain('response.completed');
      expect(arrived.body.equals(body)).toBe(true);
      expect(own(arrived.headers)).toEqual(own(headers));
    }
  });
});
