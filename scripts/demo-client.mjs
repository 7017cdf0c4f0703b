const MODEL = 'gpt-5.5';

/** Sends one streamed request and prints the text of its answer as it comes. @returns `{ status, requestId }` */
export async function askStreamed(url, key, text) {
  const answer = await fetch(`${url}/backend-api/codex/responses`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', accept: 'text/event-stream' },
    body: JSON.stringify({
      model: MODEL,
      instructions: 'You are a demo.',
      input: [{ type: 'message', role: 'user', content: [{ type: 'input_text', text }] }],
      stream: true,
      store: false,
    }),
  });
  const requestId = answer.headers.get('x-request-id') ?? '';
  if (answer.ok) await printDeltas(answer.body);
  else console.log(await answer.text());
  return { status: answer.status, requestId };
}

async function printDeltas(body) {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    const blocks = (rest + decoder.decode(chunk, { stream: true })).split(/\r?\n\r?\n/);
    rest = blocks.pop();
    for (const block of blocks) process.stdout.write(textOf(block));
  }
  process.stdout.write('\n');
}

/** What one server-sent event adds to the answer's text. */
function textOf(block) {
  const data = block
    .split(/\r?\n/)
    .filter((line) => line.startsWith('data:'))
    .map((line) => line.slice('data:'.length).trim())
    .join('\n');
  if (!data.startsWith('{')) return '';
  const event = JSON.parse(data);
  return event.type === 'response.output_text.delta' ? event.delta : '';
}

/** What a client needs to be told, ready to paste. */
export const snippets = (url, key) => `
Codex CLI, in ~/.codex/config.toml:

  model = "${MODEL}"
  model_provider = "codex-pooler"

  [model_providers.codex-pooler]
  name = "OpenAI"
  base_url = "${url}/backend-api/codex"
  env_key = "CODEX_POOLER_API_KEY"
  wire_api = "responses"
  supports_websockets = true
  requires_openai_auth = false

and in the shell:

  export CODEX_POOLER_API_KEY="${key}"
  codex exec "Say hello"

OpenAI SDK for JavaScript (npm install openai):

  import OpenAI from 'openai';
  const client = new OpenAI({ baseURL: '${url}/v1', apiKey: process.env.CODEX_POOLER_API_KEY });
  const response = await client.responses.create({ model: '${MODEL}', input: 'Say hello' });
  console.log(response.output_text);

Claude Code (npm install -g @anthropic-ai/claude-code):

  ANTHROPIC_BASE_URL=${url} ANTHROPIC_AUTH_TOKEN=$CODEX_POOLER_API_KEY claude -p "Say hello"

docs/clients has a page for every client.
`;
