import { formOf } from './form-client.js';
import { json } from './scripted-upstream/index.js';
import {
  chatBody,
  inspectBody,
  messagesBody,
  paintedAnswer,
  picturesBody,
  pictureToEdit,
  responsesBody,
  v1Answer,
} from './v1-canaries.js';
import { broken, refused, type V1CanaryClient } from './v1-canary-client.js';

const RESPONSES = '/v1/responses';
const CHATS = '/v1/chat/completions';
const MESSAGES = '/v1/messages';

/** Every call that there is on `/v1`, in every way that it may go. @param isStoring whether the client's Pool keeps things */
export async function everyV1Call(client: V1CanaryClient, isStoring: boolean): Promise<void> {
  for (const part of [conversations, wholeAnswers, pictures, files, brokenStores]) await part(client);
  await kept(client, isStoring);
}

const conversations = async (client: V1CanaryClient): Promise<void> => {
  const bodies = [
    [RESPONSES, responsesBody],
    [CHATS, chatBody],
    [MESSAGES, messagesBody],
  ] as const;
  for (const [path, bodyOf] of bodies) {
    for (const stream of [true, false]) await client.everyWay(path, { ...bodyOf(client.canary), stream });
  }
  await client.everyTurn(RESPONSES, responsesBody(client.canary));
  await client.everyWay('/v1/inspect', inspectBody(client.canary));
  await client.call('counted', `${RESPONSES}/input_tokens`, { body: responsesBody(client.canary) });
  await client.call('counted messages', `${MESSAGES}/count_tokens`, { body: messagesBody(client.canary) });
};

/** Their upstream's answers are whole: each is given once, before its usual ones. */
const wholeAnswers = async (client: V1CanaryClient): Promise<void> => {
  const { canary: mine } = client;
  const output = [{ id: 'cmp_1', type: 'compaction', encrypted_content: mine('folded') }];
  const { input, instructions } = responsesBody(mine) as { input: unknown; instructions: string };
  const sound = new File([mine('sound')], `${mine('sound name')}.wav`, { type: 'audio/wav' });
  const speech = formOf(['model', 'whisper-1'], ['prompt', mine('speech prompt')], ['keywords[]', mine('keyword')]);
  speech.append('file', sound);
  const calls = [
    [`${RESPONSES}/compact`, { model: 'gpt-5.5', input, instructions }, { output }],
    ['/v1/compact', messagesBody(mine), { output }],
    [`${MESSAGES}/compact`, messagesBody(mine), { output }],
    ['/v1/audio/transcriptions', speech, { text: mine('heard') }],
  ] as const;
  for (const [path, body, answer] of calls) {
    client.upstream.replyWith(json(200, answer));
    expect(await client.call(path, path, { body })).toContain(mine(path.includes('audio') ? 'heard' : 'folded'));
    client.upstream.replyWith(refused(mine));
    await client.call(`${path} refused`, path, { body });
    client.upstream.replyWith(broken(mine));
    await client.call(`${path} broken`, path, { body });
  }
  speech.append(mine('unknown part'), mine('part'));
  await client.call('wrong speech', '/v1/audio/transcriptions', { body: speech });
};

const pictures = async (client: V1CanaryClient): Promise<void> => {
  const { canary: mine } = client;
  await client.everyWay('/v1/images/generations', picturesBody(mine), paintedAnswer(mine));
  await client.everyWay('/v1/images/edits', picturesBody(mine, pictureToEdit(mine)), paintedAnswer(mine));
  const drawing = new File([mine('drawing')], mine('drawing name'), { type: 'image/png' });
  const form = formOf(['prompt', mine('form prompt')], ['image', drawing], ['mask', drawing]);
  await client.answered('edited in a form', '/v1/images/edits', form, paintedAnswer(mine));
};

const files = async (client: V1CanaryClient): Promise<void> => {
  const { canary: mine } = client;
  const form = () =>
    formOf(['file', new File([mine('bytes')], `${mine('upload name')}.pdf`)], ['purpose', 'user_data']);
  const upload = (way: string, body = form()) => client.call(way, '/v1/files', { body });
  const { id } = JSON.parse(await upload('uploaded')) as { id: string };
  expect(await client.call('listed', `/v1/files?after=${mine('after')}`)).toContain(mine('upload name'));
  await client.call('shown', `/v1/files/${id}`);
  await client.call('content', `/v1/files/${id}/content`);
  await client.call('unknown file', `/v1/files/${mine('file id')}`);
  client.upstream.files.uploadScript = () => json(403, { error: mine('store failure') });
  await upload('not taken');
  client.upstream.files.uploadScript = undefined;
  client.upstream.files.script = () => refused(mine);
  await upload('not announced');
  client.upstream.files.script = undefined;
  const wrong = form();
  wrong.append(mine('form field'), mine('form value'));
  await upload('wrong form', wrong);
  await client.call('deleted', `/v1/files/${id}`, { method: 'DELETE' });
};

/** What was kept, and routes that are there for none or only where something is kept. */
const kept = async (client: V1CanaryClient, isStoring: boolean): Promise<void> => {
  const { canary: mine } = client;
  const reply = v1Answer(mine);
  const made = await client.answered('made', RESPONSES, responsesBody(mine), reply);
  const id = String((JSON.parse(made) as { id: unknown }).id);
  const next = { ...responsesBody(mine), previous_response_id: id };
  await client.answered('gone on', RESPONSES, next, reply);
  const items = await client.call('items', `${RESPONSES}/${id}/input_items`);
  expect(items.includes(mine('prompt'))).toBe(isStoring);
  await client.call('got', `${RESPONSES}/${id}`);
  await client.call('got none', `${RESPONSES}/${mine('response id')}`);
  await client.call('cancelled', `${RESPONSES}/${id}/cancel`, { body: {} });
  const completion = await client.answered('completed', CHATS, { ...chatBody(mine), store: true }, reply);
  const chat = `${CHATS}/${String((JSON.parse(completion) as { id: unknown }).id)}`;
  await client.call('described', chat, { body: { metadata: { later: mine('later') } } });
  const found = await client.call('found', `${CHATS}?metadata[later]=${mine('later')}`);
  expect(found.includes(mine('answer'))).toBe(isStoring);
  await client.call('messages', `${chat}/messages?after=${mine('message id')}`);
  await client.call('unserved', `/v1/embeddings?q=${mine('query')}`, { body: { input: mine('embedded') } });
  const headers = { 'x-api-key': mine('foreign x-api-key') };
  await client.call('wrong x-api-key', MESSAGES, { body: messagesBody(mine), headers });
};

/** What a database says when it refuses may hold what it was asked. */
const brokenStores = async (client: V1CanaryClient): Promise<void> => {
  const { canary: mine } = client;
  const reply = v1Answer(mine);
  await client.gateway.database().query('ALTER TABLE stored_item RENAME TO mislaid');
  await client.answered('not kept', RESPONSES, responsesBody(mine), reply);
  await client.answered('completed, not kept', CHATS, { ...chatBody(mine), store: true }, reply);
  await client.call('not found', `${CHATS}?metadata[later]=${mine('later')}`);
  await client.gateway.database().query('ALTER TABLE mislaid RENAME TO stored_item');
  await client.gateway.database().query('ALTER TABLE uploaded_file RENAME TO mislaid');
  const lost = new File([mine('lost bytes')], `${mine('lost name')}.pdf`);
  await client.call('lost', '/v1/files', { body: formOf(['file', lost], ['purpose', 'vision']) });
  await client.gateway.database().query('ALTER TABLE mislaid RENAME TO uploaded_file');
};
