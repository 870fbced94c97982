/** How far the CLI's transcript has come, and what a session that begins anew is told first. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { launchOf, scripted } from './programs.ts';
import { stageClaude } from './staged-claude.ts';

/** Reached only when what is awaited does not happen. */
const BOUND = { timeout: 20_000 };
const init = { say: { type: 'system', subtype: 'init' } };
const result = { say: { type: 'result', is_error: false } };
const line = (uuid: string, fields: object) => ({
  say: { uuid, parent_tool_use_id: null, ...fields },
});
const says = (uuid: string, fields: object = {}) =>
  line(uuid, { type: 'assistant', message: { id: 'm', content: [] }, ...fields });
const toolResult = (uuid: string) =>
  line(uuid, {
    type: 'user',
    message: { content: [{ type: 'tool_result', tool_use_id: 't', content: 'x' }] },
  });

async function reachedBy(...turn: unknown[]) {
  const claude = stageClaude(scripted({ initialize: ['ready'], user: turn }), {
    prompts: { a: 'hello' },
    input: { newUuid: () => 'ours' },
  });
  await claude.heard('claude.ready');
  claude.prompt('a');
  const ended = await claude.heard('claude.turnEnded');
  const told = claude.all('claude.reached');
  assert.ok(claude.said.indexOf(told[0] as never) < claude.said.indexOf(ended));
  await claude.stop();
  return told.map(({ uuid }) => uuid)[0];
}

test(
  '[BR4] a turn’s end tells the last line of the conversation, and no subagent’s',
  BOUND,
  async () => {
    const subagent = says('theirs', { parent_tool_use_id: 'toolu_1' });
    assert.equal(await reachedBy(init, says('one'), says('two'), subagent, result), 'two');
    assert.equal(await reachedBy(init, says('one'), toolResult('two'), result), 'two');
  },
);

test(
  '[BR4] of a turn that was not answered the prompt itself is the last line',
  BOUND,
  async () => {
    assert.equal(await reachedBy(init, result), 'ours');
  },
);

test('[BR4] a process that dies in a turn tells how far it had come', BOUND, async () => {
  const script = { initialize: ['ready'], user: [init, says('one'), { exit: 3 }] };
  const claude = stageClaude(scripted(script));
  await claude.heard('claude.ready');
  claude.prompt('a');
  await claude.heard('claude.exited');
  assert.deepEqual(
    claude.all('claude.reached').map(({ uuid }) => uuid),
    ['one'],
  );
  claude.abandon();
});

test(
  '[BR5] what was said before stands before the first prompt, and only there',
  BOUND,
  async () => {
    const command = scripted({ initialize: ['ready'], user: [init, 'echo', result] });
    const launch = () => ({
      ...launchOf(command, { PATH: process.env.PATH ?? '' }),
      seed: 'earlier',
    });
    const claude = stageClaude(command, {
      prompts: { a: 'first', b: 'second' },
      input: { launch },
    });
    await claude.heard('claude.ready');
    const contentOf = async (runId: string) => {
      const from = claude.said.length;
      const start = claude.text.length;
      claude.prompt(runId);
      await claude.heard('claude.turnEnded', from);
      return JSON.parse(claude.text.slice(start)).heard.message.content;
    };
    assert.deepEqual(await contentOf('a'), [
      { type: 'text', text: 'earlier' },
      { type: 'text', text: 'first' },
    ]);
    assert.equal(await contentOf('b'), 'second');
    await claude.stop();
  },
);
