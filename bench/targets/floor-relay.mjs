import Fastify from 'fastify';
import { Agent } from 'undici';

/**
 * The floor: the least that a Node gateway does which reads JSON. It parses a body, writes it anew, sends it on, and relays
 * the answer. Nobody is asked for a key, nothing is counted.
 */
const [upstream] = process.argv.slice(2);
const agent = new Agent({ connections: null, pipelining: 1, headersTimeout: 0, bodyTimeout: 0 });
const app = Fastify({ bodyLimit: 64 * 1024 * 1024 });

app.post('/*', async (request, reply) => {
  const answer = await agent.request({
    origin: upstream,
    path: request.url,
    method: 'POST',
    headers: { authorization: request.headers.authorization, 'content-type': 'application/json' },
    body: JSON.stringify(request.body),
  });
  reply.raw.once('close', () => answer.body.destroy());
  answer.body.on('error', () => undefined);
  reply.code(answer.statusCode).header('content-type', answer.headers['content-type']);
  return reply.send(answer.body);
});

process.stdout.write(`${await app.listen({ port: 0, host: '127.0.0.1' })}\n`);
