/** What users choose, with the real CLI, a real git and a Messages API on loopback. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { userDirs } from '../../src/claude/launch.ts';
import { settingsIn } from '../claude/programs.ts';
import { TestClient } from '../support/client.ts';
import { startForge, type TestForge } from '../support/forge.ts';
import { realCliSettings } from '../support/messages-api.ts';
import { ScriptedApi } from '../support/scripted-api.ts';
import { startServer, type TestServer } from '../support/server.ts';

const root = mkdtempSync(join(tmpdir(), 'greenroom-forge-'));
after(() => rmSync(root, { recursive: true, force: true }));

describe('choices, with the real CLI', { timeout: 180_000 }, () => {
  let api: ScriptedApi;
  let forge: TestForge;
  let server: TestServer;

  before(async () => {
    api = await ScriptedApi.start(() => [{ text: 'As asked.' }]);
    forge = await startForge(root);
    forge.add('ada/engine', { 'engine.txt': 'ENGINE-CONTENT\n' });
    server = await startServer({
      ...realCliSettings(api),
      CHAT_MAX_FRAMES_PER_SECOND: 'unlimited', // one test asks until there is an answer
      CHAT_CLAUDE_MODELS: 'opus,haiku',
      CHAT_CLAUDE_MODEL: 'opus',
      CHAT_CLAUDE_COMMANDS: 'cost,context,compact',
      FORGE_URL: forge.url,
    });
  });
  after(async () => {
    await server.stop();
    await Promise.all([api.stop(), forge.stop()]);
  });

  const connect = async (user: string) =>
    TestClient.open(server.webSocketUrl, server.origin, await server.cookieFor(user));
  const workspaceOf = (user: string) => userDirs(settingsIn(server.dataDir), user).workspace;
  const choose = async (client: TestClient, change: object): Promise<string | null> => {
    const ref = crypto.randomUUID();
    const from = client.frames.length;
    client.send({ type: 'choose', ...change, ref });
    const isReply = (frame: object) => 'ref' in frame && frame.ref === ref;
    const reply = await client.find(isReply, from);
    return 'fault' in reply ? (reply.fault as string | null) : 'no reply';
  };
  const asked = () => {
    const request = api.requests.at(-1);
    const config = request?.body.output_config as { effort?: string } | undefined;
    return {
      model: request?.model,
      effort: config?.effort,
      text: JSON.stringify(request?.body.messages),
    };
  };

  test('[CH1] the CLI tells the names and efforts of what is offered', async () => {
    const client = await connect('amy');
    const offered = async () => {
      const from = client.frames.length;
      await client.hello();
      return (await client.direct('welcome', from)).offers;
    };
    // It was asked when the server started, and nobody waited for the answer.
    let offers = await offered();
    while (offers.models[0]?.efforts.length === 0) offers = await offered();
    assert.deepEqual(
      offers.models.map(({ id, name }) => [id, name]),
      [
        ['opus', 'Opus'],
        ['haiku', 'Haiku'],
      ],
    );
    assert.ok(offers.models[0]?.efforts.includes('max'));
    assert.match(offers.commands[2]?.description ?? '', /context/);
    await client.close();
  });

  test('[CH3] another model and effort answer from the next turn on, and the conversation is known to them', async () => {
    const client = await connect('bea');
    const thread = await client.hello();
    await client.runEnded(client.prompt(thread, 'the first prompt'));
    const standard = asked();
    assert.match(standard.model ?? '', /opus/);
    assert.equal(await choose(client, { model: 'haiku', effort: 'max' }), null);
    await client.runEnded(client.prompt(thread, 'the second prompt'));
    const chosen = asked();
    assert.match(chosen.model ?? '', /haiku/);
    assert.equal(chosen.effort, 'max');
    assert.match(chosen.text, /the first prompt/);
    assert.doesNotMatch(
      chosen.text,
      /local-command/,
      'the change is not told to the model as text',
    );
    assert.equal(await choose(client, { model: 'sonnet' }), 'choice.refused');
    assert.equal(await choose(client, { effort: '--help' }), 'choice.refused');
    await client.close();
  });

  test('[CH4] a command on the list is run, and its own words are shown', async () => {
    const client = await connect('cleo');
    const thread = await client.hello();
    await client.runEnded(client.prompt(thread, 'hello'));
    const before = api.requests.length;
    const end = await client.runEnded(client.prompt(thread, '/context'));
    assert.equal(end.type, 'RUN_FINISHED');
    assert.match(client.text, /Context Usage/);
    await client.runEnded(client.prompt(thread, '/cost'));
    assert.match(client.text, /Total (cost|duration)|Estimated cost/);
    assert.equal(api.requests.length, before, 'neither needs the model');
    api.answer = () => [{ text: '<summary>We said hello.</summary>' }];
    await client.runEnded(client.prompt(thread, '/compact'));
    assert.match(client.text, /Compacted/);
    api.answer = () => [{ text: 'As asked.' }];
    await client.close();
  });

  test('[R53] a command that is not on the list is text', async () => {
    const client = await connect('dora');
    const thread = await client.hello();
    await client.runEnded(client.prompt(thread, '/model haiku'));
    assert.match(asked().text, /"\/model haiku"/);
    await client.close();
  });

  test('[CH5] a file in the working directory is read, one outside of it is not', async () => {
    const client = await connect('eve');
    const thread = await client.hello();
    await client.runEnded(client.prompt(thread, 'hello'));
    const workspace = workspaceOf('eve');
    writeFileSync(join(workspace, 'notes.txt'), 'NOTES-CONTENT\n');
    writeFileSync(join(server.dataDir, 'outside.txt'), 'OUTSIDE-CONTENT\n');
    symlinkSync(join(server.dataDir, 'outside.txt'), join(workspace, 'link.txt'));
    await client.runEnded(client.prompt(thread, 'read @notes.txt please'));
    assert.match(asked().text, /NOTES-CONTENT/);
    for (const path of ['link.txt', join(server.dataDir, 'outside.txt')]) {
      await client.runEnded(client.prompt(thread, `read @${path} please`));
      assert.doesNotMatch(asked().text, /OUTSIDE-CONTENT/);
    }
    await client.close();
  });

  test('[CH6] a conversation begins on a clone, and goes on there', async () => {
    const client = await connect('fay');
    const thread = await client.hello();
    assert.equal(await choose(client, { repository: 'ada/nothing' }), 'repository.unknown');
    assert.equal(await choose(client, { repository: 'ada/engine' }), null);
    const clone = join(workspaceOf('fay'), 'ada', 'engine');
    assert.equal(readFileSync(join(clone, 'engine.txt'), 'utf8'), 'ENGINE-CONTENT\n');
    await client.runEnded(client.prompt(thread, 'read @engine.txt please'));
    assert.match(asked().text, /ENGINE-CONTENT/);
    assert.match(asked().text, /ada\/engine/);
    assert.equal(await choose(client, { repository: 'ada/other' }), 'choice.refused');
    assert.equal(await choose(client, { model: 'haiku' }), null);
    await client.runEnded(client.prompt(thread, 'and now?'));
    assert.match(asked().text, /read @engine.txt please/, 'its transcript is found');
    const url = `${server.origin}/chat/api/files/complete?q=engine&threadId=${thread}`;
    const answer = await fetch(url, { headers: { Cookie: await server.cookieFor('fay') } });
    assert.deepEqual(await answer.json(), { paths: ['engine.txt'] });
    await client.close();
  });
});
