import { memo } from 'react';
import type { Todo } from '../chat/todos.ts';

const STATE_WORDS: Record<Todo['state'], string> = {
  pending: 'to do',
  in_progress: 'in progress',
  completed: 'done',
};

/** Claude's own list of what is to be done, as it stands now. */
export const TodoList = memo(function TodoList({ todos }: { todos: readonly Todo[] }) {
  if (todos.length === 0) return null;
  const done = todos.filter(({ state }) => state === 'completed').length;
  return (
    <section className="card todos" aria-label="Claude’s to-do list">
      <h3 className="todos-title">
        To do <span className="quiet">{`${done} of ${todos.length} done`}</span>
      </h3>
      <ul>
        {todos.map(({ id, text, state }) => (
          <li key={id} className={`todo ${state}`}>
            <span className="todo-mark" aria-hidden="true" />
            <span className="todo-text">
              {text}
              <span className="hidden">, {STATE_WORDS[state]}</span>
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
});
