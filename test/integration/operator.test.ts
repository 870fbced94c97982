/** The operator's hand on the real CLI, in the sandbox where there is one: each setting does what it says. */
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { bwrapIsMissing } from '../support/bwrap.ts';
import {
  bashAllowed,
  newFile,
  removeDirs,
  startOperatorServer,
} from '../support/operator-server.ts';
import { ScriptedApi } from '../support/scripted-api.ts';
import { ServedProcess } from '../support/served-process.ts';

const SANDBOX = { CHAT_SANDBOX: bwrapIsMissing() === null ? 'bwrap' : 'none' };
const MCP_SERVER = fileURLToPath(new URL('../fixtures/programs/mcp.ts', import.meta.url));

describe('the operator’s hand', { timeout: 120_000 }, () => {
  let api: ScriptedApi;
  before(async () => {
    api = await ScriptedApi.start();
  });
  afterEach(() => ServedProcess.endAll());
  after(async () => {
    await api.stop();
    removeDirs();
  });

  /** One turn under these settings in which Claude uses `tool`; the results of the tool. */
  async function turn(env: Record<string, string>, tool: string, input: Record<string, unknown>) {
    const { served, connect } = await startOperatorServer(api, { ...SANDBOX, ...env });
    api.answer = ({ toolResults }) =>
      toolResults.length > 0 ? [{ text: 'Done.' }] : [{ tool, input }];
    const client = await connect('ada');
    const end = await client.runEnded(client.prompt(await client.hello(), 'use it'));
    await served.end('SIGTERM');
    return { end, request: api.requests.at(-1) };
  }

  test('[R57] what the settings file allows runs without being asked for', async () => {
    const { end, request } = await turn(bashAllowed(), 'Bash', { command: 'echo allowed' });
    assert.equal(end.type === 'RUN_FINISHED' && end.outcome?.type, 'success');
    assert.deepEqual(request?.toolResults, ['allowed']);
  });

  test('[R57] what the operator denies is refused, whatever is allowed', async () => {
    const env = { ...bashAllowed(), CHAT_CLAUDE_DENY: 'Bash(touch *), WebFetch,Bash(echo a, b)' };
    for (const command of ['touch made', 'echo a, b']) {
      const { end, request } = await turn(env, 'Bash', { command });
      assert.equal(end.type === 'RUN_FINISHED' && end.outcome?.type, 'success', 'nobody is asked');
      assert.match(request?.toolResults[0] ?? '', /denied/);
    }
    const { request } = await turn(env, 'Bash', { command: 'echo allowed' });
    assert.deepEqual(request?.toolResults, ['allowed']);
    assert.doesNotMatch(JSON.stringify(request?.body.tools), /"WebFetch"/);
  });

  test('the system prompt of the operator is added to the CLI’s own', async () => {
    const file = newFile('soul.md', 'You are the canary of this garden.');
    for (const name of ['CHAT_CLAUDE_SYSTEM_PROMPT_FILE', 'CHAT_SOUL_MD_PATH']) {
      const { request } = await turn({ [name]: file }, 'Read', { file_path: '/nonexistent' });
      const system = JSON.stringify(request?.body.system);
      assert.match(system, /You are the canary of this garden\./);
      assert.ok(system.length > 2_000, 'its own is there too');
    }
  });

  test('an MCP server of the operator’s file is there, and its tool works', async () => {
    const server = { command: process.execPath, args: [MCP_SERVER, 'a canary sings'] };
    const settings = JSON.stringify({ permissions: { allow: ['mcp__garden__tell'] } });
    const env = {
      CHAT_CLAUDE_MCP_CONFIG_FILE: newFile(
        'mcp.json',
        JSON.stringify({ mcpServers: { garden: server } }),
      ),
      CHAT_CLAUDE_SETTINGS_FILE: newFile('settings.json', settings),
      CHAT_SANDBOX_BINDS: `${process.execPath},${MCP_SERVER}`,
    };
    const { request } = await turn(env, 'mcp__garden__tell', {});
    assert.ok(JSON.stringify(request?.body).includes('mcp__garden__tell\\n'), 'it is on the list');
    assert.match(JSON.stringify(request?.toolResults), /a canary sings/);
  });
});
