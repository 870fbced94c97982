/** What it costs when somebody comes back who has seen nothing but the start of a long answer. */
import type { Contender } from './contenders.ts';
import { countTokens, type Figures, nowUs, turn, warmTab } from './measures.ts';

const TOKENS = 100_000;
const TIMES = 10;
const FIRST_CURSOR = /^\{"id":"([^"]+)"/;

export async function resume(contender: Contender): Promise<Figures> {
  const server = await contender.start('stream');
  try {
    const { client, threadId = '', ...tab } = await warmTab(server, 0);
    await turn({ client, ...tab }, `burst ${TOKENS}`, TOKENS);
    let [tokens, rows, first] = [0, 0, null as string | null];
    const onFrame = (payload: Buffer) => {
      const [, cursor] = FIRST_CURSOR.exec(payload.toString('latin1', 0, 80)) ?? [];
      if (cursor === undefined) return;
      first ??= cursor;
      rows += 1;
      tokens += countTokens(payload);
    };
    const comeBack = async (after: string | null) => {
      const again = await server.openThread?.(0, threadId, { after, onFrame });
      again?.client.close();
    };
    await comeBack(null);
    [tokens, rows] = [0, 0];
    const [from, cpu] = [nowUs(), server.program.cpuMs];
    for (let i = 0; i < TIMES; i += 1) await comeBack(first);
    const [tookUs, usedMs] = [nowUs() - from, server.program.cpuMs - cpu];
    if (tokens < TOKENS * TIMES) throw new Error(`resume: ${tokens} of ${TOKENS * TIMES} tokens`);
    return {
      resumeMs: tookUs / TIMES / 1_000,
      resumeRate: tokens / (tookUs / 1e6),
      resumeRows: rows / TIMES,
      resumeCpu: (usedMs * 1_000) / rows,
    };
  } finally {
    await server.stop();
  }
}
