import OpenAI, { toFile } from 'openai';
import { all, apiKey, serve, url } from './scenarios.mjs';

const client = new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0 });
const file = (base64, name, type) => toFile(Buffer.from(base64, 'base64'), name, { type });

serve({
  models: async () => all(await client.models.list()),

  upload: async (base64, name, purpose) =>
    client.files.create({ file: await file(base64, name, 'text/plain'), purpose }),

  files: async () => all(await client.files.list()),

  file: (id) => client.files.retrieve(id),

  content: async (id) => (await client.files.content(id)).text(),

  removeFile: (id) => client.files.delete(id),

  ask: (input) => client.responses.create({ model: 'gpt-5.5', input }),

  generate: (body) => client.images.generate({ model: 'gpt-image-2', prompt: 'A red square', ...body }),

  edit: async (base64, body) =>
    client.images.edit({
      model: 'gpt-image-2',
      image: await file(base64, 'red.png', 'image/png'),
      prompt: 'Make it blue',
      ...body,
    }),

  generateStreamed: async () =>
    all(await client.images.generate({ model: 'gpt-image-2', prompt: 'A red square', stream: true })),

  transcribe: async (base64, body) =>
    client.audio.transcriptions.create({
      file: await file(base64, 'words.wav', 'audio/wav'),
      model: 'gpt-4o-transcribe',
      ...body,
    }),

  embed: () => client.embeddings.create({ model: 'text-embedding-3-small', input: 'Hi' }),
});
