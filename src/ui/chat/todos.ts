/** Claude's own to-do list, as its tool calls of one run make it. */
import { words } from '../words/words.ts';
import type { ToolItem } from './thread.ts';
import { toolInput } from './tool-summary.ts';

export interface Todo {
  readonly id: string;
  readonly text: string;
  readonly state: 'pending' | 'in_progress' | 'completed';
}

const TOOLS = new Set(['TodoWrite', 'TaskCreate', 'TaskUpdate', 'TaskList', 'TaskGet']);
const STATES = new Set(['pending', 'in_progress', 'completed']);

/** A call that went wrong is shown as what it is. */
export function isTodoCall({ name, state }: ToolItem): boolean {
  return TOOLS.has(name) && state !== 'failed';
}

/** @param calls In order; what is still being written changes nothing yet. */
export function todosIn(calls: readonly ToolItem[]): Todo[] {
  const todos = new Map<string, Todo>();
  for (const { name, args, result } of calls) {
    const input = toolInput(args);
    if (!input) continue;
    if (name === 'TodoWrite') writeAll(todos, input.todos);
    if (name === 'TaskCreate') create(todos, input, result);
    if (name === 'TaskUpdate') update(todos, input);
  }
  return [...todos.values()];
}

type Fields = Record<string, unknown>;

function writeAll(todos: Map<string, Todo>, value: unknown): void {
  if (!Array.isArray(value)) return;
  todos.clear();
  value.forEach((one: Fields, index) => {
    const state = stateOf(one.status) ?? 'pending';
    const words = state === 'in_progress' ? (one.activeForm ?? one.content) : one.content;
    todos.set(String(index), { id: String(index), text: String(words ?? ''), state });
  });
}

/** The id is told in the result: “Task #3 created successfully: …”. */
function create(todos: Map<string, Todo>, input: Fields, result: string | null): void {
  const id = /#([\w-]+)/.exec(result ?? '')?.[1] ?? `new ${todos.size}`;
  todos.set(id, { id, text: String(input.subject ?? input.description ?? ''), state: 'pending' });
}

function update(todos: Map<string, Todo>, { taskId, status, subject }: Fields): void {
  const id = String(taskId);
  if (status === 'deleted') return void todos.delete(id);
  const known = todos.get(id) ?? { id, text: words.chat.task(id), state: 'pending' as const };
  const text = typeof subject === 'string' ? subject : known.text;
  todos.set(id, { id, text, state: stateOf(status) ?? known.state });
}

function stateOf(value: unknown): Todo['state'] | null {
  return STATES.has(value as string) ? (value as Todo['state']) : null;
}
