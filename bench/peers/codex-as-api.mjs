/** codex-as-api as its README says, in front of another upstream than the one it knows. */
const [baseUrl, authJsonPath] = process.argv.slice(2);
// By its place: the project itself neither has nor needs it.
const { ChatGPTOAuthProvider, createApp } = await import(
  new URL('node_modules/codex-as-api/dist/index.js', import.meta.url)
);
const provider = new ChatGPTOAuthProvider({ model: 'gpt-5.5', baseUrl, authJsonPath });
const server = createApp({ provider, model: 'gpt-5.5' }).listen(0, '127.0.0.1', () => {
  process.stdout.write(`127.0.0.1:${server.address().port}\n`);
});
