import { memo } from 'react';
import type { Todo } from '../chat/todos.ts';
import { words } from '../words/words.ts';

/** Claude's own list of what is to be done, as it stands now. */
export const TodoList = memo(function TodoList({ todos }: { todos: readonly Todo[] }) {
  if (todos.length === 0) return null;
  const done = todos.filter(({ state }) => state === 'completed').length;
  return (
    <section className="card todos" aria-label={words.view.todoLabel}>
      <h3 className="todos-title">
        {words.view.todoTitle}{' '}
        <span className="quiet">{words.view.todoDone(done, todos.length)}</span>
      </h3>
      <ul>
        {todos.map(({ id, text, state }) => (
          <li key={id} className={`todo ${state}`}>
            <span className="todo-mark" aria-hidden="true" />
            <span className="todo-text">
              {text}
              <span className="hidden">, {words.view.todo[state]}</span>
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
});
